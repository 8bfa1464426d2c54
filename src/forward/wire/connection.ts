import type { Socket } from 'node:net';
import { clock, type Timer } from '../../clock.ts';
import type { MemberSettings } from '../../definition/settings.ts';
import type { RawHeaders } from '../../rewrite/headers.ts';
import { hearOut } from '../hear-out.ts';
import type { Answer, FailureKind } from '../outcome.ts';
import { AnswerParser, type AnswerSink } from './answer-parser.ts';
import type { ConnectionOwner, Wanted } from './connection-owner.ts';
import type { Exchange } from './exchange.ts';
import type { Framing } from './framing.ts';
import { openSocket } from './open-socket.ts';
import { ReadBuffer } from './read-buffer.ts';
import { Silence } from './silence.ts';
import { BadAnswer, lostConnection, WireError } from './wire-error.ts';

/** A connection to a member: one exchange at a time. Its listeners are there for as long as it is. */
export class Connection implements AnswerSink {
  readonly servername: string | undefined;
  /** Where it stands in its owner's list. */
  slot = 0;
  /** Idle, it is not used from then on. */
  expiresAt = 0;
  readonly #member: MemberSettings;
  readonly #owner: ConnectionOwner;
  readonly #parser: AnswerParser;
  readonly #silence: Silence;
  readonly #reads: ReadBuffer | undefined;
  #socket: Socket | undefined;
  #exchange: Exchange | undefined;
  #framing: Framing | undefined;
  #connecting: Timer | undefined;
  #isReady = false;
  #isClosed = false;
  #isHeld = false;
  #hasServed = false;

  constructor(member: MemberSettings, wanted: Wanted, owner: ConnectionOwner) {
    this.servername = wanted.servername;
    this.#member = member;
    this.#owner = owner;
    this.#parser = new AnswerParser(this, member.maxHeadBytes);
    this.#silence = new Silence(() => this.#exchange?.silent());
    this.#reads = wanted.isTunnel || member.protocol === 'https:' ? undefined : new ReadBuffer();
  }

  get isClosed(): boolean {
    return this.#isClosed || (this.#isReady && this.#socket!.destroyed);
  }

  get isAwaiting(): boolean {
    return this.#silence.isAwaiting;
  }

  /** Carries an exchange, when it is there: at once, if it has carried one before. */
  carry(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#isReady) this.#write(exchange);
  }

  open({ servername, session, isTunnel }: Wanted): void {
    const onread = this.#reads && { buffer: this.#reads.next, callback: this.#onRead };
    let socket: Socket;
    try {
      socket = openSocket(this.#member, { servername, session, onread });
    } catch (error) {
      queueMicrotask(() => {
        this.#lose(error instanceof Error ? error : new Error(String(error)));
      });
      return;
    }
    this.#socket = socket;
    if (!isTunnel) hearOut(socket);
    socket.once(this.#member.protocol === 'https:' ? 'secureConnect' : 'connect', this.#onReady);
    if (!onread) socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    if (this.#member.protocol === 'https:') socket.on('session', this.#onSession);
    this.#connecting = clock.setLimit(this.#onTooLong, this.#member.connectTimeoutMs);
  }

  await(ms: number): void {
    if (!this.#isClosed) this.#silence.await(ms);
  }

  rest(): void {
    this.#silence.rest();
  }

  pause(isSending: boolean): void {
    this.#isHeld = true;
    this.#silence.rest();
    this.#reads?.hold(isSending);
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#reads?.release();
    this.#socket?.resume();
  }

  /** Nothing else keeps the process where it idles. */
  unref(): void {
    this.#socket?.unref();
  }

  ref(): void {
    this.#socket?.ref();
  }

  /** Ends it, whatever it carries: that is told of nothing any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#leave();
    this.#socket?.destroy();
  }

  /** Ends it, and fails what it carries. */
  break(error: Error): void {
    this.#lose(error);
  }

  // What the parser tells.

  interim(answer: Answer): boolean {
    return this.#exchange!.interim(answer);
  }

  head(answer: Answer, framing: Framing): boolean {
    this.#framing = framing;
    this.#reads?.expect(framing);
    return this.#exchange!.answered(answer);
  }

  content(bytes: Buffer, from: number, to: number): boolean {
    const chunk = this.#reads ? this.#reads.take(bytes, from, to) : bytes.subarray(from, to);
    return this.#exchange!.data(chunk);
  }

  end(trailers: RawHeaders, left: number): void {
    const exchange = this.#exchange!;
    const { isKept, keptMs } = this.#framing!;
    this.#exchange = undefined;
    this.#framing = undefined;
    this.#silence.rest();
    this.#reads?.expect(undefined);
    // Bytes behind an answer are no part of the next one; what is still to be written would come before the next request.
    if (isKept && left === 0 && exchange.isKept && this.#socket!.writableLength === 0) {
      this.resume();
      this.#owner.idle(this, keptMs);
    } else {
      this.close();
    }
    exchange.ended(trailers);
  }

  switched(answer: Answer, bytes: Buffer, from: number, to: number): void {
    const early = Buffer.from(bytes.subarray(from, to));
    this.#exchange!.switched(answer, () => this.#handOver(early));
  }

  #write(exchange: Exchange): void {
    const isReused = this.#hasServed;
    this.#hasServed = true;
    this.#parser.expect(exchange.outbound.method === 'HEAD');
    exchange.write(this.#socket!, isReused);
  }

  /** The socket, as if nobody had listened to it; errors that nobody else hears end nothing. */
  #handOver(early: Buffer): Socket {
    const socket = this.#socket!;
    this.#leave();
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    if (early.length > 0) socket.unshift(early);
    return socket;
  }

  readonly #onReady = (): void => {
    clock.clear(this.#connecting);
    if (this.#isClosed) return;
    this.#isReady = true;
    if (this.#exchange) this.#write(this.#exchange);
  };

  readonly #onTooLong = (): void => {
    // A loop that was busy runs its timers before it hears of connections.
    setImmediate(() => {
      if (this.#isReady) return;
      const { url, connectTimeoutMs } = this.#member;
      const seconds = connectTimeoutMs / 1000;
      this.#lose(
        new WireError('ETIMEDOUT', `no connection to ${url} within ${seconds} s`),
        'connect-timeout',
      );
    });
  };

  readonly #onRead = (count: number, buffer: Uint8Array): boolean => {
    this.#read(buffer as Buffer, count);
    return true;
  };

  readonly #onData = (chunk: Buffer): void => {
    this.#read(chunk, chunk.length);
  };

  #read(bytes: Buffer, count: number): void {
    if (this.#isClosed) return;
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Nobody has asked for it: it is no answer to who asks next.
      this.close();
      return;
    }
    if (!exchange.hasLeft) {
      // A body is still waited for: what comes is a farewell (408), or belongs to the exchange before. A fresh connection has it.
      this.#lose(lostConnection());
      return;
    }
    try {
      this.#parser.read(bytes, count);
    } catch (error) {
      this.#fail(exchange, error);
    }
    // Once for all that has come together.
    if (this.#framing !== undefined) exchange.heard();
  }

  readonly #onDrain = (): void => {
    this.#exchange?.drained();
  };

  readonly #onEnd = (): void => {
    const exchange = this.#exchange;
    try {
      if (exchange && this.#parser.finish()) return;
    } catch (error) {
      this.#fail(exchange!, error);
    }
    this.#lose(lostConnection());
  };

  readonly #onError = (error: Error): void => {
    this.#lose(error);
  };

  readonly #onClose = (): void => {
    this.#lose(lostConnection());
  };

  readonly #onSession = (session: Buffer): void => {
    this.#owner.session(this.servername, session);
  };

  /** What the parser refuses is the member's doing; what is thrown by who is told fails the attempt, if it still can. */
  #fail(exchange: Exchange, error: unknown): void {
    if (exchange.isOver) throw error;
    const kind = error instanceof BadAnswer ? 'bad-answer' : 'reset';
    this.close();
    // What has come before it is on its way to the client first.
    process.nextTick(() => {
      exchange.fail(kind, error instanceof Error ? error : new Error(String(error)));
    });
  }

  #lose(error: Error, kind: FailureKind = this.#isReady ? 'reset' : 'connect'): void {
    if (this.#isClosed) return;
    const exchange = this.#exchange;
    this.close();
    exchange?.fail(kind, error);
  }

  #leave(): void {
    this.#isClosed = true;
    this.#exchange = undefined;
    this.#framing = undefined;
    clock.clear(this.#connecting);
    this.#silence.end();
    this.#reads?.expect(undefined);
    this.#owner.closed(this);
  }
}
