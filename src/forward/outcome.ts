import type { RawHeaders } from '../rewrite/headers.ts';

/** The head of a member's answer, as it came. */
export type Answer = Readonly<{
  status: number;
  reason: string;
  headers: RawHeaders;
  /** Without it, 1.1. */
  httpVersion?: '1.0';
}>;

/** What an answer says of the version that it came in. */
export function versionOf({ httpVersion }: Readonly<{ httpVersion: string }>): Pick<Answer, 'httpVersion'> {
  return httpVersion === '1.0' ? { httpVersion } : {};
}

/** Why an attempt ended without a whole answer. */
export type FailureKind =
  /** No connection: refused, unreachable, no such host, TLS. */
  | 'connect'
  /** No connection within `connectiontimeout`. */
  | 'connect-timeout'
  /** The connection ended, or its writing failed, before the answer was whole. */
  | 'reset'
  /** The member was silent for longer than `timeout`. */
  | 'timeout'
  /** What the member sent is no HTTP, too long a head, or an answer nobody asked for. */
  | 'bad-answer'
  /** The request could not be put on the wire: the client's doing. */
  | 'bad-request';

/** An attempt that ended without a whole answer. */
export type Failure = Readonly<{
  kind: FailureKind;
  /** Whether any byte of the request may have reached the member. */
  sent: boolean;
  /** Whether its connection had served a request before, so that the member may just have ended an idle one. */
  reused: boolean;
  cause: Error;
}>;

/** An answer that was refused for what it says, however it came. */
export function badAnswer(cause: unknown): Failure {
  return {
    kind: 'bad-answer',
    sent: true,
    reused: false,
    cause: cause instanceof Error ? cause : new Error(String(cause)),
  };
}
