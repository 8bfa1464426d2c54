import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { registerMetrics, type MetricsOptions } from '../../../src/metrics/index.ts';
import { createCounted, type Counted } from '../../support/counted.ts';
import { readExposition, tabulate } from '../../support/prometheus.ts';

/** A balancer whose metrics are read time and again. */
function watch(
  counted: Counted,
  options: MetricsOptions,
): (name: string, labels?: readonly string[]) => Promise<Readonly<Record<string, number>>> {
  const registry = new Registry();
  registerMetrics(registry, [counted.balancer], options);
  return async (name, labels = ['member']) =>
    tabulate(readExposition(await registry.metrics()), `balancer_${name}`, labels);
}

function elect(counted: Counted, elected: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(elected)) counted.member(name).elected += count;
}

describe('more members than have series of their own', () => {
  test('the others are told together, so that totals hold', async () => {
    const counted = createCounted('shop', 'a, b, c D, d*3');
    const read = watch(counted, { maxMembers: 2 });
    elect(counted, { a: 1, b: 2, c: 4, d: 8 });
    counted.tally.of(counted.member('c')).noteOutcome('answered', 20);
    counted.tally.of(counted.member('d')).noteOutcome('answered', 300);
    counted.tally.of(counted.member('d')).noteOutcome('reset', 1);
    expect(await read('member_elected_total')).toEqual({ a: 1, b: 2, other: 12 });
    expect(await read('attempts_total', ['member', 'outcome'])).toEqual({
      'other answered': 2,
      'other reset': 1,
    });
    expect(await read('response_time_seconds', ['member', 'le'])).toMatchObject({
      'other 0.01': 0,
      'other 0.025': 1,
      'other 0.5': 2,
      'other +Inf': 2,
    });
    expect(await read('member_up')).toEqual({ a: 1, b: 1, other: 1 });
    expect(await read('member_state', ['member', 'state'])).toMatchObject({
      'other ok': 1,
      'other disabled': 1,
    });
    expect(await read('member_loadfactor')).toEqual({ a: 1, b: 1, other: 4 });
    expect(await read('member_info')).toEqual({ a: 1, b: 1 });
  });

  test('as many as may are told by name, and nobody as other', async () => {
    const read = watch(createCounted('shop', 'a, b'), { maxMembers: 2 });
    expect(await read('member_elected_total')).toEqual({ a: 0, b: 0 });
  });

  test('a thousand have series of their own where nobody says otherwise', async () => {
    const names = Array.from({ length: 1_001 }, (_, i) => `m${i}`);
    const read = watch(createCounted('shop', names.join(',')), {});
    const up = await read('member_up');
    expect(Object.keys(up)).toHaveLength(1_001);
    expect(up).toMatchObject({ m999: 1, other: 1 });
    expect(up).not.toHaveProperty('m1000');
  });

  test('what they have counted is kept when they go: a counter must not fall', async () => {
    const counted = createCounted('shop', 'a, b, c');
    const read = watch(counted, { maxMembers: 1 });
    elect(counted, { a: 1, b: 2, c: 4 });
    counted.member('b').busy = 1;
    counted.tally.of(counted.member('b')).noteOutcome('answered', 20);
    expect(await read('member_elected_total')).toEqual({ a: 1, other: 6 });
    counted.remove('b');
    expect(await read('member_elected_total')).toEqual({ a: 1, other: 6 });
    expect(await read('response_time_seconds', ['member', 'le'])).toMatchObject({ 'other +Inf': 1 });
    expect(await read('requests_in_flight')).toEqual({ a: 0, other: 0 });
    counted.remove('c');
    elect(counted, { a: 1 });
    expect(await read('member_elected_total')).toEqual({ a: 2, other: 6 });
    expect(await read('requests_in_flight')).toEqual({ a: 0 });
  });

  test('whoever has begun among the others stays there when there is room, and newcomers take it', async () => {
    const counted = createCounted('shop', 'a, b');
    const read = watch(counted, { maxMembers: 1 });
    elect(counted, { a: 1, b: 2 });
    expect(await read('member_elected_total')).toEqual({ a: 1, other: 2 });
    counted.remove('a');
    counted.add('c');
    elect(counted, { b: 2, c: 1 });
    expect(await read('member_elected_total')).toEqual({ c: 1, other: 4 });
  });

  test('a member that is called other does not make two series of one name', async () => {
    const counted = createCounted('shop', 'other, a, b');
    const read = watch(counted, { maxMembers: 1 });
    elect(counted, { other: 1, a: 2, b: 4 });
    expect(await read('member_elected_total')).toEqual({ a: 2, other: 5 });
  });
});

test('members that leave take their series with them, and those that come bring theirs', async () => {
  const counted = createCounted('shop', 'a, b');
  const read = watch(counted, {});
  elect(counted, { a: 1, b: 2 });
  expect(await read('member_elected_total')).toEqual({ a: 1, b: 2 });
  counted.remove('b');
  counted.add('c');
  expect(await read('member_elected_total')).toEqual({ a: 1, c: 0 });
});
