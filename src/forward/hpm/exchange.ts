import type { EventEmitter } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { RawHeaders } from '../../rewrite/headers.ts';
import { attemptOf, findFault, lostConnection, type Asked, type HpmAttempt } from './attempt.ts';
import { emitTo, heedEmits } from './emits.ts';
import { guardInterceptors, warnOf } from './guard.ts';
import { restoreHeaders } from './head.ts';
import { frame, isWrittenTo, noteWrites } from './outgoing.ts';
import { HpmReply, type ReplyOwner } from './reply.ts';
import { standInForRequest } from './request.ts';
import { HpmSending } from './sending.ts';
import { standInForSocket, type SocketOwner } from './socket.ts';

/** One request through http-proxy-middleware: the client that it sees is a pair of stand-ins, the member is watched. */
export class HpmExchange extends HpmSending implements ReplyOwner, SocketOwner {
  readonly #standIn: ReturnType<typeof standInForRequest>;
  readonly #reply: HpmReply;
  #isRedirected = false;
  #isDone = false;
  #res: IncomingMessage | undefined;

  constructor(asked: Asked, options: HttpProxyMiddleware, whenOver: (attempt: HpmAttempt) => void) {
    super(asked, options, whenOver);
    const { outbound, member, receiver } = asked;
    const socket = standInForSocket(this, false, outbound.origin?.req.socket);
    // What http-proxy-middleware is given is the path below the mount; its target has the member's own.
    this.#standIn = standInForRequest(this, outbound, outbound.path.slice(member.basePath.length), socket);
    this.#reply = new HpmReply(this, receiver, socket, outbound.origin?.res);
    this.#standIn.own.res = this.#reply.standIn.shown;
    this.#reply.standIn.own.req = this.#standIn.shown;
    this.#standIn.own[attemptOf] = this;
  }

  /** What httpxy is to be handed where it shows hooks the above: a Proxy is slow to look at, and it looks often. */
  get bare(): Readonly<{ req: IncomingMessage; res: ServerResponse }> {
    return {
      req: this.#standIn.own as unknown as IncomingMessage,
      res: this.#reply.standIn.own as unknown as ServerResponse,
    };
  }

  /** What http-proxy-middleware is to be handed for the client's request and response. */
  get shown(): Readonly<{ req: IncomingMessage; res: ServerResponse }> {
    return { req: this.#standIn.shown, res: this.#reply.standIn.shown };
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
    restoreHeaders(request, this.outbound.headers);
    if (this.#isRedirected) return;
    this.refuseClimbing(request);
    if (this.options.on?.proxyReq || this.options.plugins) noteWrites(request);
    if (this.options.followRedirects) {
      // A redirect may lead anywhere; the member's agent is for the member.
      if (this.options.agent === undefined) options.agent = undefined;
      // httpxy writes by itself then, and does not tell when it has begun to listen.
      process.nextTick(() => {
        this.pour(request);
      });
    }
  }

  pause(): void {
    this.#reply.pause();
  }

  resume(): void {
    this.timers.heard();
    this.#reply.resume();
  }

  done(added: RawHeaders): void {
    const trailers = this.isWhole() && !this.options.selfHandleResponse ? this.#res!.rawTrailers : [];
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

  protected override connected(): void {
    if (!this.#isRedirected) {
      super.connected();
      return;
    }
    this.isSent = true;
    this.timers.awaitMember();
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
    if (this.#res === res && !this.options.selfHandleResponse) this.#reply.standIn.own.flushHeaders();
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
    this.upload.destroy();
    this.#reply.close(this.#isDone);
    process.nextTick(() => {
      this.#reply.tellClose(this.#isDone);
      this.tell(this.#standIn.own, 'close');
    });
  }

  protected write(request: ClientRequest): void {
    if (isWrittenTo(request)) {
      if (!request.writableEnded) request.end();
      this.timers.awaitMember();
      return;
    }
    frame(request, this.outbound.body);
    const announce = (event: string | symbol, ...args: unknown[]): boolean =>
      this.tell(this.#standIn.own, event, ...args);
    this.upload.pour(request, announce, Boolean(this.options.followRedirects));
  }

  #watchAnswer(res: IncomingMessage): void {
    const heeded = res as Heeded;
    heeded[attemptOf] = this;
    heedEmits(heeded, emitHeeded);
    if (!this.options.selfHandleResponse) return;
    guardInterceptors(res, (error) => {
      this.fail(error, 'bad-answer');
    });
  }

  /** An answer has something to tell. */
  heedAnswer(res: IncomingMessage, event: string | symbol, args: readonly unknown[]): boolean {
    if (res === this.#res) this.#heedAnswer(event, args[0], res.complete);
    try {
      return emitTo(res, event, args);
    } catch (error) {
      this.fail(error, 'bad-answer');
      return true;
    }
  }

  #heedAnswer(event: string | symbol, error: unknown, isComplete: boolean): void {
    if (event === 'data') this.timers.heard();
    else if (event === 'end') this.timers.rest();
    else if (event === 'error' && !isComplete) this.fail(error);
    else if (event === 'close' && !isComplete) this.fail(lostConnection());
  }
}

/** The `emit` of an answer: one for all of them. */
function emitHeeded(this: Heeded, event: string | symbol, ...args: unknown[]): boolean {
  return this[attemptOf].heedAnswer(this, event, args);
}

type Heeded = IncomingMessage & { [attemptOf]: HpmExchange };
