import type { RawMember, Talk } from './raw-member.ts';
import type { BalancerDefinition } from '../../src/index.ts';
import type { Front } from '../support/front.ts';
import type { RawClient } from '../support/raw-client.ts';

/** A client, a balancer and a member, each on bare sockets but the one in the middle. */
export type Scene = Readonly<{ client: RawClient; member: RawMember; front: Front }>;

/** What a check is given: one way of carrying requests. */
export type Stage = Readonly<{
  /** `http-proxy-middleware`: what Node's own client does with answers is not ours to change. */
  carrier: string;
  /** Starts a member that says this to every request, a balancer before it, and connects a client. */
  open(talk: string | Talk, definition?: Partial<BalancerDefinition>): Promise<Scene>;
}>;

/** How binding a requirement is (RFC 2119). */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';

/** One requirement on an intermediary, and what shows that it is met. */
export type Row = Readonly<{ section: string; level: Level; words: string }> &
  /** `but`: in what less than that is done, and why. */
  (
    | Readonly<{ check: (stage: Stage) => Promise<void>; but?: string }>
    /** `file › name of a test`. */
    | Readonly<{ provenBy: string }>
    | Readonly<{ notOurs: string }>
  );

/** The requirements of one document that belong together. */
export type Table = Readonly<{ rfc: 9110 | 9112; title: string; rows: readonly Row[] }>;

/** An answer of 200. */
export function answer(body = 'ok', ...fields: readonly string[]): string {
  return respond('200 OK', body, ...fields);
}

/** An answer whose body is counted. */
export function respond(status: string, body: string, ...fields: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n');
}

/** An answer in these bytes between its fields and its end. */
export function chunked(chunks: string, ...fields: readonly string[]): string {
  return ['HTTP/1.1 200 OK', ...fields, 'Transfer-Encoding: chunked', '', chunks].join('\r\n');
}

/** The lines of a request. */
export function ask(start: string, ...fields: readonly string[]): string[] {
  return [`${start} HTTP/1.1`, 'Host: front.example', ...fields];
}
