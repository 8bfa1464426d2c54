import { describe, expect, test } from '@jest/globals';
import { bounds, createHistogram } from '../../../src/tally/histogram.ts';

describe('the bounds of a histogram', () => {
  test('are ten to each power of ten, from 0.1 ms to 100 s', () => {
    expect(bounds.slice(0, 11)).toEqual([0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1]);
    expect(bounds.slice(-4)).toEqual([50_000, 60_000, 75_000, 100_000]);
    expect(bounds).toHaveLength(61);
    expect(bounds).toEqual(bounds.toSorted((one, other) => one - other));
  });

  test.each([1, 2.5, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000])(
    'hold those that are usual in Prometheus: %d ms',
    (ms) => {
      expect(bounds).toContain(ms);
    },
  );

  test('are never further apart than a third, so that a quantile cannot be further off', () => {
    const factors = bounds.slice(1).map((bound, i) => bound / bounds[i]!);
    expect(Math.max(...factors)).toBeCloseTo(4 / 3, 10);
  });
});

describe('a histogram', () => {
  test.each<[ms: number, bucket: number]>([
    [0, 0],
    [0.1, 0],
    [0.100001, 1],
    [1, 10],
    [1.1, 11],
    [1.25, 11],
    [99_999, 60],
    [100_000, 60],
    [100_001, 61],
    [3_600_000, 61],
  ])('counts %d ms among those up to the next bound', (ms, bucket) => {
    const histogram = createHistogram();
    histogram.record(ms);
    expect([...histogram.counts].flatMap((count, i) => (count > 0 ? [[i, count]] : []))).toEqual([
      [bucket, 1],
    ]);
    expect(histogram).toMatchObject({ count: 1, sum: ms });
  });

  test('finds the bucket of every bound, and of what is just above', () => {
    for (const [i, bound] of bounds.entries()) {
      const histogram = createHistogram();
      histogram.record(bound);
      histogram.record(bound * 1.0001);
      expect([histogram.counts[i], histogram.counts[i + 1]]).toEqual([1, 1]);
    }
  });

  test('adds up: each time is in one bucket, in the count and in the sum', () => {
    const histogram = createHistogram();
    for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms);
    expect(histogram.count).toBe(1_000);
    expect(histogram.sum).toBe(500_500);
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(1_000);
    expect(histogram.counts).toHaveLength(bounds.length + 1);
  });
});
