import { describe } from '../definition/describe.ts';
import { parseDuration } from '../definition/duration.ts';
import type { Duration } from '../definition/definition.ts';
import { isFault } from '../definition/problem.ts';
import { findNearest } from '../definition/spelling.ts';

/** A duration in milliseconds; a number is in seconds, as in a definition. */
export function readDuration(value: Duration, what: string): number {
  const ms = parseDuration(value, { unit: 's', zero: 'allowed' });
  if (isFault(ms)) throw new TypeError(`${what}: ${describe(value)}: ${ms.problem}; ${ms.advice}`);
  return ms;
}

/** A whole number from `least` on. */
export function readCount(value: unknown, what: string, least = 1): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${what}: ${describe(value)}: write a whole number from ${least} on`);
}

/** One of some names. */
export function readName<Name extends string>(value: unknown, names: readonly Name[], what: string): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const nearest = typeof value === 'string' ? findNearest(value, names) : undefined;
  const advice = nearest === undefined ? `there are ${names.join(', ')}` : `do you mean '${nearest}'?`;
  throw new TypeError(`${what}: ${describe(value)}: there is no member of that name; ${advice}`);
}
