import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { attemptOf, findFault, HpmAttempt, lostConnection, type Asked } from './attempt.ts';
import { restoreHeaders } from './head.ts';
import { standInForRequest, type RequestOwner } from './request.ts';
import { standInForSocket, type SocketOwner } from './socket.ts';

/**
 * One upgrade through http-proxy-middleware: it makes the handshake and runs the hooks, and what the member answers is
 * taken from the ClientRequest, before httpxy puts it into bytes.
 */
export class HpmUpgrade extends HpmAttempt implements RequestOwner, SocketOwner {
  readonly #socket: ReturnType<typeof standInForSocket>;
  readonly #request: ReturnType<typeof standInForRequest>;
  #res: IncomingMessage | undefined;

  constructor(asked: Asked, whenOver: (attempt: HpmAttempt) => void) {
    super(asked, whenOver);
    const { outbound, member } = asked;
    this.#socket = standInForSocket(this, true, outbound.origin?.req.socket);
    this.#request = standInForRequest(
      this,
      outbound,
      outbound.path.slice(member.basePath.length),
      this.#socket,
    );
    this.#request.own[attemptOf] = this;
  }

  /** What http-proxy-middleware is to be handed for the client's request and connection. */
  get shown(): Readonly<{ req: IncomingMessage; socket: Socket }> {
    return { req: this.#request.shown, socket: this.#socket };
  }

  /** Why http-proxy-middleware would end the connection rather than ask the member. */
  findMismatch(): string | undefined {
    const { method, upgrade } = this.outbound;
    if (method !== 'GET') return `an upgrade with ${method}`;
    return upgrade?.toLowerCase() === 'websocket' ? undefined : `an upgrade to ${upgrade}`;
  }

  /** The request to the member, before any hook sees it. */
  adopt(request: ClientRequest): void {
    if (this.isOver) {
      request.destroy();
      return;
    }
    this.isStarted = true;
    this.follow(request);
    restoreHeaders(request, this.outbound.headers);
  }

  pour(): void {
    // An upgrade has no body.
  }

  pause(): void {
    this.#res?.pause();
  }

  resume(): void {
    this.timers.heard();
    this.#res?.resume();
  }

  protected connected(): void {
    this.isSent = true;
    this.timers.awaitMember();
  }

  /** The member has not switched. */
  protected respond(res: IncomingMessage, pass: () => boolean): boolean {
    const fault = findFault(res);
    if (fault !== undefined) {
      this.fail(new Error(fault), 'bad-answer');
      return true;
    }
    // httpxy would write the answer into the client's connection, and leaves upgrades alone. Node reads it again later.
    const { upgrade } = res as { upgrade?: unknown };
    Object.assign(res, { upgrade: true });
    pass();
    Object.assign(res, { upgrade });
    // Node looks at it as well, before it reads the body.
    Object.assign(res, { upgrade: false });
    this.#res = res;
    res.on('error', (error) => {
      this.fail(error);
    });
    res.on('close', () => {
      if (!res.complete) this.fail(lostConnection());
    });
    this.receiver.answered({
      status: res.statusCode!,
      reason: res.statusMessage ?? '',
      headers: res.rawHeaders,
    });
    res.on('data', (chunk: Buffer) => {
      this.timers.heard();
      if (!this.isOver) this.receiver.data(chunk);
    });
    res.on('end', () => {
      if (this.isOver || !res.complete) return;
      this.finish();
      this.receiver.ended(res.rawTrailers);
    });
    return true;
  }

  protected switched(res: IncomingMessage, socket: Duplex, pass: () => boolean): boolean {
    const agreed = res.headers.upgrade ?? '';
    if (agreed.toLowerCase() !== this.outbound.upgrade?.toLowerCase()) {
      socket.destroy();
      this.fail(new Error(`switched to ${agreed || 'nothing'} unasked`), 'bad-answer');
      return true;
    }
    // httpxy would pipe it through the stand-in; it is to be tied to the client's own connection.
    Object.assign(socket, { pipe: () => this.#socket });
    pass();
    Reflect.deleteProperty(socket, 'pipe');
    if (this.isOver) {
      socket.destroy();
      return true;
    }
    this.finish();
    socket.once('close', () => this.#socket.emit('close'));
    this.receiver.upgraded({ status: 101, reason: res.statusMessage ?? '', headers: res.rawHeaders }, socket);
    return true;
  }

  protected isWhole(): boolean {
    return this.#res?.complete === true;
  }

  isHeld(): boolean {
    return this.#res !== undefined && (this.#res.isPaused() || this.#res.readableLength > 0);
  }

  protected release(): void {
    process.nextTick(() => this.#request.own.emit('close'));
  }
}
