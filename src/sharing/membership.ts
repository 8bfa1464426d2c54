import type { Balancer } from '../balancer.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import type { BalancerOptions } from '../definition/balancer-change.ts';
import type { MemberChange } from '../definition/member-change.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import type { CheckDuty } from '../health/check-duty.ts';
import type { MemberEvent, MemberState } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import type { SharedTotals } from './shared-totals.ts';
import type { HubStatus } from './hub.ts';

/** How a balancer stands to other processes, for people and programs that look on. */
export type SharingReport = Readonly<{
  /** What this process is called: `hostname:pid:1f2a3b4c`. */
  process: string;
  status: HubStatus;
}>;

/** What the program that owns a balancer does to it, where other processes are to do the same. */
export type SharedChanges = Readonly<{
  /** These throw as the balancer's own methods do. */
  change(member: string, change: MemberChange): void;
  add(member: string | MemberDefinition): string;
  remove(member: string): Promise<void>;
  configure(options: BalancerOptions): void;
  /** Lets a member run empty in every process; it is disabled after `deadlineMs`. */
  drain(member: string, deadlineMs: number | undefined): void;
}>;

/** The part of a balancer that shares its state with other processes. */
export type Membership = Readonly<{
  report(): SharingReport;
  changes: SharedChanges;
  /** Every change that holds in all processes, those that the program has made among them; balancers by their names. */
  log: ChangeLog;
  duty: CheckDuty;
  /** A member's state has become another one here. */
  changed(member: MemberView, before: MemberState, event: MemberEvent): void;
  /** A request of the member has begun or ended here. */
  charged(member: MemberView): void;
  totals: SharedTotals;
  /** Shares nothing any more. */
  leave(): void;
}>;

/**
 * What `state` is: made by `redisState`, and handed to the balancers that share it.
 */
export type SharedState = Readonly<{
  /**
   * Lets a balancer share its state with those of the same name in other processes.
   *
   * @internal Balancers call it when they are created.
   * @throws {DefinitionError} when another balancer of this process shares the same name.
   */
  join(balancer: Balancer): Membership;
  /** How this process stands to the others. */
  status(): HubStatus;
  /**
   * Resolves when what holds in the other processes holds here too, or it is known that nobody can be asked: before the
   * first request, so that no member gets one that is drained elsewhere. Never rejects.
   */
  ready(): Promise<void>;
  /** Leaves, and ends the connections that it has made itself: after the balancers are closed. */
  close(): Promise<void>;
}>;
