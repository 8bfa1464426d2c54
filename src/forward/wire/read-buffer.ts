import type { Framing } from './framing.ts';

/** As much as Node reads by itself. */
const largeBytes = 65_536;
const smallBytes = 16_384;
/**
 * How many connections have a large buffer at a time; all further ones have small ones, so that a thousand slow readers stay
 * below 64 MiB. Small ones for all would cost a download a third more CPU.
 */
const mostLarge = 128;
/** What is shorter is copied, so that a piece which waits for a slow client holds no more than itself. */
const leastOwned = smallBytes / 2;
/** Content of more than this is long: its connection gets a buffer of its own. */
const mostShort = 2 * largeBytes;

/**
 * Where every connection reads into: what was read is done with before the next one reads. Without it each read has
 * memory of its own, which costs a small answer more than copying it.
 */
const shared = Buffer.allocUnsafeSlow(largeBytes);

let large = 0;

/**
 * Where one connection reads into. In the middle of long content that is memory of its own, which is handed on uncopied,
 * and read into again once the piece has been sent: else a thousand downloads leave tens of MiB of pieces to be collected.
 */
export class ReadBuffer {
  #own: Buffer | undefined;
  /** A piece of what is its own has been handed on. */
  #isTaken = false;
  #isLong = false;
  #wasLong = false;
  #isHeld = false;
  #isSending = false;

  /** What follows; undefined: nothing, and nothing is kept for it. */
  expect(framing: Framing | undefined): void {
    this.#isLong = framing !== undefined && !(framing.content === 'counted' && framing.length <= mostShort);
    if (framing === undefined) this.#setOwn(undefined);
  }

  /** Nothing is read until `release`. `isSending`: by then nobody holds what was taken. */
  hold(isSending: boolean): void {
    this.#isHeld = true;
    this.#isSending ||= isSending;
  }

  release(): void {
    this.#isHeld = false;
    this.#isSending = false;
  }

  /** For Node, after each read: where to read into next. */
  readonly next = (): Buffer => {
    const isOwn = this.#isLong && this.#wasLong && (this.#isSending || !this.#isHeld);
    this.#wasLong = false;
    if (!isOwn) return shared;
    if (this.#own === undefined || (this.#isTaken && !this.#isSending)) {
      return this.#setOwn(Buffer.allocUnsafeSlow(large < mostLarge ? largeBytes : smallBytes));
    }
    this.#isTaken = false;
    return this.#own;
  };

  /** A part of what was read, to keep. */
  take(bytes: Buffer, from: number, to: number): Buffer {
    const length = to - from;
    this.#wasLong ||= to >= leastOwned;
    if (bytes !== shared && length >= leastOwned) {
      this.#isTaken = true;
      return bytes.subarray(from, to);
    }
    const copy = Buffer.allocUnsafe(length);
    bytes.copy(copy, 0, from, to);
    return copy;
  }

  #setOwn<Own extends Buffer | undefined>(own: Own): Own {
    if (this.#own?.length === largeBytes) large -= 1;
    if (own?.length === largeBytes) large += 1;
    this.#own = own;
    this.#isTaken = false;
    return own;
  }
}
