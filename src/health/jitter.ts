import { longestMs } from '../definition/duration.ts';

/** The time until the next check: the interval, give or take a tenth, so that members do not fall into step. `random` is from 0 up to 1. */
export function jitter(intervalMs: number, random: number): number {
  // A longer timer of Node would fire at once.
  return Math.min(intervalMs * (0.9 + 0.2 * random), longestMs);
}
