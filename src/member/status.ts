import type { Fault } from '../definition/problem.ts';
import { findNearest, foldName } from '../definition/spelling.ts';

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

const words: ReadonlyMap<string, number> = new Map([
  ['disabled', Status.disabled],
  ['stopped', Status.stopped],
  ['drain', Status.drain],
  ['in-error', Status.inError],
  ['ignore-errors', Status.ignoreErrors],
  ['hot-standby', Status.hotStandby],
  ['hot-spare', Status.hotSpare],
  ['health-check-failed', Status.healthCheckFailed],
]);

/** The word for a member that has none of these flags. */
const enabled = 'enabled';
const notEnabled = Status.disabled | Status.stopped | Status.drain;

/** What else people call these states, folded. */
const otherWords: Readonly<Record<string, string>> = {
  down: 'disabled',
  disable: 'disabled',
  maint: 'stopped',
  maintenance: 'stopped',
  offline: 'stopped',
  stop: 'stopped',
  draining: 'drain',
  drained: 'drain',
  error: 'in-error',
  failed: 'in-error',
  err: 'in-error',
  ignore: 'ignore-errors',
  backup: 'hot-standby',
  standby: 'hot-standby',
  spare: 'hot-spare',
  unhealthy: 'health-check-failed',
  up: enabled,
  ok: enabled,
  ready: enabled,
  enable: enabled,
  online: enabled,
};

const internal: ReadonlyMap<string, string> = new Map([
  ['O', 'O (initialised) says what httpd has done with a member'],
  ['G', 'G (generic) marks a worker of httpd that is no member'],
  ['U', 'U (in shutdown) is for a member that is being removed'],
  ['F', 'F (free) marks an empty slot in the memory that httpd shares'],
]);

/** What is wrong with a text of status letters and words; undefined when nothing is. */
export function findStatusFault(text: string): Fault | undefined {
  for (const part of split(text)) {
    const fault = judgePart(part);
    if (fault) return fault;
  }
  return undefined;
}

/**
 * Sets and clears flags: letters as httpd's `status=` does, or words, with blanks or commas between them.
 * `+` (which is the default) sets, `-` clears, and among letters a sign holds until the next one: `S-E` stops the
 * member and clears its error. `enabled` clears D, S and N. Throws a RangeError for anything else.
 */
export function parseStatus(text: string, initial = 0): number {
  const fault = findStatusFault(text);
  if (fault) throw new RangeError(`${fault.problem}; ${fault.advice}`);
  return split(text).reduce(applyPart, initial);
}

function split(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

function applyPart(flags: number, part: string): number {
  const [sign, word] = splitSign(part);
  if (word === enabled) return flags & ~notEnabled;
  const ofWord = words.get(word);
  if (ofWord !== undefined) return sign === '-' ? flags & ~ofWord : flags | ofWord;
  let next = flags;
  let sets = true;
  for (const letter of part) {
    const flag = letters.get(letter);
    if (flag === undefined) sets = letter === '+';
    else next = sets ? next | flag : next & ~flag;
  }
  return next;
}

function splitSign(part: string): readonly [sign: string, word: string] {
  return /^[+-]/.test(part) ? [part.slice(0, 1), part.slice(1)] : ['', part];
}

function judgePart(part: string): Fault | undefined {
  const [sign, word] = splitSign(part);
  if (words.has(word)) return undefined;
  if (word === enabled) {
    if (sign !== '-') return undefined;
    return {
      problem: 'a member can be disabled, stopped or drained',
      advice: "write 'disabled', 'S' or 'N'",
    };
  }
  const fault = judgeLetters(part);
  if (fault === undefined) return undefined;
  const right = findWord(word);
  return right === undefined
    ? fault
    : { problem: `${shorten(word)} is no status word`, advice: `write '${sign}${right}'` };
}

function judgeLetters(part: string): Fault | undefined {
  for (const letter of part) {
    if (letter === '+' || letter === '-' || letters.has(letter)) continue;
    const reason = internal.get(letter);
    if (reason) return { problem: `${reason} and cannot be set`, advice: `leave out the ${letter}` };
    const upper = part.toUpperCase();
    if (upper !== part && judgeLetters(upper) === undefined) {
      return { problem: 'status letters are upper case', advice: `write '${upper}'` };
    }
    return {
      problem: `${letter} is no status letter`,
      advice: `write letters of ${[...letters.keys()].join(' ')}, such as 'D' or '+H-E', or words such as 'drain'`,
    };
  }
  if (/[+-](?![A-Z])/.test(part)) {
    return {
      problem: 'a sign stands before a letter or a word',
      advice: "write it so: '+D', '-E', '+drain'",
    };
  }
  return undefined;
}

/** The word that was probably meant. One or two letters are no word. */
function findWord(given: string): string | undefined {
  const name = foldName(given);
  if (name.length < 2) return undefined;
  if (Object.hasOwn(otherWords, name)) return otherWords[name];
  return name.length < 3 ? undefined : findNearest(given, [...words.keys(), enabled]);
}

function shorten(word: string): string {
  return word.length > 24 ? `${word.slice(0, 23)}…` : word;
}

/** The letters of the flags that are set, in the order of httpd's manual; `''` for none. */
export function printStatus(flags: number): string {
  let text = '';
  for (const [letter, flag] of letters) if (flags & flag) text += letter;
  return text;
}
