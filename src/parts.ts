import type { ChoiceRules } from './choice/choose-member.ts';
import type { Settings } from './definition/settings.ts';
import type { Origin, Sender } from './forward/sender.ts';
import type { InFlight } from './in-flight.ts';
import type { Members } from './member/members.ts';
import type { Account } from './account.ts';
import type { BoundSession } from './request/bind-session.ts';
import type { Body } from './request/body.ts';
import type { Inbound } from './request/inbound.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Rewriter } from './rewrite/rewriter.ts';

/** What all requests of a balancer share. */
export type Parts = Readonly<{
  settings: Settings;
  rules: ChoiceRules;
  members: Members;
  sender: Sender;
  rewriter: Rewriter;
  budget: RetryBudget;
  inFlight: InFlight;
  /** Monotonic, in milliseconds. */
  now: () => number;
}>;

/** One request, read and bound to its session. */
export type Work = Readonly<{
  origin: Origin;
  inbound: Inbound;
  session: BoundSession;
  body: Body;
  account: Account;
}>;
