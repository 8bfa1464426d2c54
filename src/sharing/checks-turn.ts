import type { MemberView } from '../member/member.ts';
import type { Hub } from './hub.ts';

/** Whose turn it is to check each member of one balancer. */
export type DutyRoster = Readonly<{
  /** Who the members are from now on. Nobody can have told yet of those that are new. */
  meet(members: readonly MemberView[]): void;
  /** Another process has told of a check that ended so long ago. */
  heard(member: MemberView, process: string, isHolder: boolean, agoMs: number): void;
  left(process: string): void;
  isMine(member: MemberView, intervalMs: number): boolean;
  close(): void;
}>;

/** What it goes by. */
export type DutyRosterParts = Readonly<{
  hub: Pick<Hub, 'process' | 'status' | 'has'>;
  lease: string;
  /** A clock in milliseconds that never goes back. */
  now: () => number;
}>;

/** So long nobody checks who may still find the others. */
const joiningMs = 1000;
const graceMs = 1000;

/**
 * Who has the lease checks all members. One that nobody tells of is checked by whoever misses that: the one who has the
 * lease may not know it, or hang. Of several who do, the one whose name comes first goes on.
 */
export function createDutyRoster({ hub, lease, now }: DutyRosterParts): DutyRoster {
  const begunAt = now();
  /** Since when nobody has told of a member who could be relied on, and who did. */
  let quiet = new Map<MemberView, Readonly<{ since: number; standIn: string | undefined }>>();
  let isClosed = false;

  return {
    meet(members) {
      const before = quiet;
      const unheard = { since: now(), standIn: undefined };
      quiet = new Map(members.map((member) => [member, before.get(member) ?? unheard]));
    },
    heard(member, process, isHolder, agoMs) {
      if (!isHolder && process > hub.process) return;
      const since = now() - agoMs;
      // Checks are told of again to those who ask.
      if (since < (quiet.get(member)?.since ?? begunAt)) return;
      quiet.set(member, { since, standIn: isHolder ? undefined : process });
    },
    left(process) {
      for (const [member, { standIn }] of quiet) {
        if (standIn === process) quiet.set(member, { since: -Infinity, standIn: undefined });
      }
    },
    isMine(member, intervalMs) {
      const { kind } = hub.status();
      const time = now();
      if (isClosed) return true;
      if (kind === 'joining' && time - begunAt < joiningMs) return false;
      if (kind !== 'shared' || hub.has(lease)) {
        quiet.set(member, { since: time, standIn: undefined });
        return true;
      }
      return time - (quiet.get(member)?.since ?? begunAt) > patienceMs(member, intervalMs);
    },
    close() {
      isClosed = true;
      quiet = new Map();
    },
  };
}

/** One check may be lost on its way; and one that the member leaves without an answer takes its time. */
function patienceMs(member: MemberView, intervalMs: number): number {
  return 2.5 * intervalMs + longestCheckMs(member);
}

/** A check that takes longer was held up here: the process has stood still. */
export function longestCheckMs({ settings: { health } }: MemberView): number {
  return (health ? health.timeoutMs * (1 + health.warmUp.length) : 0) + graceMs;
}
