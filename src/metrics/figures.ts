import { isServing } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { HubStatus } from '../sharing/hub.ts';
import { mostSent } from '../tally/most-sent.ts';
import type { BalancerTally, MemberTally } from '../tally/tally.ts';
import type { Works } from '../works.ts';

/** What the metrics tell of one member. */
export type MemberFigures = Readonly<{
  /** Another one for each member; the same at each time. */
  key: unknown;
  name: string;
  tally: MemberTally;
  busy: number;
  elected: number;
  /** Bytes that were sent to it, and received from it. */
  sent: number;
  received: number;
  /** Undefined: it is told by another process, which says nothing of how it is. `now`: of the clock that sessions are counted by. */
  own: Readonly<{ member: MemberView; now: number }> | undefined;
}>;

/** What the metrics tell of one balancer. */
export type BalancerFigures = Readonly<{
  name: string;
  tally: BalancerTally;
  /** Requests that wait now. */
  waiting: number;
  members: readonly MemberFigures[];
  /** How this process stands to the others; undefined: it shares nothing, or another one tells. */
  sharing: HubStatus | undefined;
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
      key: member,
      name: member.settings.name,
      tally: tally.of(member),
      busy: member.busy,
      elected: member.elected,
      sent: mostSent(member),
      received: member.received,
      own: { member, now: at },
    })),
    sharing: works.membership()?.report().status,
  };
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
