import { earliestRetry } from '../choice/choose-member.ts';
import type { BalancerErrorCode } from '../errors.ts';
import type { MemberView } from '../member/member.ts';

/**
 * Retry-After in whole seconds (RFC 9110 10.2.3): until the first member in error is due again, nothing when none is;
 * where all are merely busy, a second.
 */
export function retryAfter(
  members: readonly MemberView[],
  now: number,
  code: BalancerErrorCode,
): Readonly<Record<string, string>> {
  if (code === 'ERR_BALANCER_OVERLOAD') return { 'Retry-After': '1' };
  const at = earliestRetry(members);
  return at === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil((at - now) / 1000))) };
}
