import type { HealthSettings } from '../definition/settings.ts';
import type { MemberState } from '../member/member-state.ts';
import { Status } from '../member/status.ts';

/** Checks in a row that have passed since the member failed, or have failed while it has not failed them; one is always 0. */
export type CheckCounts = Readonly<{ passed: number; failed: number }>;

/** The counts before the first check. */
export const noChecks: CheckCounts = { passed: 0, failed: 0 };

/** What health checks tell of a member. */
export type CheckEvent = 'checks-failed' | 'checks-passed';

/**
 * Counts one check. In a row, where httpd adds up over days. As in httpd, only what could change something counts: a good
 * check of a healthy member says nothing of the time after its next failure.
 */
export function countCheck(
  counts: CheckCounts,
  passed: boolean,
  state: Pick<MemberState, 'status' | 'errorAt' | 'ejectedMs'>,
  { passes, fails }: Pick<HealthSettings, 'passes' | 'fails'>,
): Readonly<{ counts: CheckCounts; event: CheckEvent | undefined }> {
  const hasFailedChecks = (state.status & Status.healthCheckFailed) !== 0;
  if (!passed) {
    const failed = counts.failed + 1;
    if (hasFailedChecks) return { counts: noChecks, event: undefined };
    if (failed >= fails) return { counts: noChecks, event: 'checks-failed' };
    return { counts: { passed: 0, failed }, event: undefined };
  }
  const count = counts.passed + 1;
  // One that is ejected has passed its checks all along.
  const mayReturn = hasFailedChecks || (state.errorAt !== undefined && state.ejectedMs === undefined);
  if (!mayReturn) return { counts: noChecks, event: undefined };
  if (count >= passes) return { counts: noChecks, event: 'checks-passed' };
  return { counts: { passed: count, failed: 0 }, event: undefined };
}
