import { describe, expect, test } from '@jest/globals';
import { createHistogram } from '../../../src/tally/histogram.ts';
import { quantile } from '../../../src/tally/quantile.ts';

function countsOf(...times: readonly number[]): Float64Array {
  const histogram = createHistogram();
  for (const ms of times) histogram.record(ms);
  return Float64Array.from(histogram.counts);
}

describe('a quantile', () => {
  test('is unknown where nothing was recorded, since the beginning or since then', () => {
    const counts = countsOf(5, 6, 7);
    expect(quantile(countsOf(), undefined, 0.5)).toBeUndefined();
    expect(quantile(counts, counts, 0.5)).toBeUndefined();
  });

  test.each([
    [0, 4],
    [0.25, 4.25],
    [0.5, 4.5],
    [1, 5],
    [-1, 4],
    [2, 5],
  ])('goes straight through its bucket: %d of four between 4 and 5 ms is %d', (q, ms) => {
    expect(quantile(countsOf(4.1, 4.2, 5, 5), undefined, q)).toBeCloseTo(ms, 10);
  });

  test('goes over buckets that are empty', () => {
    const counts = countsOf(1, 1, 1, 90);
    expect(quantile(counts, undefined, 0.75)).toBe(1);
    expect(quantile(counts, undefined, 0.875)).toBe((75 + 100) / 2);
    expect(quantile(counts, undefined, 1)).toBe(100);
  });

  test('begins at nothing in the first bucket, and ends at the last bound', () => {
    expect(quantile(countsOf(0.01), undefined, 0.5)).toBe(0.05);
    expect(quantile(countsOf(200_000), undefined, 0.99)).toBe(100_000);
  });

  test('is of what was recorded between two readings', () => {
    const before = countsOf(...Array<number>(1_000).fill(0.2));
    const now = countsOf(...Array<number>(1_000).fill(0.2), 3, 3);
    expect(quantile(now, undefined, 0.5)).toBeLessThan(0.2);
    expect(quantile(now, before, 0.5)).toBe(2.75);
  });

  test.each([0.5, 0.95, 0.99])('%d of ten thousand times is within a sixth of what it is', (q) => {
    const times = Array.from({ length: 10_000 }, (_, i) => 2 + (i / 100) ** 2);
    const exact = times[Math.ceil(q * times.length) - 1]!;
    const found = quantile(countsOf(...times), undefined, q)!;
    expect(Math.abs(found / exact - 1)).toBeLessThan(1 / 6);
  });
});
