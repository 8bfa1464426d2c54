import type { ChoiceRules } from './choice/choose-member.ts';
import type { Events } from './events.ts';
import type { Settings } from './definition/settings.ts';
import type { Origin, Sender } from './forward/sender.ts';
import type { HealthChecks } from './health/health-checks.ts';
import type { InFlight } from './in-flight.ts';
import type { Members } from './member/members.ts';
import type { MountPaths } from './mount-paths.ts';
import type { Account } from './account.ts';
import type { BoundSession } from './request/bind-session.ts';
import type { Body } from './request/body.ts';
import type { Inbound } from './request/inbound.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Ending } from './ending.ts';
import type { Tally } from './tally/tally.ts';
import type { Partings } from './tunnel/partings.ts';
import type { WaitingRoom } from './waiting/waiting-room.ts';
import type { Rewriter } from './rewrite/rewriter.ts';
import type { Warnings } from './warnings/warnings.ts';

/**
 * What all requests of a balancer share. A change of its definition makes new parts: requests that have begun go on by
 * theirs, but for the members, which are the same for all.
 */
export type Parts = Readonly<{
  settings: Settings;
  rules: ChoiceRules;
  members: Members;
  sender: Sender;
  rewriter: Rewriter;
  budget: RetryBudget;
  inFlight: InFlight;
  partings: Partings;
  mountPaths: MountPaths;
  /** Where requests wait that nobody can serve now. */
  room: WaitingRoom;
  events: Events;
  tally: Tally;
  /** Looks for mistakes of the set-up. */
  warnings: Warnings;
  /** DNS has not told yet who is behind a name. */
  isDiscovering: () => boolean;
  /** What the health checks of a member have found; undefined: its health is not checked. */
  checkReport: HealthChecks['report'];
  /** Monotonic, in milliseconds. */
  now: () => number;
  /** A number from 0 up to 1, another one each time. */
  random: () => number;
}>;

/** One request, read and bound to its session. */
export type Work = Readonly<{
  origin: Origin;
  inbound: Inbound;
  session: BoundSession;
  body: Body;
  account: Account;
  ending: Ending;
  /** The app's later middleware. */
  next: (error?: unknown) => void;
}>;
