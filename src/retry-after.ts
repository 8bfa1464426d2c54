import { earliestRetry } from './choice/choose-member.ts';
import type { MemberView } from './member/member.ts';

/** Retry-After in whole seconds, until the first member in error is due again (RFC 9110 10.2.3); nothing when none is. */
export function retryAfter(members: readonly MemberView[], now: number): Readonly<Record<string, string>> {
  const at = earliestRetry(members);
  return at === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil((at - now) / 1000))) };
}
