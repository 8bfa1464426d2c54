import type { Settings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';
import { valuesOf } from '../rewrite/headers.ts';
import type { Answer, Failure } from './outcome.ts';

/** What the verdict on an ending depends on besides the ending. */
export type Grounds = Readonly<{
  /** The request may be executed twice: its method is idempotent (RFC 9110 9.2.2), or the definition allows it. */
  repeatable: boolean;
  /** Nothing of the body is lost, and nothing of an answer has gone to the client. */
  movable: boolean;
  /** This member was tried once more on a fresh connection already. */
  again: boolean;
  failonstatus: ReadonlySet<number>;
  failontimeout: boolean;
  failoverStatus: ReadonlySet<number>;
}>;

/** What an ending means. */
export type Verdict = Readonly<{
  /**
   * `relay`: the client gets this answer. `another`: another member may be tried, if there is one.
   * `again`: this member is tried once more, on a fresh connection. `give-up`: the request ends here.
   */
  next: 'relay' | 'another' | 'again' | 'give-up';
  /** The member is put in error (httpd's "Err"). */
  marks: boolean;
}>;

const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/**
 * Whether a request may be executed twice: its method is idempotent (RFC 9110 9.2.2), or `failoverOn` says
 * so of its method or of the key it carries.
 */
export function isRepeatable(
  { method, headers }: Pick<Inbound, 'method' | 'headers'>,
  failover: Settings['failover'],
): boolean {
  if (idempotentMethods.has(method) || failover.methods.has(method)) return true;
  return failover.idempotencyKey !== undefined && valuesOf(headers, failover.idempotencyKey).length > 0;
}

/** Whether an answer says that its member is not well. What a member has not got (501, 505) does not. */
export function isBadStatus(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 505;
}

/** What an answer's head means. Like httpd, a failonstatus answer is relayed and marks the member. */
export function judgeAnswer({ status }: Answer, grounds: Grounds): Verdict {
  const { repeatable, movable, failoverStatus, failonstatus } = grounds;
  const moves = movable && repeatable && failoverStatus.has(status);
  return { next: moves ? 'another' : 'relay', marks: failonstatus.has(status) };
}

/** What an attempt that ended without a whole answer means; the heart of "no request is executed twice unless that is safe". */
export function judgeFailure(failure: Failure, grounds: Grounds): Verdict {
  const { repeatable, movable, again, failontimeout } = grounds;
  const moves = movable && (!failure.sent || repeatable);
  switch (failure.kind) {
    case 'connect':
    case 'connect-timeout':
      return { next: moves ? 'another' : 'give-up', marks: true };
    case 'reset':
      // An idle connection that the member was just closing says nothing about the member: a session stays where it is.
      if (moves && failure.reused && !again) return { next: 'again', marks: false };
      return { next: moves ? 'another' : 'give-up', marks: false };
    case 'timeout':
      return { next: moves ? 'another' : 'give-up', marks: failontimeout };
    case 'bad-answer':
      return { next: moves ? 'another' : 'give-up', marks: false };
    case 'bad-request':
      return { next: 'give-up', marks: false };
  }
}
