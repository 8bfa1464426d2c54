import type { EventEmitter } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { RawHeaders } from '../../rewrite/headers.ts';
import { findFault, HpmAttempt, lostConnection, type Asked } from './attempt.ts';
import { guardInterceptors, warnOf } from './guard.ts';
import { restoreHeaders, type JoinedHeaders } from './head.ts';
import { findClimbing, frame, noteWrites } from './outgoing.ts';
import { HpmReply, type ReplyOwner } from './reply.ts';
import { standInForRequest, type RequestOwner } from './request.ts';
import { standInForSocket, type SocketOwner } from './socket.ts';
import { Upload, type UploadOwner } from './upload.ts';

/** One request through http-proxy-middleware: the client that it sees is a pair of stand-ins, the member is watched. */
export class HpmExchange extends HpmAttempt implements RequestOwner, ReplyOwner, SocketOwner, UploadOwner {
  readonly #options: HttpProxyMiddleware;
  readonly #standIn: ReturnType<typeof standInForRequest>;
  readonly #reply: HpmReply;
  readonly #given: JoinedHeaders;
  readonly #upload: Upload | undefined;
  #isReady = false;
  #isRedirected = false;
  #isDone = false;
  #hasWritten: (() => boolean) | undefined;
  #res: IncomingMessage | undefined;

  constructor(asked: Asked, options: HttpProxyMiddleware, whenOver: (attempt: HpmAttempt) => void) {
    super(asked, whenOver);
    const { outbound, member, receiver } = asked;
    this.#options = options;
    const socket = standInForSocket(this, false, outbound.origin?.req.socket);
    // What http-proxy-middleware is given is the path below the mount; its target has the member's own.
    this.#standIn = standInForRequest(this, outbound, outbound.path.slice(member.basePath.length), socket);
    this.#given = { ...this.#standIn.own.headers };
    this.#reply = new HpmReply(this, receiver, socket, outbound.origin?.res);
    this.#standIn.own.res = this.#reply.standIn.shown;
    this.#reply.standIn.own.req = this.#standIn.shown;
    // A body of the user's own takes the place of the client's.
    if (!options.buffer) this.#upload = new Upload(outbound.body, this);
  }

  /** What http-proxy-middleware is to be handed for the client's request and response. */
  get shown(): Readonly<{ req: IncomingMessage; res: ServerResponse }> {
    return { req: this.#standIn.shown, res: this.#reply.standIn.shown };
  }

  /** httpxy is about to open a connection. */
  start(): void {
    // It has no way to be called off before; it takes what is thrown for an error of its own.
    if (this.isOver) throw new Error('the attempt was called off');
    this.isStarted = true;
    // Where an agent of the user's has requests wait for a connection, that is part of it.
    if (this.#options.agent !== undefined) this.timers.awaitConnection();
  }

  /** The request to the member, or to where it has redirected, before any hook sees it. */
  adopt(request: ClientRequest, options: { agent?: unknown }): void {
    if (this.isOver) {
      request.destroy();
      return;
    }
    this.#isRedirected = this.request !== undefined;
    this.#res = undefined;
    this.follow(request);
    restoreHeaders(request, this.outbound.headers, this.#given);
    if (this.#isRedirected) return;
    this.#refuseClimbing(request);
    if (this.#options.on?.proxyReq || this.#options.plugins) this.#hasWritten = noteWrites(request);
    if (this.#options.followRedirects) {
      // A redirect may lead anywhere; the member's agent is for the member.
      if (this.#options.agent === undefined) options.agent = undefined;
      // httpxy writes by itself then, and does not tell when it has begun to listen.
      process.nextTick(() => {
        this.pour(request);
      });
    }
  }

  pour(request: ClientRequest): void {
    // A hook has ended it: the request is at fault, not the member.
    this.isRefused = request.destroyed;
    if (this.isOver || this.isRefused) return;
    this.#refuseClimbing(request);
    this.#isReady = true;
    if (this.isConnected) this.#write();
  }

  pause(): void {
    this.#reply.pause();
  }

  resume(): void {
    this.timers.heard();
    this.#reply.resume();
  }

  held(): void {
    if (this.isLive && !this.isWhole()) this.timers.awaitMember();
  }

  flowing(): void {
    this.timers.rest();
  }

  stir(): void {
    this.timers.stir();
  }

  lost(error: Error): void {
    this.fail(error, 'bad-request');
  }

  done(added: RawHeaders): void {
    const trailers = this.isWhole() && !this.#options.selfHandleResponse ? this.#res!.rawTrailers : [];
    this.#isDone = true;
    this.finish();
    // Half an exchange leaves a connection that serves no other.
    if (!this.isWhole() || !this.request?.writableFinished) this.request?.destroy();
    this.receiver.ended([...trailers, ...added]);
  }

  /** Has listeners on a stand-in hear of something; what they throw is this attempt's. */
  tell(standIn: EventEmitter, event: string | symbol, ...args: unknown[]): boolean {
    try {
      return standIn.emit(event, ...args);
    } catch (error) {
      if (this.isOver) warnOf(error);
      else this.fail(error, 'bad-answer');
      return true;
    }
  }

  protected connected(): void {
    if (this.#isRedirected) {
      this.isSent = true;
      this.timers.awaitMember();
    } else if (this.#isReady) {
      this.#write();
    }
  }

  protected respond(res: IncomingMessage, pass: () => boolean): boolean {
    const fault = findFault(res);
    if (fault !== undefined) {
      this.fail(new Error(fault), 'bad-answer');
      return true;
    }
    this.#res = res;
    this.#reply.receive(res);
    this.#watchAnswer(res);
    pass();
    // httpxy has gone after a redirect unless it is the same answer still; hooks that answer by themselves do so later.
    if (this.#res === res && !this.#options.selfHandleResponse) this.#reply.standIn.own.flushHeaders();
    return true;
  }

  protected switched(_res: IncomingMessage, socket: Duplex): boolean {
    socket.destroy();
    this.fail(new Error('switched protocols unasked'), 'bad-answer');
    return true;
  }

  protected isWhole(): boolean {
    return this.#res?.complete === true;
  }

  isHeld(): boolean {
    return this.#res !== undefined && (this.#res.isPaused() || this.#res.readableLength > 0);
  }

  protected release(): void {
    this.#upload?.destroy();
    this.#reply.close(this.#isDone);
    process.nextTick(() => {
      this.#reply.tellClose(this.#isDone);
      this.tell(this.#standIn.own, 'close');
    });
  }

  #write(): void {
    const request = this.request!;
    try {
      this.isSent = true;
      if (this.#hasWritten?.()) {
        if (!request.writableEnded) request.end();
        this.timers.awaitMember();
        return;
      }
      frame(request, this.outbound.body);
      const announce = (event: string | symbol, ...args: unknown[]): boolean =>
        this.tell(this.#standIn.own, event, ...args);
      this.#upload?.pour(request, announce, Boolean(this.#options.followRedirects));
    } catch (error) {
      this.fail(error, 'bad-request');
    }
  }

  #refuseClimbing({ path }: ClientRequest): void {
    const problem = path === this.outbound.path ? undefined : findClimbing(path);
    if (problem !== undefined) this.fail(new Error(`rewritten to ${path}: ${problem}`), 'bad-request');
  }

  #watchAnswer(res: IncomingMessage): void {
    const emit = res.emit.bind(res) as (event: string | symbol, ...args: unknown[]) => boolean;
    res.emit = (event: string | symbol, ...args: unknown[]) => {
      if (res === this.#res) this.#heedAnswer(event, args[0], res.complete);
      try {
        return emit(event, ...args);
      } catch (error) {
        this.fail(error, 'bad-answer');
        return true;
      }
    };
    if (!this.#options.selfHandleResponse) return;
    guardInterceptors(res, (error) => {
      this.fail(error, 'bad-answer');
    });
  }

  #heedAnswer(event: string | symbol, error: unknown, isComplete: boolean): void {
    if (event === 'data') this.timers.heard();
    else if (event === 'end') this.timers.rest();
    else if (event === 'error' && !isComplete) this.fail(error);
    else if (event === 'close' && !isComplete) this.fail(lostConnection());
  }
}
