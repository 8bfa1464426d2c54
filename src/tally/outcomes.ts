import type { AttemptOutcome } from '../facts.ts';

// A record rather than a list, so that the compiler misses one that is missing.
const known: Readonly<Record<AttemptOutcome, true>> = {
  pending: true,
  answered: true,
  discarded: true,
  'passed-on': true,
  upgraded: true,
  'client-gone': true,
  deadline: true,
  connect: true,
  'connect-timeout': true,
  reset: true,
  timeout: true,
  'bad-answer': true,
  'bad-request': true,
};

/** Every word for what became of an attempt. */
export const outcomes: ReadonlySet<AttemptOutcome> = new Set(Object.keys(known) as AttemptOutcome[]);
