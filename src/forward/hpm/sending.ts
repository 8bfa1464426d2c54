import type { ClientRequest } from 'node:http';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import { HpmAttempt, type Asked } from './attempt.ts';
import { findClimbing } from './outgoing.ts';
import type { RequestOwner } from './request.ts';
import { Upload, type UploadOwner } from './upload.ts';

/** The way of a request to a member: it is written once httpxy has handed it over and its connection is there. */
export abstract class HpmSending extends HpmAttempt implements RequestOwner, UploadOwner {
  protected readonly options: HttpProxyMiddleware;
  protected readonly upload: Upload;
  #isReady = false;

  constructor(asked: Asked, options: HttpProxyMiddleware, whenOver: (attempt: HpmAttempt) => void) {
    super(asked, whenOver);
    this.options = options;
    this.upload = new Upload(asked.outbound.body, this);
  }

  /** Writes what there is to be written: nothing has left yet. */
  protected abstract write(request: ClientRequest): void;

  /** httpxy is about to open a connection. */
  start(): void {
    // It has no way to be called off before; it takes what is thrown for an error of its own.
    if (this.isOver) throw new Error('the attempt was called off');
    this.isStarted = true;
    // Where an agent of the user's has requests wait for a connection, that is part of it.
    if (this.options.agent !== undefined) this.timers.awaitConnection();
  }

  pour(request: ClientRequest): void {
    // A hook has ended it: the request is at fault, not the member.
    this.isRefused = request.destroyed;
    if (this.isOver || this.isRefused) return;
    this.refuseClimbing(request);
    this.#isReady = true;
    if (this.isConnected) this.#write();
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

  protected connected(): void {
    if (this.#isReady) this.#write();
  }

  /** A path that options or hooks have made of the client's is not to leave the member's own. */
  protected refuseClimbing({ path }: ClientRequest): void {
    const problem = path === this.outbound.path ? undefined : findClimbing(path);
    if (problem !== undefined) this.fail(new Error(`rewritten to ${path}: ${problem}`), 'bad-request');
  }

  #write(): void {
    try {
      this.isSent = true;
      this.write(this.request!);
      letClose(this.request!);
    } catch (error) {
      this.fail(error, 'bad-request');
    }
  }
}

/** RFC 9112 9.6: nothing may follow where it was said that nothing would, as httpxy says with chunks; Node's agent looks at answers alone. */
function letClose(request: ClientRequest): void {
  const connection = request.getHeader('connection');
  if (typeof connection === 'string' && /close/i.test(connection)) request.shouldKeepAlive = false;
}
