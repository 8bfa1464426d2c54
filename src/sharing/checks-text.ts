import { isRecord } from '../changes/copy-json.ts';
import { cleanText } from '../manager/clean-text.ts';
import type { HeardCheck } from './checks-heard.ts';

/** One check on its way. `member`: as `abbreviate` calls it. `number`: another one with each check of the process. */
export type ToldCheck = Readonly<{ member: string; number: number; check: HeardCheck }>;

/** What one process tells the others in passing. */
export type ChecksText = Readonly<{
  /** Whether it has the lease. */
  isHolder: boolean;
  /** Whether it wants to be told of every member: it knows nothing yet. */
  asks: boolean;
  checks: readonly ToldCheck[];
}>;

/** Longer texts would hold up what else there is to send. */
const mostChecks = 500;
const longestText = 262_144;
const longestWhy = 100;
const mostInARow = 1_000_000;
/** Nobody tells of a check that is older. */
const longestAgoMs = 3_600_000;

const bits = { passed: 1, hasFailed: 2, isEvent: 4 } as const;

/** How many checks one text has room for. */
export const roomOfText = mostChecks;

/** `{"holder":1,"checks":[["1f2aB-_z",17,1,0,0,12,4,"200"]]}`: number, flags, passed and failed in a row, began and ended so many milliseconds ago. */
export function writeChecks({ isHolder, asks, checks }: ChecksText): string {
  return JSON.stringify({
    ...(isHolder ? { holder: 1 } : {}),
    ...(asks ? { asks: 1 } : {}),
    checks: checks.map(({ member, number, check }) => [
      member,
      number,
      (check.passed ? bits.passed : 0) |
        (check.hasFailed ? bits.hasFailed : 0) |
        (check.isEvent ? bits.isEvent : 0),
      check.counts.passed,
      check.counts.failed,
      Math.round(check.beganAgoMs),
      Math.round(check.endedAgoMs),
      check.why.slice(0, longestWhy).toWellFormed(),
    ]),
  });
}

/** Reads what another process has told. What is wrong with it, in words, beside what is right of it. */
export function readChecks(text: string): ChecksText & Readonly<{ fault: string | undefined }> {
  const nothing = { isHolder: false, asks: false, checks: [] };
  if (text.length > longestText) return { ...nothing, fault: `it is longer than ${longestText} characters` };
  const value = parse(text);
  const list = isRecord(value) ? value['checks'] : undefined;
  if (!isRecord(value) || !Array.isArray(list) || list.length > mostChecks)
    return { ...nothing, fault: `it is no list of up to ${mostChecks} checks` };
  const checks = list.flatMap((element) => readOne(element) ?? []);
  const fault = checks.length < list.length ? 'not every check in it is one' : undefined;
  return { isHolder: value['holder'] === 1, asks: value['asks'] === 1, checks, fault };
}

function readOne(element: unknown): ToldCheck | undefined {
  if (!Array.isArray(element)) return undefined;
  const [member, number, flags, passed, failed, began, ended, why] = element as readonly unknown[];
  if (typeof member !== 'string' || member.length > 100 || typeof why !== 'string') return undefined;
  if (!isCount(number) || !isCount(flags) || !isCount(passed) || !isCount(failed)) return undefined;
  if (!isCount(began) || !isCount(ended) || passed > mostInARow || failed > mostInARow) return undefined;
  const endedAgoMs = Math.min(ended, longestAgoMs);
  const check = {
    passed: (flags & bits.passed) !== 0,
    hasFailed: (flags & bits.hasFailed) !== 0,
    isEvent: (flags & bits.isEvent) !== 0,
    counts: { passed, failed },
    beganAgoMs: Math.max(endedAgoMs, Math.min(began, longestAgoMs)),
    endedAgoMs,
    why: cleanWhy(why),
  };
  return { member, number, check };
}

/** A reason of somebody's, as pages show it. */
export function cleanWhy(why: string): string {
  return cleanText(why.slice(0, longestWhy));
}

/** Whether a value is a number to count with. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
