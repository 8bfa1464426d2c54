import { expect, test } from '@jest/globals';
import { jitter } from '../../../src/health/jitter.ts';
import { createRandom } from '../../support/seeded-random.ts';

test.each([
  [1000, 0, 900],
  [1000, 0.25, 950],
  [1000, 0.5, 1000],
  [1000, 0.75, 1050],
  [30_000, 0, 27_000],
  [30_000, 0.999, 32_994],
  // The longest delay of Node's timers.
  [2 ** 31 - 1, 0.9, 2 ** 31 - 1],
])('%i ms become with chance %d about %i ms', (intervalMs, random, expected) => {
  expect(jitter(intervalMs, random)).toBeCloseTo(expected, 6);
});

test('keeps the interval on average, and to a tenth', () => {
  const random = createRandom(1);
  const delays = Array.from({ length: 10_000 }, () => jitter(1000, random.below(2 ** 20) / 2 ** 20));
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  expect(mean).toBeGreaterThan(995);
  expect(mean).toBeLessThan(1005);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(900);
  expect(Math.max(...delays)).toBeLessThan(1100);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(190);
});
