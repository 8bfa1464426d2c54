import type { BalancerErrorCode } from '../errors.ts';
import type { CheckReport } from '../health/check-loop.ts';
import type { MemberView } from '../member/member.ts';
import { retryAt } from '../member/retry-at.ts';
import { Status } from '../member/status.ts';

/**
 * Retry-After in whole seconds (RFC 9110 10.2.3): until the first member that has failed requests or health checks may be
 * back, nothing when none has; where all are merely busy, a second.
 */
export function retryAfter(
  members: readonly MemberView[],
  now: number,
  code: BalancerErrorCode,
  reportOf: (member: MemberView) => CheckReport | undefined = () => undefined,
): Readonly<Record<string, string>> {
  if (code === 'ERR_BALANCER_OVERLOAD') return { 'Retry-After': '1' };
  const waits = members.flatMap((member) => backIn(member, now, reportOf(member)) ?? []);
  if (waits.length === 0) return {};
  return { 'Retry-After': String(Math.max(1, Math.ceil(Math.min(...waits) / 1000))) };
}

/** How soon a member may be back, in milliseconds; undefined where it serves, or nobody knows. */
function backIn(member: MemberView, now: number, report: CheckReport | undefined): number | undefined {
  const { status, ejectedMs } = member.state;
  if (status & (Status.disabled | Status.stopped)) return undefined;
  const retry = retryAt(member);
  const trialMs = retry === undefined ? undefined : retry - now;
  const checksMs = checkedIn(member, report);
  if (status & Status.healthCheckFailed) {
    // Checks do not bring back who is ejected.
    return checksMs === undefined || ejectedMs === undefined ? checksMs : Math.max(checksMs, trialMs ?? 0);
  }
  if (trialMs === undefined || checksMs === undefined || ejectedMs !== undefined) return trialMs;
  return Math.min(trialMs, checksMs);
}

/** In what time enough checks can have passed; undefined where it is not checked. */
function checkedIn({ settings, state }: MemberView, report: CheckReport | undefined): number | undefined {
  const { health, handler } = settings;
  if (!health || handler) return undefined;
  const needed = Math.max(1, health.passes - (report?.passed ?? 0));
  // Who cannot serve before its first check is checked at once.
  const isAtOnce = report && !report.last && (state.status & Status.healthCheckFailed) !== 0;
  return health.intervalMs * (isAtOnce ? needed - 1 : needed);
}
