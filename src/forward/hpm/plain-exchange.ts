import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import { versionOf } from '../outcome.ts';
import { attemptOf, findFault, lostConnection, type Asked, type HpmAttempt } from './attempt.ts';
import { frame } from './outgoing.ts';
import { standInPlainly } from './plain-request.ts';
import { HpmSending } from './sending.ts';

/**
 * One request through http-proxy-middleware where no option or hook looks at what comes of it: httpxy makes it of the
 * user's options, and its answer goes straight on. Whole stand-ins, and httpxy's pipe between the answer and them, were
 * 50 µs of a small request's 180.
 */
export class HpmPlainExchange extends HpmSending {
  /** What httpxy is to be handed for the client's request and response. */
  readonly bare: Readonly<{ req: IncomingMessage; res: ServerResponse }>;
  #res: IncomingMessage | undefined;

  constructor(asked: Asked, options: HttpProxyMiddleware, whenOver: (attempt: HpmAttempt) => void) {
    super(asked, options, whenOver);
    const { outbound, member } = asked;
    this.bare = standInPlainly(this, outbound, outbound.path.slice(member.basePath.length));
  }

  adopt(request: ClientRequest): void {
    if (this.isOver) request.destroy();
    else this.follow(request);
  }

  pause(): void {
    this.#res?.pause();
  }

  resume(): void {
    this.timers.heard();
    this.#res?.resume();
  }

  isHeld(): boolean {
    return this.#res !== undefined && (this.#res.isPaused() || this.#res.readableLength > 0);
  }

  /** A piece of the answer. */
  take(chunk: Buffer): void {
    if (this.isOver) return;
    this.timers.heard();
    this.receiver.data(chunk);
  }

  /** The whole answer has come. */
  done(): void {
    if (this.isOver) return;
    const { rawTrailers } = this.#res!;
    this.finish();
    // Half an exchange leaves a connection that serves no other.
    if (!this.isWhole() || !this.request!.writableFinished) this.request!.destroy();
    this.receiver.ended(rawTrailers);
  }

  protected write(request: ClientRequest): void {
    frame(request, this.outbound.body);
    this.upload.pour(request, hearNothing, false);
  }

  protected respond(res: IncomingMessage): boolean {
    const fault = findFault(res);
    if (fault !== undefined) {
      this.fail(new Error(fault), 'bad-answer');
      return true;
    }
    this.#res = res;
    this.receiver.answered({
      status: res.statusCode!,
      reason: res.statusMessage ?? '',
      headers: res.rawHeaders,
      ...versionOf(res),
    });
    if (this.isOver) return true;
    (res as Taken)[attemptOf] = this;
    res.on('data', takeChunk);
    res.on('end', takeEnd);
    res.on('close', takeClose);
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

  protected release(): void {
    this.upload.destroy();
  }
}

type Taken = IncomingMessage & { [attemptOf]: HpmPlainExchange };

function takeChunk(this: Taken, chunk: Buffer): void {
  this[attemptOf].take(chunk);
}

function takeEnd(this: Taken): void {
  this[attemptOf].done();
}

function takeClose(this: Taken): void {
  if (!this.complete) this[attemptOf].fail(lostConnection());
}

function hearNothing(): boolean {
  return false;
}
