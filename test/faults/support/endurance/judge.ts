import { expect } from '@jest/globals';
import type { Endured } from './run.ts';

/** How much a heap may differ between two looks at a front that has lost nothing: code that was compiled, caches of Node. */
const noiseBytes = 3_000_000;

/** A front ends where it began, whatever happened in between, and nobody got what was another's. */
export function expectNothingLost({ before, after, counts, exitCode }: Endured): void {
  expect(counts.wrong).toBe(0);
  expect(counts.whole).toBeGreaterThan(100 * counts.failed);
  expect(counts.echoed).toBeGreaterThan(0);
  expect([after.unforeseen, after.warnings]).toEqual([[], []]);
  expect(after.resources).toEqual(before.resources);
  expect(after.listeners).toBe(before.listeners);
  expect(after.descriptors).toBe(before.descriptors);
  expect(after.heapBytes - before.heapBytes).toBeLessThan(noiseBytes);
  expect(after.bufferBytes - before.bufferBytes).toBeLessThan(noiseBytes);
  expect(exitCode).toBe(0);
}

/** A line of figures for the log. */
export function printEndured(name: string, { before, after, counts }: Endured): string {
  const heapKiB = Math.round((after.heapBytes - before.heapBytes) / 1_024);
  const outcomes = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  const attempts = after.elected - before.elected;
  return `${name}: ${outcomes.join(', ')}; ${attempts} attempts; heap ${heapKiB} KiB more, ${after.descriptors} descriptors\n`;
}
