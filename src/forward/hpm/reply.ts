import type { EventEmitter } from 'node:events';
import { STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RawHeaders } from '../../rewrite/headers.ts';
import { flattenHeaders, keepHeaders, mergeHeaders, type ReceivedHeaders } from './head.ts';
import { standInForResponse, type ResponseOwner } from './response.ts';
import { versionOf } from '../outcome.ts';
import type { Receiver } from '../sender.ts';

/** Whose answer it is. */
export type ReplyOwner = Readonly<{
  isLive: boolean;
  fail(cause: unknown, kind: 'bad-answer' | 'bad-request'): void;
  /** Something has gone to the client. */
  stir(): void;
  /** It has been written to its end. */
  done(trailers: RawHeaders): void;
  /** Has a stand-in's listeners hear of something, and takes what they throw. */
  tell(standIn: EventEmitter, event: string): void;
}>;

const nothing: ReceivedHeaders = { raw: [], joined: {} };

/** What is written to the stand-in for the client's response, on its way to the receiver. */
export class HpmReply implements ResponseOwner {
  readonly #owner: ReplyOwner;
  readonly #receiver: Receiver;
  readonly #client: ServerResponse | undefined;
  readonly #standIn: ReturnType<typeof standInForResponse>;
  #res: IncomingMessage | undefined;
  #received = nothing;
  #isPaused = false;
  /** What a hook has written although it was told to wait. */
  #held: Buffer[] = [];
  #trailers: RawHeaders | undefined;

  constructor(owner: ReplyOwner, receiver: Receiver, socket: Socket, client: ServerResponse | undefined) {
    this.#owner = owner;
    this.#receiver = receiver;
    this.#client = client;
    this.#standIn = standInForResponse(this, socket, client);
  }

  get standIn(): ReturnType<typeof standInForResponse> {
    return this.#standIn;
  }

  /** Takes note of the member's answer, before anybody has changed it. */
  receive(res: IncomingMessage): void {
    this.#res = res;
    this.#received = keepHeaders(res.rawHeaders, res.headers);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const { own } = this.#standIn;
    while (this.#held.length > 0 && this.#mayTell()) this.#receiver.data(this.#held.shift()!);
    if (!this.#mayTell()) return;
    if (this.#trailers) {
      this.#owner.done(this.#trailers);
    } else if (own.writableNeedDrain) {
      own.writableNeedDrain = false;
      this.#owner.tell(own, 'drain');
    }
  }

  interim(status: number, headers: OutgoingHttpHeaders): void {
    if (!this.#owner.isLive) return;
    const reason = STATUS_CODES[status] ?? '';
    this.#receiver.interim({ status, reason, headers: flattenHeaders(headers) });
  }

  head(): void {
    if (!this.#owner.isLive) return;
    const { statusCode: status, statusMessage, setHeadersByName, removedHeaders } = this.#standIn.own;
    if (status < 200) {
      this.#owner.fail(new Error(`status ${status} is no answer`), 'bad-answer');
      return;
    }
    for (const name of removedHeaders) {
      // What the app has set for every answer, such as X-Powered-By, is not known here.
      if (!setHeadersByName.has(name)) this.#client?.removeHeader(name);
    }
    const unchanged = this.#res?.statusCode === status ? this.#res.statusMessage : undefined;
    this.#receiver.answered({
      status,
      reason: statusMessage ?? unchanged ?? STATUS_CODES[status] ?? '',
      headers: mergeHeaders(this.#received, setHeadersByName),
      ...(this.#res && versionOf(this.#res)),
    });
  }

  data(chunk: Buffer): boolean {
    if (!this.#owner.isLive) return true;
    this.#owner.stir();
    if (this.#isPaused) this.#held.push(chunk);
    else this.#receiver.data(chunk);
    return !this.#isPaused;
  }

  end(trailers: RawHeaders): void {
    if (!this.#owner.isLive) return;
    this.#trailers = trailers;
    if (this.#held.length === 0) this.#owner.done(trailers);
  }

  fail(cause: unknown, kind: 'bad-request'): void {
    this.#owner.fail(cause, kind);
  }

  /** Nothing more goes to the client; `isDone`: it has everything. */
  close(isDone: boolean): void {
    this.#held = [];
    this.#standIn.own.destroyed = !isDone;
  }

  /** Says so to whoever listens, later. */
  tellClose(isDone: boolean): void {
    const { own } = this.#standIn;
    own.closed = true;
    own.writableFinished = isDone;
    if (isDone) this.#owner.tell(own, 'finish');
    // httpxy's promise waits for this, whatever has happened.
    this.#owner.tell(own, 'close');
  }

  #mayTell(): boolean {
    return !this.#isPaused && this.#owner.isLive;
  }
}
