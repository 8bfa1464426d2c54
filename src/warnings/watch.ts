import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Work } from '../parts.ts';
import type { FindSession } from '../request/session.ts';
import type { Reply } from '../rewrite/rewrite-answer.ts';
import type { WarningCode } from './codes.ts';

/** What of a balancer a warning may depend on. */
export type Surroundings = Readonly<{
  settings: Settings;
  findSession: FindSession;
  hasRoute(route: string): boolean;
  /** Whether a member has, or has had, this route. */
  wasRoute(route: string): boolean;
  /** DNS has not told yet who is behind a name. */
  isDiscovering(): boolean;
  /** Milliseconds since 1970. */
  now(): number;
}>;

/** A request that is about to be delivered. */
export type WatchedRequest = Pick<Work, 'origin' | 'inbound' | 'session' | 'body'>;

/** A member's answer, and what the client is told of it. */
export type WatchedAnswer = Readonly<{ reply: Reply; request: WatchedRequest; member: MemberSettings }>;

/** A mistake that shows itself in a request or in an answer. */
export type Watch<Watched> = Readonly<{
  code: WarningCode;
  /** Whether it can be made at all under these settings. */
  isNeeded(settings: Settings): boolean;
  /** What to say of it; undefined: nothing shows. */
  judge(watched: Watched, around: Surroundings): string | undefined;
}>;
