import { isServing } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { BalancerTally, MemberTally } from '../tally/tally.ts';
import type { Works } from '../works.ts';

/** What the metrics tell of one member. */
export type MemberFigures = Readonly<{
  member: MemberView;
  tally: MemberTally;
  /** Bytes that were sent to it. */
  sent: number;
  /** Of the clock that sessions are counted by. */
  now: number;
}>;

/** What the metrics tell of one balancer. */
export type BalancerFigures = Readonly<{
  name: string;
  tally: BalancerTally;
  /** Requests that wait now. */
  waiting: number;
  members: readonly MemberFigures[];
}>;

/** Reads them: nothing is counted for the metrics alone. */
export function readFigures(works: Works): BalancerFigures {
  const { settings, tally, room, members, now } = works.now().parts;
  const at = now();
  return {
    name: settings.name,
    tally: tally.balancer,
    waiting: room.size(),
    members: members.view().map((member) => ({
      member,
      tally: tally.of(member),
      sent: mostSent(member),
      now: at,
    })),
  };
}

const highest = new WeakMap<MemberView, number>();

/** A head that did not leave is taken off again; a counter that falls would be taken for one that has begun anew. */
function mostSent(member: MemberView): number {
  const most = Math.max(highest.get(member) ?? 0, member.sent);
  highest.set(member, most);
  return most;
}

/** Each word for a member's state, and whether it is so. */
export function tellStates({ state }: MemberView): Readonly<Record<string, boolean>> {
  const has = (flag: number): boolean => (state.status & flag) !== 0;
  return {
    ok: isServing(state),
    disabled: has(Status.disabled),
    stopped: has(Status.stopped),
    draining: has(Status.drain),
    in_error: has(Status.inError),
    ejected: state.ejectedMs !== undefined,
    health_check_failed: has(Status.healthCheckFailed),
  };
}
