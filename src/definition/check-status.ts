import {
  enabled,
  parseStatus,
  splitSign,
  splitStatus,
  Status,
  statusLetters,
  statusWords,
} from '../member/status.ts';
import { quote } from './describe.ts';
import type { Fault } from './problem.ts';
import { findNearest, foldName } from './spelling.ts';

const known: readonly string[] = [...statusWords.keys(), enabled];

/** What else people call these states, folded. */
const otherWords: Readonly<Record<string, string>> = {
  down: 'disabled',
  disable: 'disabled',
  off: 'disabled',
  inactive: 'disabled',
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
  on: enabled,
  active: enabled,
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

/** What is wrong with a text of status letters and words upon these flags; undefined when nothing is. */
export function findStatusFault(text: string, initial = 0): Fault | undefined {
  for (const part of splitStatus(text)) {
    const fault = judgePart(part);
    if (fault) return judgeWhole(text.trim()) ?? fault;
  }
  // A text that sets both is told so, whatever was there.
  return judgeRoles(parseStatus(text)) ?? judgeRoles(parseStatus(text, initial), initial);
}

/** What is wrong with flags upon those before: who waits for all others does not stand in for the first. */
export function judgeRoles(flags: number, before = 0): Fault | undefined {
  const both = Status.hotStandby | Status.hotSpare;
  if ((flags & both) !== both || (before & both) === both) return undefined;
  const had = before & Status.hotStandby ? 'H' : before & Status.hotSpare ? 'R' : undefined;
  return {
    problem: 'a member is a hot standby or a hot spare, not both',
    advice: had === undefined ? "write 'H' or 'R'" : `write '-${had}' too`,
  };
}

/** Forms that mean one word, or a text: `hot standby`, `disabled=true`, `status=+D`. */
function judgeWhole(text: string): Fault | undefined {
  if (text.length > 100) return undefined;
  const [, assigned] = /^status\s*=\s*(.+)$/i.exec(text) ?? [];
  if (assigned !== undefined && findStatusFault(assigned) === undefined)
    return { problem: 'it is what stands after status=', advice: `write ${quote(assigned)}` };
  const [, name, value] = /^(.+?)\s*[=:]\s*(true|on|yes|1|false|off|no|0)$/i.exec(text) ?? [];
  if (name === undefined && !/\s/.test(text)) return undefined;
  const [sign, word] = splitSign(name ?? text);
  const right = findSame(word);
  if (right === undefined) return undefined;
  const negates = (sign === '-') !== /^(false|off|no|0)$/i.test(value ?? '');
  const advice = right === enabled && negates ? 'disabled' : `${negates ? '-' : sign}${right}`;
  return {
    problem: name === undefined ? `${quote(word)} is no status word` : 'a word alone says so',
    advice: `write '${advice}'`,
  };
}

function judgePart(part: string): Fault | undefined {
  const [sign, word] = splitSign(part);
  if (statusWords.has(word)) return undefined;
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
    : { problem: `${show(shorten(word))} is no status word`, advice: `write '${sign}${right}'` };
}

function judgeLetters(part: string): Fault | undefined {
  for (const letter of part) {
    if (letter === '+' || letter === '-' || statusLetters.has(letter)) continue;
    const reason = internal.get(letter);
    if (reason) return { problem: `${reason} and cannot be set`, advice: `leave out the ${letter}` };
    const upper = part.toUpperCase();
    if (upper !== part && judgeLetters(upper) === undefined) {
      return { problem: 'status letters are upper case', advice: `write '${upper}'` };
    }
    return {
      problem: `${show(letter)} is no status letter`,
      advice: `write letters of ${[...statusLetters.keys()].join(' ')}, such as 'D' or '+H-E', or words such as 'drain'`,
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

/** The word that is written otherwise, or that others have another one for. */
function findSame(given: string): string | undefined {
  const name = foldName(given);
  if (Object.hasOwn(otherWords, name)) return otherWords[name];
  return known.find((word) => foldName(word) === name);
}

/** The word that was probably meant. One or two letters are seldom a word. */
function findWord(given: string): string | undefined {
  return findSame(given) ?? (foldName(given).length < 3 ? undefined : findNearest(given, known));
}

function shorten(word: string): string {
  return word.length > 24 ? `${word.slice(0, 23)}…` : word;
}

/** As it is, where nothing in it could be taken for something else. */
function show(text: string): string {
  return /^[!-~]+…?$/.test(text) ? text : quote(text);
}
