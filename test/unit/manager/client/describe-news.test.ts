import { expect, test } from '@jest/globals';
import { describeNews } from '../../../../src/manager/client/describe-news.ts';

test('a new state is told with the member’s name', () => {
  expect(describeNews(new Map([['app1', 'Draining']]))).toBe('app1: Draining');
});

test('of many new states five are told by name, and how many others there are', () => {
  const states = new Map(Array.from({ length: 200 }, (_, i) => [`app${i}`, 'In error']));
  const told = describeNews(states);
  expect(told).toBe(
    'app0: In error. app1: In error. app2: In error. app3: In error. app4: In error. 195 more have changed',
  );
});
