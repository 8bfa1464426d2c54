import { describe, expect, test } from '@jest/globals';
import { MinuteWindow, RateWindow } from '../../../../src/manager/survey/windows.ts';
import { createHistogram } from '../../../../src/tally/histogram.ts';

describe('the rate of the last ten seconds', () => {
  test('is what has happened since the oldest mark, a second', () => {
    const window = new RateWindow();
    for (let i = 0; i <= 4; i += 1) window.mark(i * 20, i * 2_000);
    expect(window.rate(100, 10_000)).toBe(10);
  });

  test('forgets what was before that', () => {
    const window = new RateWindow();
    window.mark(0, 0);
    for (let i = 1; i <= 5; i += 1) window.mark(1_000, i * 2_000);
    expect(window.rate(1_000, 12_000)).toBe(0);
  });

  test('does not make a thousand a second of one request in the first millisecond', () => {
    const window = new RateWindow();
    window.mark(0, 0);
    expect(window.rate(1, 1)).toBe(0.5);
  });

  test('counts what was there before it began as nothing', () => {
    const window = new RateWindow();
    window.mark(5_000, 0);
    expect(window.rate(5_000, 2_000)).toBe(0);
  });
});

describe('the quantiles of the last minute', () => {
  function look(window: MinuteWindow, counts: Float64Array, seconds: number): void {
    for (let i = 0; i < seconds / 2; i += 1) window.look(counts);
  }

  test('are of what was recorded within it', () => {
    const histogram = createHistogram();
    const window = new MinuteWindow();
    window.look(histogram.counts);
    for (let i = 0; i < 100; i += 1) histogram.record(i < 98 ? 10 : 1_000);
    const { p50, p95, p99 } = window.quantiles(histogram.counts)!;
    expect(
      [p50, p95, p99].map((ms) => (ms > 8 && ms <= 10 ? 'ten' : ms > 750 && ms <= 1_000 ? 'second' : ms)),
    ).toEqual(['ten', 'ten', 'second']);
  });

  test('forget what is older', () => {
    const histogram = createHistogram();
    const window = new MinuteWindow();
    const counts = histogram.counts as Float64Array;
    look(window, counts, 10);
    histogram.record(5_000);
    look(window, counts, 50);
    expect(window.quantiles(counts)).toBeDefined();
    look(window, counts, 20);
    expect(window.quantiles(counts)).toBeUndefined();
  });

  test('are none where there was no answer', () => {
    const histogram = createHistogram();
    histogram.record(3);
    const window = new MinuteWindow();
    window.look(histogram.counts);
    expect(window.quantiles(histogram.counts)).toBeUndefined();
  });

  test('have one decimal at most', () => {
    const histogram = createHistogram();
    const window = new MinuteWindow();
    window.look(histogram.counts);
    for (const ms of [1.234, 7.77, 333.33]) histogram.record(ms);
    for (const ms of Object.values(window.quantiles(histogram.counts)!))
      expect(ms * 10).toBeCloseTo(Math.round(ms * 10), 9);
  });
});
