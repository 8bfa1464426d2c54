import type { HealthSettings } from '../definition/settings.ts';
import { countCheck, noChecks, type CheckCounts, type CheckEvent } from '../health/count-checks.ts';
import type { MemberState } from '../member/member-state.ts';
import { Status } from '../member/status.ts';

/** A check as another process tells of it. */
export type HeardCheck = Readonly<{
  passed: boolean;
  /** A few words for people. */
  why: string;
  counts: CheckCounts;
  /** Whether the member counts as failed there. */
  hasFailed: boolean;
  /** Whether this check has changed its state there. */
  isEvent: boolean;
  /** How long ago it began, and ended. */
  beganAgoMs: number;
  endedAgoMs: number;
}>;

/**
 * What a heard check makes of the counts and the state here. It takes both ends to change a state: a process that has just
 * begun may count a member as failed that has passed every check so far. A check that began at or before `errorAt` says
 * nothing of the time after it. `own`: the counts here.
 */
export function weighHeard(
  { passed, counts, hasFailed, isEvent }: HeardCheck,
  beganAt: number,
  own: CheckCounts,
  state: Pick<MemberState, 'status' | 'errorAt' | 'ejectedMs'>,
  health: Pick<HealthSettings, 'passes' | 'fails'>,
): Readonly<{ counts: CheckCounts; event: CheckEvent | undefined }> {
  const isFailedHere = (state.status & Status.healthCheckFailed) !== 0;
  if (!passed) {
    if (hasFailed && !isFailedHere) return { counts: noChecks, event: 'checks-failed' };
    return { counts: limit(counts, health), event: undefined };
  }
  if (state.errorAt !== undefined && beganAt <= state.errorAt) return { counts: own, event: undefined };
  if (isFailedHere) {
    if (hasFailed) return { counts: limit(counts, health), event: undefined };
    return { counts: noChecks, event: 'checks-passed' };
  }
  // Whoever checks may not know that it is in error here, and counts nothing then.
  const before = isEvent ? health.passes : Math.max(own.passed, counts.passed - 1);
  return countCheck({ passed: before, failed: 0 }, true, state, health);
}

/** The last check of a row is made here, whatever others count up to. */
function limit({ passed, failed }: CheckCounts, { passes, fails }: Pick<HealthSettings, 'passes' | 'fails'>) {
  return { passed: Math.min(passed, passes - 1), failed: Math.min(failed, fails - 1) };
}
