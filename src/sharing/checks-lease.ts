import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { Hub } from './hub.ts';

/** How a process stands to the lease of a balancer's checks. */
export type LeaseSeat = Readonly<{
  /** A check here has ended. For an interval the lease is left to others, once it is handed on and nobody takes it. */
  checked(member: MemberView, passed: boolean, members: readonly MemberView[], intervalMs: number): void;
  /** Another process has told of its checks, and has the lease. */
  heardHolder(): void;
  /** Called at each turn. */
  look(): void;
  leave(): void;
}>;

/** What it goes by. */
export type LeaseSeatParts = Readonly<{
  hub: Pick<Hub, 'status' | 'has' | 'want' | 'release'>;
  lease: string;
  /** A clock in milliseconds that never goes back. */
  now: () => number;
}>;

/**
 * Wants the lease, but not always: who finds every member failing may be the one that reaches nobody, and hands it on to
 * a process that may find otherwise. Where that finds the same, the lease goes round, once in an interval.
 */
export function createLeaseSeat({ hub, lease, now }: LeaseSeatParts): LeaseSeat {
  /** Those that were checked since the lease came here, while none has passed. */
  let failed = new Set<MemberView>();
  let backAt: number | undefined;

  function want(): void {
    backAt = undefined;
    hub.want(lease);
  }

  want();
  return {
    checked(member, passed, members, intervalMs) {
      const status = hub.status();
      if (passed || !hub.has(lease) || status.kind !== 'shared' || status.processes < 2) {
        failed = new Set();
        return;
      }
      failed.add(member);
      if (!members.every((each) => !isChecked(each) || (isFailing(each) && failed.has(each)))) return;
      failed = new Set();
      backAt = now() + intervalMs;
      hub.release(lease);
    },
    heardHolder() {
      if (backAt !== undefined) want();
    },
    look() {
      if (backAt !== undefined && now() >= backAt) want();
    },
    leave() {
      backAt = undefined;
      hub.release(lease);
    },
  };
}

function isChecked({ settings: { health, handler, resolve }, state }: MemberView): boolean {
  return health !== undefined && !handler && !resolve && (state.status & Status.stopped) === 0;
}

function isFailing({ state }: MemberView): boolean {
  return (state.status & Status.healthCheckFailed) !== 0;
}
