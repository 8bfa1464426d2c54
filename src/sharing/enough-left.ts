import { isServing } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

const setAside = Status.disabled | Status.stopped | Status.drain;

/**
 * Whether a member may be left alone because another process says so: half of those that are there to serve go on. Who
 * reaches Redis and no member would take all of them from everybody else; whatever is down beyond that is soon found here.
 */
export function mayLose(member: MemberView, members: readonly MemberView[]): boolean {
  if (!isServing(member.state)) return true;
  let all = 0;
  let serving = 0;
  for (const { state } of members) {
    if (state.status & setAside) continue;
    all += 1;
    if (isServing(state)) serving += 1;
  }
  return serving - 1 >= Math.floor(all / 2);
}
