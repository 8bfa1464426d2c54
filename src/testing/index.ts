/**
 * For tests of apps with a balancer: members that fail on command, a clock that stops, chance with a seed, and expectations.
 *
 * @module express-proxy-balancer/testing
 */
export { startMembers, type NamesFor, type TestMembers } from './start-members.ts';
export type {
  MemberHandler,
  MemberUpgradeHandler,
  NextRequestOptions,
  TestMember,
  TestMemberDefinition,
} from './test-member.ts';
export type { CutOffOptions, FailOptions, FaultOptions } from './faults.ts';
export type { MemberRequest, RequestPattern } from './member-request.ts';
export { stopClock, type StoppedClock } from './stop-clock.ts';
export { seedChance, type SeededChance } from './seed-chance.ts';
export { tidyUp } from './tidy-up.ts';
export { until, type Patience } from './until.ts';
export { watch, type Watch } from './watch.ts';
export { expectMember, expectSticky, type Answered } from './expect-member.ts';
export { expectOnce, expectServed, type ExpectServedOptions, type ServingMembers } from './expect-served.ts';
export { expectFailover, type Attempted } from './expect-failover.ts';
export { expectIdle, expectStatus } from './expect-state.ts';
