import { isSpace, isValueByte } from './characters.ts';
import { BadAnswer } from './wire-error.ts';

/** Takes content; false: nobody wants any more of it. */
export type TakeContent = (bytes: Buffer, from: number, to: number) => boolean;

type State =
  'size' | 'space' | 'extension' | 'end of size' | 'content' | 'end of chunk' | 'end of end' | 'done';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
/** Of an extension, which nobody reads; Node takes as much. */
const mostExtension = 16_384;
/** Sixteen times this, and what a digit adds, is still exact. */
const mostSize = 2 ** 49 - 1;
const mostDigits = 16;

/** Takes content out of its chunks (RFC 9112 7.1), up to the last one; trailers are somebody else's. */
export class ChunkReader {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extension = 0;

  get isDone(): boolean {
    return this.#state === 'done';
  }

  begin(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#extension = 0;
  }

  /** Returns where it has stopped; -1 when nobody wants any more. */
  read(bytes: Buffer, from: number, to: number, take: TakeContent): number {
    let at = from;
    while (at < to && this.#state !== 'done') {
      if (this.#state === 'content') {
        const end = Math.min(to, at + this.#size);
        this.#size -= end - at;
        if (this.#size === 0) this.#state = 'end of chunk';
        if (!take(bytes, at, end)) return -1;
        at = end;
      } else {
        this.#readByte(bytes[at]!);
        at += 1;
      }
    }
    return at;
  }

  #readByte(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte);
        break;
      case 'space':
        this.#extension += 1;
        if (byte === SEMICOLON) this.#state = 'extension';
        else if (!isSpace(byte) || this.#extension > mostExtension) refuse();
        break;
      case 'extension':
        this.#extension += 1;
        if (byte === CR) this.#state = 'end of size';
        else if (!isValueByte(byte) || this.#extension > mostExtension) refuse();
        break;
      case 'end of size':
        if (byte !== LF) refuse();
        this.#state = this.#size === 0 ? 'done' : 'content';
        break;
      case 'end of chunk':
        if (byte !== CR) refuse();
        this.#state = 'end of end';
        break;
      case 'end of end':
        if (byte !== LF) refuse();
        this.begin();
        break;
      case 'content':
      case 'done':
        break;
    }
  }

  #readSize(byte: number): void {
    const digit = readHex(byte);
    if (digit >= 0) {
      this.#digits += 1;
      if (this.#digits > mostDigits || this.#size > mostSize) refuse();
      this.#size = this.#size * 16 + digit;
      return;
    }
    if (this.#digits === 0) refuse();
    if (byte === CR) this.#state = 'end of size';
    else if (byte === SEMICOLON) this.#state = 'extension';
    // RFC 9112 7.1.1: blanks may stand before an extension, and nowhere else.
    else if (isSpace(byte)) this.#state = 'space';
    else refuse();
  }
}

/** -1: no digit. */
function readHex(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function refuse(): never {
  throw new BadAnswer('a broken chunk');
}
