import { describe, expect, test } from '@jest/globals';
import { rampOf, weightOf } from '../../../src/member/weight.ts';
import { weigh } from '../../../src/choice/weights.ts';
import { buildCandidates } from '../choice/views.ts';

const slow = { settings: { slowStartMs: 10_000 }, state: { upSince: 5_000 } };

describe('a slow start', () => {
  test.each([
    ['before it', 4_000, 0.1, 20],
    ['at its start', 5_000, 0.1, 20],
    ['at its middle', 10_000, 0.55, 110],
    ['just before its end', 14_999, 0.99991, 200],
    ['at its end', 15_000, 1, 200],
    ['long after', 1e9, 1, 200],
  ])('goes from a tenth of the weight to all of it, in a line: %s', (_when, now, ramp, weight) => {
    const [a] = buildCandidates('a*2', { a: slow });
    expect(rampOf(a, now)).toBeCloseTo(ramp, 10);
    expect(weightOf(a, now)).toBe(weight);
  });

  test.each([
    ['none is asked for', { state: { upSince: 0 } }],
    ['it was always up', { settings: { slowStartMs: 10_000 } }],
  ])('leaves the load factor as it is when %s', (_why, past) => {
    const [a] = buildCandidates('a*1.23', { a: past });
    expect([rampOf(a, 1), weightOf(a, 1)]).toEqual([1, 123]);
  });
});

describe('the weights of a list', () => {
  test('are those of its members, in their order', () => {
    const { each, total, isSteady } = weigh(buildCandidates('a, b*3, c*2'), 0);
    expect([[...each], total, isSteady]).toEqual([[100, 300, 200], 600, true]);
  });

  test('follow a slow start to its end', () => {
    const candidates = buildCandidates('a, b', { b: slow });
    const weights = [5_000, 10_000, 15_000, 15_001].map((now) => weigh(candidates, now));
    expect(weights.map(({ total }) => total)).toEqual([110, 155, 200, 200]);
    expect(weights.map(({ isSteady }) => isSteady)).toEqual([false, false, true, true]);
  });

  test('are read once for a list while nobody is in a slow start', () => {
    const candidates = buildCandidates('a, b');
    expect(weigh(candidates, 1_000_000)).toBe(weigh(candidates, 0));
  });
});
