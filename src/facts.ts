import type { ChoiceReason } from './choice/choose-member.ts';
import type { FailureKind } from './forward/outcome.ts';

/** What became of one attempt. */
export type AttemptOutcome =
  /** It has begun and not ended. */
  | 'pending'
  /** The member's answer was given to the client. */
  | 'answered'
  /** The member's answer was one that `failoverOn` lists, and another member was tried. */
  | 'discarded'
  /** The member is a function of the app, and has called `next`. */
  | 'passed-on'
  /** The connection was switched to another protocol. */
  | 'upgraded'
  /** The client left first, or the app answered it. */
  | 'client-gone'
  /** `deadline` was over first. */
  | 'deadline'
  | FailureKind;

/** One attempt at one member. */
export type AttemptFacts<Name extends string = string> = Readonly<{
  /** URL of the member (httpd BALANCER_WORKER_NAME). */
  member: string;
  /** Its route if it has one to itself, else its URL as the definition writes it. */
  name: Name;
  /** Why this member. */
  reason: ChoiceReason;
  /** What became of it. */
  outcome: AttemptOutcome;
  /** Status of the member's answer, if there was one. */
  status: number | undefined;
  /** What ended it, such as `ECONNREFUSED`. */
  code: string | undefined;
  /** When it began, after the request came in; in milliseconds. */
  startedMs: number;
  /** Until the head of the answer, or the end; in milliseconds. */
  durationMs: number;
}>;

/** `req.balancer`: what httpd's BALANCER_* variables tell, for logs and later middleware. Current at any time. */
export type BalancerFacts<Name extends string = string> = Readonly<{
  /** Name of the balancer (BALANCER_NAME). */
  name: string;
  /** Name of the cookie or parameter that delivered the route (BALANCER_SESSION_STICKY). */
  sticky: string | undefined;
  /** Route found in the request (BALANCER_SESSION_ROUTE). */
  route: string | undefined;
  /** URL of the member that was chosen last (BALANCER_WORKER_NAME). */
  member: string | undefined;
  /** Its route (BALANCER_WORKER_ROUTE). */
  memberRoute: string | undefined;
  /** Stickiness is configured, and the request has no route or went elsewhere than it says (BALANCER_ROUTE_CHANGED). */
  routeChanged: boolean;
  /** When it came in; in milliseconds since 1970. `startedMs` of its attempts count from here. */
  arrivedAt: number;
  /** How long it has waited for a member; in milliseconds. */
  waitedMs: number;
  /** In order. */
  attempts: readonly AttemptFacts<Name>[];
}>;
