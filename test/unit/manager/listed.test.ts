import { expect, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { createLister } from '../../../src/manager/listed.ts';

const make = (name: string): Balancer =>
  createBalancer({ name, logger: false, members: ['http://127.0.0.1:9/'] });
const one = make('shop');
const two = make('shop');
const three = make('shop');
const tilde = make('shop~2');
const forum = make('forum');

const idsOf = (list: ReturnType<typeof createLister>): string[] => list().map(({ id }) => id);

test('balancers have their names for ids, and a number where a name is not theirs alone', () => {
  const list = createLister(() => [one, forum, two, three]);
  expect(idsOf(list)).toEqual(['shop', 'forum', 'shop~2', 'shop~3']);
  expect(list().map(({ balancer }) => balancer)).toEqual([one, forum, two, three]);
});

test('a name that looks like such an id is no trap', () => {
  expect(idsOf(createLister(() => [one, tilde, two]))).toEqual(['shop', 'shop~2', 'shop~3']);
  expect(idsOf(createLister(() => [one, two, tilde]))).toEqual(['shop', 'shop~2', 'shop~2~2']);
});

test('an id stays with its balancer when others go and come', () => {
  let there = [one, two];
  const list = createLister(() => there);
  expect(idsOf(list)).toEqual(['shop', 'shop~2']);
  there = [two];
  expect(idsOf(list)).toEqual(['shop~2']);
  there = [three, two];
  expect(idsOf(list)).toEqual(['shop', 'shop~2']);
});
