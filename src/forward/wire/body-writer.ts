import type { Socket } from 'node:net';
import type { BodySource } from '../../request/body-source.ts';
import { lostConnection, BadRequest } from './wire-error.ts';

/** Who has the body written, and is told how that goes. */
export type BodyOwner = Readonly<{
  /** Something is about to leave. */
  leaving(): void;
  /** The member takes no more for now, or has all of it. */
  awaitMember(): void;
  /** The client is who is waited for. */
  awaitClient(): void;
  /** The client has broken off. */
  lost(error: Error): void;
  /** It is not what was announced. */
  refused(error: BadRequest): void;
}>;

/** What goes onto the wire around the body. */
export type Wrapping = Readonly<{
  head: string;
  /** In bytes; undefined: chunked. */
  length: number | undefined;
  /** A body in chunks that turns out to be empty is said to be: RFC 9110 8.6. */
  saysEmpty: boolean;
}>;

/** Writes a request whose body streams. Its head leaves with the first bytes of the body: until then another member can have both. */
export class BodyWriter {
  readonly #source: BodySource;
  readonly #socket: Socket;
  readonly #owner: BodyOwner;
  readonly #wrapping: Wrapping;
  #written = 0;
  #hasBegun = false;
  #isHeld = false;
  isDone = false;

  constructor(source: BodySource, socket: Socket, wrapping: Wrapping, owner: BodyOwner) {
    this.#source = source;
    this.#socket = socket;
    this.#wrapping = wrapping;
    this.#owner = owner;
  }

  /** The client is who is waited for. */
  get isFlowing(): boolean {
    return !this.isDone && !this.#isHeld;
  }

  begin(): void {
    const source = this.#source;
    if (source.destroyed) {
      // Nobody tells a second time why.
      const error = source.errored ?? lostConnection();
      queueMicrotask(() => {
        this.#owner.lost(error);
      });
      return;
    }
    source.on('data', this.#onData);
    source.on('end', this.#onEnd);
    source.on('error', this.#onLoss);
    source.on('close', this.#onClose);
    source.resume();
  }

  /** The connection takes more again. */
  drained(): void {
    if (!this.#isHeld || this.isDone) return;
    this.#isHeld = false;
    this.#owner.awaitClient();
    this.#source.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    const { length } = this.#wrapping;
    this.#written += chunk.length;
    if (length !== undefined && this.#written > length) {
      this.#owner.refused(new BadRequest(`a body of more than the ${length} bytes it was said to have`));
      return;
    }
    if (chunk.length === 0) return;
    const socket = this.#socket;
    socket.cork();
    this.#begin(length === undefined ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n');
    if (length === undefined) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    let takesMore = socket.write(chunk);
    if (length === undefined) takesMore = socket.write('\r\n', 'latin1');
    socket.uncork();
    if (takesMore) return;
    // What was written at once is gone by now, but its callback is still to come: `drain` follows it.
    this.#isHeld = true;
    this.#source.pause();
    this.#owner.awaitMember();
  };

  readonly #onEnd = (): void => {
    const { length, saysEmpty } = this.#wrapping;
    if (length !== undefined && this.#written < length) {
      this.#owner.refused(new BadRequest(`a body of less than the ${length} bytes it was said to have`));
      return;
    }
    this.isDone = true;
    if (this.#written === 0)
      this.#begin(length === undefined && saysEmpty ? 'Content-Length: 0\r\n\r\n' : '\r\n');
    else if (length === undefined) this.#socket.write('0\r\n\r\n', 'latin1');
    this.#owner.awaitMember();
  };

  readonly #onLoss = (error: Error): void => {
    this.#owner.lost(error);
  };

  readonly #onClose = (): void => {
    if (!this.isDone) this.#owner.lost(lostConnection());
  };

  #begin(end: string): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#owner.leaving();
    this.#socket.write(this.#wrapping.head + end, 'latin1');
  }
}
