import type { MemberView } from '../member/member.ts';

const highest = new WeakMap<MemberView, number>();

/**
 * Bytes sent to a member, so that they only grow: a head that did not leave is taken off again, and a counter that falls
 * would be taken for one that has begun anew.
 */
export function mostSent(member: MemberView): number {
  const most = Math.max(highest.get(member) ?? 0, member.sent);
  highest.set(member, most);
  return most;
}
