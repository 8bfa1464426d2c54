import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { MemberSettings } from '../definition/settings.ts';
import type { Body } from '../request/body.ts';
import type { RawHeaders } from '../rewrite/headers.ts';
import type { Answer, Failure } from './outcome.ts';

/** The client's own request and response. */
export type Origin = Readonly<{ req: IncomingMessage; res: ServerResponse }>;

/** A request as a member is to see it. */
export type Outbound = Readonly<{
  method: string;
  /** Origin-form: path, with the member's base, and query. */
  path: string;
  /** End-to-end fields and ours, without Connection, Upgrade and framing; Host among them, first. */
  headers: RawHeaders;
  /** Protocol to switch to, as the client spelt it. */
  upgrade: string | undefined;
  body: Body;
  /** Where the client's side is, for a sender whose user's hooks look at it; no sender answers, reads or ends it. */
  origin?: Origin;
}>;

/**
 * What is told of an attempt, in this order: `interim` any number of times, then one of `answered`, `upgraded`, `failed`;
 * after `answered` any number of `data`, then one of `ended`, `failed`. Never two calls at once, never one after `Flow.abort`.
 */
export type Receiver = Readonly<{
  /** A 1xx other than 100 and 101. */
  interim(answer: Answer): void;
  answered(answer: Answer): void;
  data(chunk: Buffer): void;
  ended(trailers: RawHeaders): void;
  /** 101: from here on the socket is the receiver's. Bytes that came with the head are at its front. */
  upgraded(answer: Answer, socket: Duplex): void;
  failed(failure: Failure): void;
}>;

/** The valve of one attempt. */
export type Flow = Readonly<{
  /** `isSending`: it lasts until nobody holds the last piece any more, so that the next one may be read into its place. */
  pause(isSending: boolean): void;
  resume(): void;
  /** Ends the attempt, its connection and its use of the body; idempotent. Nothing is told after it. */
  abort(): void;
}>;

/** The one seam to the network: one attempt at one member. */
export type Sender = Readonly<{
  /** Calls the receiver later, never before it has returned. `fresh`: on a connection of its own, never used before. */
  send(outbound: Outbound, member: MemberSettings, receiver: Receiver, fresh: boolean): Flow;
  /** Keeps no connection by these settings any more; resolves when those that are in use have ended. */
  retire(member: Pick<MemberSettings, 'url'>): Promise<void>;
  /** The same for every member. */
  retireAll(): Promise<void>;
  /** Ends every connection. */
  destroy(): Promise<void>;
}>;
