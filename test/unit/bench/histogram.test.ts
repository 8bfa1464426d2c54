import { describe, expect, test } from '@jest/globals';
import { createHistogram } from '../../../bench/load/histogram.ts';

describe('a histogram of latencies', () => {
  test('knows nothing at first', () => {
    const histogram = createHistogram();
    expect([histogram.quantile(0.99), histogram.longest(), histogram.count()]).toEqual([0, 0, 0]);
  });

  test.each([0, 1, 100, 255])('keeps %d µs exactly', (us) => {
    const histogram = createHistogram();
    histogram.record(us);
    histogram.record(1_000_000);
    expect(histogram.quantile(0.5)).toBe(us);
  });

  test('is at most half a percent off, from 256 µs to 18 hours', () => {
    for (let us = 256; us < 2 ** 36; us *= 1.037) {
      const histogram = createHistogram();
      histogram.record(us);
      histogram.record(2 ** 36);
      expect(Math.abs(histogram.quantile(0.5) - us) / us).toBeLessThanOrEqual(0.005);
    }
  });

  test('never goes back: a longer time is in the same bucket or in a later one', () => {
    let last = 0;
    for (let us = 0; us < 70_000; us += 1) {
      const histogram = createHistogram();
      histogram.record(us);
      histogram.record(2 ** 30);
      const found = histogram.quantile(0.5);
      if (found < last) throw new Error(`${us} µs is told as ${found}, and less was told as ${last}`);
      last = found;
    }
    expect(last).toBeGreaterThan(69_700);
  });

  test('tells what so many times are not longer than', () => {
    const histogram = createHistogram();
    for (let us = 1; us <= 100; us += 1) histogram.record(us);
    expect([0.01, 0.5, 0.99, 0.999, 1].map((part) => histogram.quantile(part))).toEqual([
      1, 50, 99, 100, 100,
    ]);
  });

  test('tells no quantile beyond the longest, which it knows exactly', () => {
    const histogram = createHistogram();
    histogram.record(1_000_001);
    expect(histogram.quantile(1)).toBeLessThanOrEqual(1_000_001);
    expect(histogram.longest()).toBe(1_000_001);
  });

  test('takes in what is longer than its last bucket, and what a clock makes negative', () => {
    const histogram = createHistogram();
    histogram.record(2 ** 50);
    histogram.record(-3);
    expect(histogram.count()).toBe(2);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.longest()).toBe(2 ** 50);
  });
});
