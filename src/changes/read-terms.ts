import { describe } from '../definition/describe.ts';
import { parseDuration } from '../definition/duration.ts';
import {
  checkBy,
  isFault,
  stateProblem,
  type Fault,
  type Judge,
  type Options,
  type Problem,
} from '../definition/problem.ts';
import { isClean } from '../manager/clean-text.ts';
import type { ChangeRequest } from './change.ts';

const longestReason = 500;
const second = 1000;
/** A year. */
export const longestSpanMs = 365 * 24 * 3_600_000;

/** What a change is asked for besides what it does. */
export type Terms = Pick<ChangeRequest, 'reason' | 'forMs'>;

/** Options that everything that is asked for has, and those that only a drain has, with what else people call them. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ['why', 'reason'],
  ['comment', 'reason'],
  ['note', 'reason'],
  ['message', 'reason'],
  ['until', 'for'],
  ['expires', 'for'],
  ['expiry', 'for'],
  ['expire', 'for'],
  ['expiresin', 'for'],
  ['duration', 'for'],
]);

/** The name of a term that was probably meant, where an option is called otherwise. */
export function findTerm(folded: string): string | undefined {
  return otherWords.get(folded);
}

const judgeReason: Judge = (value) => {
  const advice = "write a few words such as 'new disks'";
  if (typeof value !== 'string') return { problem: 'it must be a text', advice };
  if (!isClean(value.trim()))
    return { problem: 'it has something in it that is not seen, or turns what follows', advice };
  return value.trim().length > longestReason
    ? { problem: `it has more than ${longestReason} letters`, advice: 'write fewer' }
    : undefined;
};

/** A time span as a change has it, in milliseconds, or what is wrong with it. */
function parseSpan(value: unknown): number | Fault {
  const ms = parseLongSpan(value) ?? parseDuration(value, { unit: 's', zero: 'allowed' });
  if (isFault(ms)) return ms;
  if (ms < second) return { problem: 'it is shorter than a second', advice: "write '1s' or more" };
  return ms > longestSpanMs
    ? { problem: 'it is longer than a year', advice: "write at most '8760h', or leave it out" }
    : ms;
}

/** Timers, which other time spans are for, run less long. */
function parseLongSpan(value: unknown): number | undefined {
  const [, amount, unit] =
    typeof value === 'string' ? (/^(\d{1,9}(?:\.\d{1,3})?)([smh])$/.exec(value) ?? []) : [];
  if (amount === undefined) return undefined;
  const one = parseDuration(`1${unit!}`, { unit: 's', zero: 'allowed' });
  return isFault(one) ? undefined : Math.round(Number(amount) * one);
}

const checkReason = checkBy(judgeReason);

const checkSpan = checkBy((value) => {
  const ms = parseSpan(value);
  return isFault(ms) ? ms : undefined;
});

/** What is wrong with the terms; null is as good as left out. `times`: the names of those that are time spans. */
export function checkTerms(options: Options, times: readonly string[]): readonly Problem[] {
  const isGiven = (name: string): boolean => (options[name] ?? undefined) !== undefined;
  return [
    ...times.filter(isGiven).flatMap((name) => checkSpan(options[name], `change.${name}`)),
    ...(times.includes('deadline') ? checkDeadline(options) : []),
    ...(isGiven('reason') ? checkReason(options['reason'], 'change.reason') : []),
  ];
}

/** What a drain comes to must come before it has undone itself. */
function checkDeadline({ deadline, for: span }: Options): readonly Problem[] {
  const [deadlineMs, forMs] = [readSpan(deadline), readSpan(span)];
  if (deadlineMs === undefined || forMs === undefined || deadlineMs < forMs) return [];
  const fault = {
    problem: `it would never come: the drain undoes itself after ${describe(span)}`,
    advice: 'write one that is shorter than for',
  };
  return [stateProblem('change.deadline', deadline, fault)];
}

/** Checked terms. */
export function readTerms(options: Options): Terms {
  const { reason: given } = options;
  const reason = typeof given === 'string' ? given.trim() : '';
  return { reason: reason === '' ? undefined : reason, forMs: readSpan(options['for']) };
}

/** A checked time span. */
export function readSpan(value: unknown): number | undefined {
  const ms = value === undefined || value === null ? undefined : parseSpan(value);
  return isFault(ms) ? undefined : ms;
}
