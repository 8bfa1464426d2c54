import type { Duration } from '../definition/definition.ts';
import { complain } from './complain.ts';
import { patienceMs, realNow, rest, turn } from './real-time.ts';
import { readDuration } from './read-options.ts';

/** How long to wait. */
export type Patience = Readonly<{
  /** Of real time, whether or not the clock is stopped. Default: 4 s, which is within the limits of jest and vitest. */
  within?: Duration;
}>;

/** The turns of the event loop that are watched closely; after them one looks every few milliseconds. */
const closeTurns = 200;

/**
 * Resolves with the first value of `look` that is not undefined; looks between the turns of the event loop, so that nothing
 * that happens is slept through. When the time is up it rejects with what `tell` says, and not before it has looked once
 * more: the process may have been held up.
 */
export async function lookUntil<T>(
  look: () => T | undefined,
  tell: (seconds: number) => Error,
  { within }: Patience = {},
): Promise<T> {
  const limitMs = within === undefined ? patienceMs : readDuration(within, 'within');
  const startedAt = realNow();
  let isLate = false;
  for (let turns = 0; ; turns += 1) {
    const found = look();
    if (found !== undefined) return found;
    if (isLate) throw tell(limitMs / 1000);
    if (turns < closeTurns) await turn();
    else await rest(2);
    if (realNow() - startedAt < limitMs) continue;
    for (let extra = 0; extra < 10; extra += 1) await turn();
    isLate = true;
  }
}

/**
 * Resolves once a condition holds, for what has no event of its own: `await until(() => members.app1.requests.length === 2)`.
 * Looks between the turns of the event loop. Rejects with an AssertionError after `within` of real time.
 */
export async function until(condition: () => boolean, patience: Patience = {}): Promise<void> {
  if (typeof condition !== 'function')
    throw new TypeError('until: write a function that tells whether it is so');
  await lookUntil(
    () => condition() || undefined,
    (seconds) =>
      complain({ message: `within ${seconds} s this has not become so: ${condition.toString()}` }, until),
    patience,
  );
}
