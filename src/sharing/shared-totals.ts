import type { BalancerTally, MemberTally } from '../tally/tally.ts';

/** What another process has counted of one member. */
export type OtherMember = Readonly<{
  busy: number;
  elected: number;
  sent: number;
  received: number;
  failures: number;
  tally: MemberTally;
}>;

/** What another process has counted of one balancer, as it was told last. */
export type OtherBalancer = Readonly<{
  process: string;
  /** Requests that wait, and that are under way. */
  waiting: number;
  inFlight: number;
  tally: BalancerTally;
  /** By what makes two members one (`identifyMember`). */
  members: ReadonlyMap<string, OtherMember>;
}>;

/** The counts of the other processes that share a balancer. */
export type SharedTotals = Readonly<{
  /** As they were read last, at most ten seconds ago; processes that have left are left out. */
  others(): readonly OtherBalancer[];
  /** Reads them, unless that was done within the last second. Resolves after 250 ms at the latest. */
  refresh(): Promise<void>;
}>;
