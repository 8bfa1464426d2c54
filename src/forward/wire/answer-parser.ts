import type { RawHeaders } from '../../rewrite/headers.ts';
import type { Answer } from '../outcome.ts';
import { ChunkReader, type TakeContent } from './chunk-reader.ts';
import { readFraming, type Framing } from './framing.ts';
import { HeadReader } from './head-reader.ts';
import { BadAnswer } from './wire-error.ts';

/** What is told of an answer, in the order of RFC 9112 2.1. Where it returns false, nobody wants any more. */
export type AnswerSink = Readonly<{
  interim(answer: Answer): boolean;
  head(answer: Answer, framing: Framing): boolean;
  /** The bytes are the reader's: who keeps them copies them. */
  content(bytes: Buffer, from: number, to: number): boolean;
  /** `left`: bytes that came behind the answer, and belong to nothing. */
  end(trailers: RawHeaders, left: number): void;
  /** 101: what follows is no HTTP; what has come of it begins at `from`. */
  switched(answer: Answer, bytes: Buffer, from: number, to: number): void;
}>;

/** How many 100 (Continue) may come before an answer: a member could go on for ever. */
const mostContinues = 10;

const noTrailers: RawHeaders = [];

/** Reads the answers of one connection, one after the other, in whatever pieces they come. Throws a BadAnswer at what is none. */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #lines: HeadReader;
  readonly #chunks = new ChunkReader();
  readonly #take: TakeContent;
  #state: 'idle' | 'head' | 'counted' | 'chunked' | 'trailers' | 'until-close' = 'idle';
  #isHead = false;
  #continues = 0;
  /** In bytes, of counted content. */
  #left = 0;

  constructor(sink: AnswerSink, maxHeadBytes: number) {
    this.#sink = sink;
    this.#lines = new HeadReader(maxHeadBytes);
    this.#take = (bytes, from, to) => sink.content(bytes, from, to);
  }

  /** An answer is due. `isHead`: to HEAD, whose answers have no content, whatever they say. */
  expect(isHead: boolean): void {
    this.#isHead = isHead;
    this.#continues = 0;
    this.#state = 'head';
    this.#lines.begin('head');
  }

  /** Reads the first bytes of a buffer, as many as have come. */
  read(bytes: Buffer, count: number): void {
    let at = 0;
    while (at < count) {
      switch (this.#state) {
        case 'idle':
          throw new BadAnswer('bytes that nobody has asked for');
        case 'head':
          at = this.#lines.read(bytes, at, count);
          if (this.#lines.isWhole && !this.#takeHead(bytes, at, count)) return;
          break;
        case 'counted': {
          const end = Math.min(count, at + this.#left);
          this.#left -= end - at;
          if (!this.#sink.content(bytes, at, end)) return;
          at = end;
          if (this.#left > 0) return;
          this.#end(noTrailers, count - at);
          return;
        }
        case 'chunked':
          at = this.#chunks.read(bytes, at, count, this.#take);
          if (at === -1) return;
          if (!this.#chunks.isDone) return;
          this.#lines.begin('trailers');
          this.#state = 'trailers';
          break;
        case 'trailers':
          at = this.#lines.read(bytes, at, count);
          if (!this.#lines.isWhole) break;
          this.#end(this.#lines.fields, count - at);
          return;
        case 'until-close':
          this.#sink.content(bytes, at, count);
          return;
      }
    }
  }

  /** No more will come; true when the answer is whole by that. */
  finish(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#end(noTrailers, 0);
    return true;
  }

  /** Returns whether there is more to read of these bytes. */
  #takeHead(bytes: Buffer, at: number, count: number): boolean {
    const { status, minor, reason, fields } = this.#lines;
    const answer: Answer =
      minor === 1
        ? { status, reason, headers: fields }
        : { status, reason, headers: fields, httpVersion: '1.0' };
    if (status === 101) {
      this.#state = 'idle';
      this.#sink.switched(answer, bytes, at, count);
      return false;
    }
    const framing = readFraming(status, minor, fields, this.#isHead);
    if (status < 200) {
      this.#lines.begin('head');
      return this.#takeInterim(answer);
    }
    switch (framing.content) {
      case 'none':
        this.#state = 'idle';
        if (this.#sink.head(answer, framing)) this.#end(noTrailers, count - at);
        return false;
      case 'counted':
        this.#left = framing.length;
        break;
      case 'chunked':
        this.#chunks.begin();
        break;
      case 'until-close':
        break;
    }
    this.#state = framing.content;
    return this.#sink.head(answer, framing);
  }

  #takeInterim(answer: Answer): boolean {
    if (answer.status !== 100) return this.#sink.interim(answer);
    // RFC 9110 15.2: a client has to put up with one that it has not asked for, and no request here asks.
    this.#continues += 1;
    if (this.#continues > mostContinues) throw new BadAnswer('more than ten times 100 (Continue)');
    return true;
  }

  #end(trailers: RawHeaders, left: number): void {
    this.#state = 'idle';
    this.#lines.forget();
    this.#sink.end(trailers, left);
  }
}
