import { findTokenEnd, isSpace, isValue } from './characters.ts';
import { BadAnswer } from './wire-error.ts';

/** How much is looked at in one go: most heads are shorter, and what follows them is content. */
const windowBytes = 2048;

/** Replaced before anything is put into it. */
const nothing: string[] = [];

const CR = 0x0d;
const COLON = 0x3a;
const ZERO = 0x30;

/** Reads lines up to an empty one, in whatever pieces they come: the head of an answer, or its trailers. */
export class HeadReader {
  readonly #maxBytes: number;
  status = 0;
  reason = '';
  /** The minor version: HTTP/1.0 or HTTP/1.1. */
  minor = 1;
  /** Name, value, name, value … */
  fields = nothing;
  isWhole = false;
  /** The next line is the first of a head. */
  #isFirst = false;
  #bytes = 0;
  /** The beginning of a line whose end has not come. */
  #held = '';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  begin(what: 'head' | 'trailers'): void {
    this.#isFirst = what === 'head';
    this.isWhole = false;
    this.fields = [];
    this.#bytes = 0;
    this.#held = '';
  }

  /** Nothing of a message is kept when it is over: it would live as long as the connection. */
  forget(): void {
    this.fields = nothing;
    this.reason = '';
    this.#held = '';
  }

  /** Returns where it has stopped: behind the empty line, or before what is still to be read. */
  read(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + windowBytes);
    const before = this.#held.length;
    const text = this.#held + bytes.toString('latin1', from, end);
    let line = 0;
    // What is held has no end in it.
    let search = before;
    for (;;) {
      const eol = text.indexOf('\n', search);
      if (eol === -1) break;
      this.#count(eol + 1 - line);
      // RFC 9112 2.2 allows to take a bare LF for an end; whoever does so sees other lines than who does not.
      if (eol === line || text.charCodeAt(eol - 1) !== CR) throw new BadAnswer('a line that ends without CR');
      if (eol - 1 === line) {
        if (this.#isFirst) throw new BadAnswer('no status line');
        this.isWhole = true;
        this.#held = '';
        return from + eol + 1 - before;
      }
      if (this.#isFirst) this.#readStatus(text, line, eol - 1);
      else this.#readField(text, line, eol - 1);
      line = eol + 1;
      search = line;
    }
    this.#held = text.slice(line);
    this.#refuseStranger();
    if (this.#bytes + this.#held.length > this.#maxBytes) this.#count(this.#held.length);
    return end;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) throw new BadAnswer(`a head of more than ${this.#maxBytes} bytes`);
  }

  /** Who speaks something else may never end a line. */
  #refuseStranger(): void {
    if (this.#isFirst && !'HTTP/1.'.startsWith(this.#held.slice(0, 7))) {
      throw new BadAnswer('no status line');
    }
  }

  /** RFC 9112 4: `HTTP/1.1 200 OK`. */
  #readStatus(text: string, from: number, to: number): void {
    const hundreds = text.charCodeAt(from + 9) - ZERO;
    const tens = text.charCodeAt(from + 10) - ZERO;
    const ones = text.charCodeAt(from + 11) - ZERO;
    const isStatus =
      (text.startsWith('HTTP/1.1 ', from) || text.startsWith('HTTP/1.0 ', from)) &&
      to >= from + 12 &&
      isDigit(hundreds) &&
      isDigit(tens) &&
      isDigit(ones) &&
      // A reason may be left out; some leave out the space before it as well.
      (to === from + 12 || text.charCodeAt(from + 12) === 0x20) &&
      isValue(text, from + 13, to);
    if (!isStatus) throw new BadAnswer('no status line');
    this.minor = text.charCodeAt(from + 7) - ZERO;
    this.status = hundreds * 100 + tens * 10 + ones;
    this.reason = text.slice(from + 13, to);
    this.#isFirst = false;
    if (this.status < 100) throw new BadAnswer(`status ${this.status} is no answer`);
  }

  /** RFC 9112 5: no space before the colon, no line that goes on in the next one. */
  #readField(text: string, from: number, to: number): void {
    const colon = findTokenEnd(text, from, to);
    if (colon === from || colon === to || text.charCodeAt(colon) !== COLON) {
      throw new BadAnswer('a line of the head that is no field');
    }
    let start = colon + 1;
    while (start < to && isSpace(text.charCodeAt(start))) start += 1;
    let end = to;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
    const name = text.slice(from, colon);
    if (!isValue(text, start, end)) throw new BadAnswer(`a control character in ${name}`);
    this.fields.push(name, text.slice(start, end));
  }
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
