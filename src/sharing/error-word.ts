import type { HeardError, MemberEvent, MemberState } from '../member/member-state.ts';

/** What is said of an error: as it was when it was said. */
export type ErrorMark = Omit<HeardError, 'delayMs'>;

/**
 * What is said of a member: that it is in error, that it is well again, that nobody should have said so, or nothing any
 * more.
 */
export type ErrorWord = ErrorMark | 'cleared' | 'withdrawn' | null;

/** A wrong clock makes nobody older. */
const oldestMs = 86_400_000;
const most = 1e9;

/** What the others should know of a change of a member's state. */
export function findTold(
  before: MemberState,
  after: MemberState,
  event: MemberEvent,
): 'error' | 'cleared' | undefined {
  // What others have told is theirs to tell; that nobody else was left here says nothing of the member.
  if (event === 'forced' || (typeof event === 'object' && event.kind === 'heard')) return undefined;
  if (after.errorAt === undefined) {
    // After a forced recovery, the first answer shows that it is well.
    return before.errorAt !== undefined || event === 'succeeded' ? 'cleared' : undefined;
  }
  const isSame = before.errorAt === after.errorAt && before.failedTrials === after.failedTrials;
  return isSame ? undefined : 'error';
}

/** A state in error, as it is told at `now`. */
export function writeMark(
  { errorAt, retries, failedTrials, ejectedMs }: MemberState,
  now: number,
): ErrorMark {
  const ageMs = clampAge(Math.round(now - (errorAt ?? now)));
  return { ageMs, retries, failedTrials, ejectedMs };
}

/** Reads what is said of a member; undefined: it is no word. */
export function readErrorWord(value: unknown): ErrorWord | undefined {
  if (value === null || value === 'cleared' || value === 'withdrawn') return value;
  if (typeof value !== 'object') return undefined;
  const { ageMs, retries, failedTrials, ejectedMs } = value as Readonly<Record<string, unknown>>;
  if (!isCount(ageMs) || !isCount(retries) || !isCount(failedTrials)) return undefined;
  if (ejectedMs !== undefined && !isCount(ejectedMs)) return undefined;
  return { ageMs, retries, failedTrials, ejectedMs };
}

/** How old a mark is that was said some time ago, by another clock. */
export function ageOf({ ageMs }: ErrorMark, saidAt: number, now: number): number {
  return clampAge(ageMs + Math.max(0, now - saidAt));
}

function clampAge(ms: number): number {
  return Math.min(Math.max(0, ms), oldestMs);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}
