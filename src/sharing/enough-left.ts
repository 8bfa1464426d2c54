import { isServing } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

const setAside = Status.disabled | Status.stopped | Status.drain | Status.hotStandby;

/**
 * Whether a member may be left alone because another process says so: half of those that are there to serve go on, one
 * more where their number is odd. Who reaches Redis and no member would take all of them from everybody else; whatever is
 * down beyond that is soon found here.
 */
export function mayLose(member: MemberView, members: readonly MemberView[]): boolean {
  if (!isServing(member.state) || isAside(member)) return true;
  let all = 0;
  let serving = 0;
  for (const each of members) {
    if (isAside(each)) continue;
    all += 1;
    if (isServing(each.state)) serving += 1;
  }
  return serving - 1 >= Math.ceil(all / 2);
}

/** Whether it serves nobody while the others can: a page that says sorry is no reason to lose them. */
function isAside({ settings, state }: MemberView): boolean {
  return (state.status & setAside) !== 0 || settings.handler !== undefined;
}
