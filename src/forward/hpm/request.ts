import { EventEmitter } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RawHeaders } from '../../rewrite/headers.ts';
import { attemptOf, type HpmAttempt } from './attempt.ts';
import { joinHeaders, type JoinedHeaders } from './head.ts';
import { asShown, beneath, overlay } from './overlay.ts';
import type { Outbound } from '../sender.ts';

/** Who answers to a stand-in. */
export type RequestOwner = {
  /** The request to the member is there, and hooks have seen it: its body may be written to it. */
  pour(request: ClientRequest): void;
  fail(cause: unknown, kind: 'bad-request'): void;
};

const owner = Symbol('owner');
const someRequest = { httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 };

/**
 * The client's request as http-proxy-middleware and hooks see it: what is to be sent to the member, and beneath it what
 * the app has made of the client's own (`req.user`, `req.body` …). Listeners, changes and ends stay here. As an emitter
 * it has `data`, `end` and `close` to tell; the body itself is the owner's.
 */
class RequestStandIn extends EventEmitter {
  readonly [owner]: RequestOwner;
  readonly [beneath]: object;
  [asShown]: unknown = undefined;
  [attemptOf]: HpmAttempt | undefined = undefined;
  url: string;
  method: string;
  headers: JoinedHeaders;
  rawHeaders: RawHeaders;
  socket: Socket;
  connection: Socket;
  res: unknown = undefined;
  readonly httpVersion: string;
  readonly httpVersionMajor: number;

  constructor(itsOwner: RequestOwner, outbound: Outbound, url: string, socket: Socket) {
    super();
    this[owner] = itsOwner;
    const { req: client = someRequest } = outbound.origin ?? {};
    this[beneath] = client;
    this.httpVersion = client.httpVersion;
    this.httpVersionMajor = client.httpVersionMajor;
    this.url = url;
    this.method = outbound.method;
    this.rawHeaders = [...outbound.headers, ...framingOf(outbound)];
    this.headers = joinHeaders(this.rawHeaders);
    this.socket = socket;
    this.connection = socket;
  }

  pipe(request: ClientRequest): ClientRequest {
    this[owner].pour(request);
    return request;
  }

  unpipe(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  read(): null {
    return null;
  }

  setEncoding(): this {
    return this;
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.socket.setTimeout(ms, callback);
    return this;
  }

  destroy(error?: Error): this {
    this[owner].fail(error ?? new Error('a hook has ended the request'), 'bad-request');
    return this;
  }
}

/** A stand-in for the client's request; to be handed out as `shown`, and made to speak as `own`. */
export function standInForRequest(
  itsOwner: RequestOwner,
  outbound: Outbound,
  url: string,
  socket: Socket,
): { own: RequestStandIn; shown: IncomingMessage } {
  const own = new RequestStandIn(itsOwner, outbound, url, socket);
  // Complete enough for whoever is handed it; what is missing is read from the client's own.
  return { own, shown: overlay(own) as unknown as IncomingMessage };
}

/** Connection and Upgrade of a request that is to switch; Transfer-Encoding of a body of unknown length. */
export function framingOf({ upgrade, body }: Outbound): string[] {
  if (upgrade !== undefined) return ['Connection', 'Upgrade', 'Upgrade', upgrade];
  return body.kind === 'stream' && body.length === undefined ? ['Transfer-Encoding', 'chunked'] : [];
}
