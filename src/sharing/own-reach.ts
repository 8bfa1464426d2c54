import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

/** What requests of this process have told of whether it reaches its members. */
export type OwnReach = Readonly<{
  /** A request has failed there. */
  failed(member: MemberView): void;
  /** Whether every member that it would send requests to has failed here, and answered nothing since. A function says nothing of the network. */
  isNobody(members: readonly MemberView[]): boolean;
}>;

const setAside = Status.disabled | Status.stopped | Status.drain | Status.healthCheckFailed;

export function createOwnReach(): OwnReach {
  /** What had been received by then: states do not tell, since others clear them too. */
  const failedAt = new WeakMap<MemberView, number>();

  return {
    failed(member) {
      failedAt.set(member, member.received);
    },
    isNobody: (members) =>
      members.every(
        (member) =>
          (member.state.status & setAside) !== 0 ||
          member.settings.handler !== undefined ||
          failedAt.get(member) === member.received,
      ),
  };
}
