import type { Fault } from '../definition/problem.ts';

/** httpd's member flags, as bits. */
export const Status = {
  /** `I`: failures do not put it in error. */
  ignoreErrors: 1,
  /** `N`: serves the sessions that are bound to it, and nobody else. */
  drain: 2,
  /** `D`: is not chosen. */
  disabled: 4,
  /** `S`: is not chosen, and no retry or health check brings it back. */
  stopped: 8,
  /** `E`: has failed and is left alone until `retry` is over. */
  inError: 16,
  /** `H`: serves when no other member of its lbset can. */
  hotStandby: 32,
  /** `R`: takes the place of one unusable member of its lbset. */
  hotSpare: 64,
  /** `C`: has failed its health check. */
  healthCheckFailed: 128,
} as const;

const letters: ReadonlyMap<string, number> = new Map([
  ['I', Status.ignoreErrors],
  ['N', Status.drain],
  ['D', Status.disabled],
  ['S', Status.stopped],
  ['E', Status.inError],
  ['H', Status.hotStandby],
  ['R', Status.hotSpare],
  ['C', Status.healthCheckFailed],
]);

const internal: ReadonlyMap<string, string> = new Map([
  ['O', 'O (initialised) says what httpd has done with a member'],
  ['G', 'G (generic) marks a worker of httpd that is no member'],
  ['U', 'U (in shutdown) is for a member that is being removed'],
  ['F', 'F (free) marks an empty slot in the memory that httpd shares'],
]);

/** What is wrong with a text of status letters; undefined when nothing is. */
export function findStatusFault(text: string): Fault | undefined {
  for (const letter of text) {
    if (letter === '+' || letter === '-' || letters.has(letter)) continue;
    const reason = internal.get(letter);
    if (reason) return { problem: `${reason} and cannot be set`, advice: `leave out the ${letter}` };
    const upper = text.toUpperCase();
    if (upper !== text && findStatusFault(upper) === undefined) {
      return { problem: 'status letters are upper case', advice: `write '${upper}'` };
    }
    return {
      problem: `${letter === ' ' ? 'a space' : letter} is no status letter`,
      advice: `write letters of ${[...letters.keys()].join(' ')}, such as 'D' or '+H-E'`,
    };
  }
  if (/[+-](?![A-Z])/.test(text)) {
    return { problem: 'a sign stands before a letter', advice: "write it so: '+D', '-E'" };
  }
  return undefined;
}

/**
 * Sets and clears flags as httpd's `status=` does: `+` (which is the default) sets, `-` clears, and a sign holds
 * until the next one: `S-E` stops the member and clears its error. Throws a RangeError for anything else.
 */
export function parseStatus(text: string, initial = 0): number {
  const fault = findStatusFault(text);
  if (fault) throw new RangeError(`${fault.problem}; ${fault.advice}`);
  let flags = initial;
  let sets = true;
  for (const letter of text) {
    const flag = letters.get(letter);
    if (flag === undefined) sets = letter === '+';
    else flags = sets ? flags | flag : flags & ~flag;
  }
  return flags;
}

/** The letters of the flags that are set, in the order of httpd's manual; `''` for none. */
export function printStatus(flags: number): string {
  let text = '';
  for (const [letter, flag] of letters) if (flags & flag) text += letter;
  return text;
}
