import { AsyncResource } from 'node:async_hooks';
import type { Socket } from 'node:net';
import type { MemberSettings } from '../../definition/settings.ts';
import type { BodySource } from '../../request/body-source.ts';
import { valuesOf, type RawHeaders } from '../../rewrite/headers.ts';
import { isFailedWrite, isHalfRecord } from '../failed-write.ts';
import type { Answer, Failure, FailureKind } from '../outcome.ts';
import type { Flow, Outbound, Receiver } from '../sender.ts';
import { BodyWriter, type BodyOwner } from './body-writer.ts';
import type { Connection } from './connection.ts';
import { hasOption } from './framing.ts';
import type { Told } from './tell-undici-channels.ts';
import { BadAnswer, WireError, type BadRequest } from './wire-error.ts';
import { expectsContent, type Head } from './write-head.ts';

/**
 * One attempt: a connection on one side, the receiver on the other. A connection belongs to the request that has opened it:
 * what it tells is told in the AsyncLocalStorage of this one, or the app would take one user for another.
 */
export class Exchange extends AsyncResource implements Flow, BodyOwner {
  readonly outbound: Outbound;
  readonly member: MemberSettings;
  readonly #receiver: Receiver;
  readonly #source: BodySource | undefined;
  readonly #told: Told | undefined;
  #head: Head | undefined;
  #connection: Connection | undefined;
  #writer: BodyWriter | undefined;
  #isReused = false;
  /** Some of the request may have left. */
  #hasLeft = false;
  /** Where it was written to in one go, which had written so much for others. */
  #socket: Socket | undefined;
  #bytesBefore = 0;
  #isAnswered = false;
  #isPaused = false;
  #isOver = false;

  constructor(outbound: Outbound, member: MemberSettings, receiver: Receiver, told: Told | undefined) {
    // Nobody waits for its end.
    super('BALANCER_EXCHANGE', { requireManualDestroy: true });
    this.outbound = outbound;
    this.member = member;
    this.#receiver = receiver;
    this.#told = told;
    this.#source = outbound.body.kind === 'stream' ? outbound.body.open() : undefined;
  }

  /** Some of the request may have left: what the member says from then on is about it. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The connection can carry another request when this one has its answer. */
  get isKept(): boolean {
    return this.#head?.isKept === true && (this.#writer === undefined || this.#writer.isDone);
  }

  /** It is to be carried by this connection, as soon as that is there. */
  assign(head: Head, connection: Connection): void {
    this.#head = head;
    this.#connection = connection;
  }

  /** The connection is there: writes the request. */
  write(socket: Socket, isReused: boolean): void {
    const { body, method } = this.outbound;
    const head = this.#head!.text;
    this.#isReused = isReused;
    this.#told?.sending(head, socket);
    if (this.#source) {
      const wrapping = {
        head,
        length: body.kind === 'stream' ? body.length : undefined,
        saysEmpty: expectsContent(method),
      };
      this.#writer = new BodyWriter(this.#source, socket, wrapping, this);
      this.#writer.begin();
      return;
    }
    this.#hasLeft = true;
    this.#socket = socket;
    this.#bytesBefore = socket.bytesWritten;
    if (body.kind === 'bytes') {
      socket.cork();
      socket.write(`${head}\r\n`, 'latin1');
      socket.write(body.bytes);
      socket.uncork();
    } else {
      socket.write(`${head}\r\n`, 'latin1');
    }
    this.#await();
  }

  pause(isSending: boolean): void {
    if (this.#isOver) return;
    this.#isPaused = true;
    this.#connection?.pause(isSending);
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    if (this.#isAnswered) this.#await();
    this.#connection?.resume();
  }

  abort(): void {
    if (this.#isOver) return;
    const connection = this.#end();
    this.#told?.failed(new WireError('ABORT_ERR', 'the request was called off'));
    connection?.close();
  }

  // What the connection tells.

  interim(answer: Answer): boolean {
    if (this.#connection?.isAwaiting) this.#await();
    this.runInAsyncScope(tellInterim, undefined, this.#receiver, answer);
    return !this.#isOver;
  }

  answered(answer: Answer): boolean {
    this.#isAnswered = true;
    this.#await();
    this.#told?.answered(answer);
    this.runInAsyncScope(tellAnswer, undefined, this.#receiver, answer);
    return !this.#isOver;
  }

  data(chunk: Buffer): boolean {
    this.#receiver.data(chunk);
    return !this.#isOver;
  }

  /** After a piece of content has been handed on. */
  heard(): void {
    if (!this.#isOver && !this.#isPaused) this.#await();
  }

  ended(trailers: RawHeaders): void {
    this.#end();
    this.#told?.ended(trailers);
    this.runInAsyncScope(tellEnd, undefined, this.#receiver, trailers);
  }

  /** `takeOver` takes the connection away from HTTP. */
  switched(answer: Answer, takeOver: () => Socket): void {
    const agreed = valuesOf(answer.headers, 'upgrade').join(', ').toLowerCase();
    const { upgrade } = this.outbound;
    // RFC 9110 7.8: Upgrade is about a connection only where Connection says so.
    const isSaid = valuesOf(answer.headers, 'connection').some((value) => hasOption(value, 'upgrade'));
    if (upgrade === undefined || agreed !== upgrade.toLowerCase() || !isSaid) {
      this.fail('bad-answer', new BadAnswer(`switched to ${agreed || 'nothing'} unasked`));
      return;
    }
    const socket = takeOver();
    this.#end();
    this.#told?.answered(answer);
    this.runInAsyncScope(tellSwitch, undefined, this.#receiver, answer, socket);
  }

  drained(): void {
    this.#writer?.drained();
  }

  silent(): void {
    const { url, timeoutMs } = this.member;
    this.fail('timeout', new WireError('ETIMEDOUT', `${url} silent for ${timeoutMs} ms`));
  }

  /** The attempt has failed, if it is not over yet: the first reason counts. */
  fail(kind: FailureKind, cause: Error): void {
    if (this.#isOver) return;
    const failure = { kind, sent: this.#hasLeft && !this.#isUnwritten(cause), reused: this.#isReused, cause };
    const connection = this.#end();
    this.#told?.failed(cause);
    connection?.close();
    this.runInAsyncScope(tellFailure, undefined, this.#receiver, failure);
  }

  // What the body tells.

  leaving(): void {
    this.#hasLeft = true;
  }

  awaitMember(): void {
    if (!this.#isOver && !this.#isPaused) this.#await();
  }

  awaitClient(): void {
    this.#connection?.rest();
  }

  lost(error: Error): void {
    this.fail('reset', error);
  }

  refused(error: BadRequest): void {
    this.fail('bad-request', error);
  }

  #isUnwritten(cause: Error): boolean {
    const socket = this.#socket;
    if (socket === undefined || !isFailedWrite(cause)) return false;
    const { protocol } = this.member;
    if (protocol === 'https:') return isHalfRecord(this.#head!.text, this.outbound.body);
    // A write that is refused at once is not counted; one that fails later is, and may have left in part.
    return socket.bytesWritten === this.#bytesBefore;
  }

  #await(): void {
    // One that has answered already may have nothing to say before the client goes on.
    if (this.#writer?.isFlowing) this.#connection?.rest();
    else this.#connection?.await(this.member.timeoutMs);
  }

  /** Nothing more is told, and nothing held: a connection outlives many exchanges. */
  #end(): Connection | undefined {
    const connection = this.#connection;
    this.#isOver = true;
    this.#connection = undefined;
    this.#socket = undefined;
    this.#source?.destroy();
    return connection;
  }
}

// Outside of the class, so that no piece of an exchange costs a closure.

function tellInterim(receiver: Receiver, answer: Answer): void {
  receiver.interim(answer);
}

function tellAnswer(receiver: Receiver, answer: Answer): void {
  receiver.answered(answer);
}

function tellEnd(receiver: Receiver, trailers: RawHeaders): void {
  receiver.ended(trailers);
}

function tellSwitch(receiver: Receiver, answer: Answer, socket: Socket): void {
  receiver.upgraded(answer, socket);
}

function tellFailure(receiver: Receiver, failure: Failure): void {
  receiver.failed(failure);
}
