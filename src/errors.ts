import type { AttemptFacts } from './facts.ts';
import type { FailureKind } from './forward/outcome.ts';
import { linkTo } from './warnings/help-link.ts';

/** Every way a request can fail here: its code, the status a client gets for it, and the sentence. */
const failures = {
  ERR_BALANCER_BAD_REQUEST: [400, 'The request cannot be forwarded'],
  ERR_BALANCER_UNSUPPORTED_CODING: [501, 'The request has a transfer coding other than chunked'],
  ERR_BALANCER_LOOP: [508, 'The request has passed through this balancer before'],
  ERR_BALANCER_BODY_CONSUMED: [500, 'The body of the request was read before it reached the balancer'],
  ERR_BALANCER_ANSWERED: [500, 'The answer had begun before the request reached the balancer'],
  ERR_BALANCER_NO_MEMBER: [503, 'No member is usable'],
  ERR_BALANCER_NO_FAILOVER: [503, 'The member this session is bound to is not usable, and nofailover is on'],
  ERR_BALANCER_OVERLOAD: [503, 'No member has a place for the request'],
  ERR_BALANCER_LBMETHOD: [500, 'The balancing method has failed'],
  ERR_BALANCER_CONNECT: [503, 'No connection to the member'],
  ERR_BALANCER_CONNECT_TIMEOUT: [504, 'No connection to the member within connectiontimeout'],
  ERR_BALANCER_TIMEOUT: [504, 'The member did not answer within timeout'],
  ERR_BALANCER_DEADLINE: [504, 'The request was not answered within deadline'],
  ERR_BALANCER_RESET: [502, 'The member ended the connection before its answer was whole'],
  ERR_BALANCER_BAD_ANSWER: [502, 'The member sent something that is no answer to this request'],
  ERR_BALANCER_MEMBER_STATUS: [502, 'The member answered with an error'],
  ERR_BALANCER_CLOSED: [503, 'The balancer is closed'],
} as const satisfies Readonly<Record<string, readonly [status: number, sentence: string]>>;

/** A code of `BalancerError`; codes do not change between versions. */
export type BalancerErrorCode = keyof typeof failures;

/** The status a client gets for a code. */
export function statusOf(code: BalancerErrorCode): number {
  return failures[code][0];
}

/** How an attempt that nobody takes over from ends the request. */
export function codeOf(kind: FailureKind): BalancerErrorCode {
  return codes[kind];
}

const codes: Readonly<Record<FailureKind, BalancerErrorCode>> = {
  connect: 'ERR_BALANCER_CONNECT',
  'connect-timeout': 'ERR_BALANCER_CONNECT_TIMEOUT',
  reset: 'ERR_BALANCER_RESET',
  timeout: 'ERR_BALANCER_TIMEOUT',
  'bad-answer': 'ERR_BALANCER_BAD_ANSWER',
  'bad-request': 'ERR_BALANCER_BAD_REQUEST',
};

/** What a `BalancerError` may know besides its code. */
export type BalancerErrorDetails = Readonly<{
  /** What exactly happened; appended to the code's sentence. */
  detail?: string;
  /** Instead of the code's own status. */
  status?: number;
  /** Name of the balancer. */
  balancer?: string;
  /** URL of the member concerned: the last one tried. */
  member?: string | undefined;
  /** What was tried, in order. Default: nothing. */
  attempts?: readonly AttemptFacts[];
  /** Header fields that an answer with this error should carry, such as Retry-After. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What lies behind it: an error of Node, or what a function has thrown. */
  cause?: unknown;
}>;

/** A request that could not be served, as handed to `next(err)`. */
export class BalancerError extends Error {
  /** `'BalancerError'`. */
  override readonly name = 'BalancerError';
  /** What has happened, for programs; codes do not change between versions. */
  readonly code: BalancerErrorCode;
  /** The HTTP status to answer with. */
  readonly status: number;
  /** The same, under the name some error handlers look for. */
  readonly statusCode: number;
  /** Whether the message may be shown to the client (http-errors' convention: 4xx may). */
  readonly expose: boolean;
  /** Name of the balancer. */
  readonly balancer: string | undefined;
  /** URL of the member concerned: the last one that was tried. */
  readonly member: string | undefined;
  /** What was tried, in order; empty where no member was. */
  readonly attempts: readonly AttemptFacts[];
  /** Fields that an answer with this error should carry, such as `retry-after`, by name in lower case. The balancer has set them on the response before `next(err)`. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;

  /** Only the balancer makes them; an app does so in its tests. */
  constructor(code: BalancerErrorCode, details: BalancerErrorDetails = {}) {
    const [status, sentence] = failures[code];
    super(details.detail ? `${sentence}: ${details.detail}` : sentence, { cause: details.cause });
    this.code = code;
    this.status = details.status ?? status;
    this.statusCode = this.status;
    this.expose = this.status < 500;
    this.balancer = details.balancer;
    this.member = details.member;
    this.attempts = details.attempts ?? [];
    this.headers = details.headers ?? {};
  }

  /** Where docs/troubleshooting.md tells of the code: a `file:` URL into the installed package, or the page's path in it. */
  get help(): string {
    return linkTo(this.code);
  }
}
