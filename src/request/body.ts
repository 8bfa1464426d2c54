import type { IncomingMessage } from 'node:http';
import { BodySource } from './body-source.ts';
import { KeptBytes } from './kept-bytes.ts';

/** Where a request's body comes from. */
export type Body = NoBody | BytesBody | StreamBody;

/** The request has no body. */
export type NoBody = Readonly<{
  kind: 'none';
  /** The client said `Content-Length: 0`. */
  counted: boolean;
}>;

/** What a body parser has left, put into bytes again; not compressed any more if it was. */
export type BytesBody = Readonly<{
  kind: 'bytes';
  bytes: Buffer;
  /** Content-Type, if not the one the client sent. */
  contentType: string | undefined;
}>;

/** The client's own stream, and what is kept of it while it streams. Nothing is read ahead. */
export class StreamBody {
  readonly kind = 'stream';
  /** In bytes, as the client has announced it; undefined for a chunked body. */
  readonly length: number | undefined;
  readonly #req: IncomingMessage;
  readonly #kept: KeptBytes;
  #source: BodySource | undefined;
  #poured: ((bytes: number) => void) | undefined;

  constructor(req: IncomingMessage, length: number | undefined, replayBytes: number) {
    this.length = length;
    this.#req = req;
    this.#kept = new KeptBytes(replayBytes);
  }

  /** Everything that was read so far can be sent again. */
  get isReplayable(): boolean {
    return this.#kept.isWhole;
  }

  /** Some of the body has gone to a sender. */
  get hasPoured(): boolean {
    return !this.#kept.isEmpty;
  }

  /** How much is kept, in bytes. */
  get keptBytes(): number {
    return this.#kept.bytes;
  }

  /** Tells of every piece that goes to a sender from now on, instead of whom it told before. */
  watch(poured: (bytes: number) => void): void {
    this.#poured = poured;
  }

  /** The body for one attempt, from its first byte; ends what an earlier attempt had. */
  open(): BodySource {
    this.close();
    const source = new BodySource(this.#req, this.#kept);
    source.on('data', (chunk) => this.#poured?.(chunk.length));
    this.#source = source;
    return source;
  }

  /** Ends the attempt's use of the body; the request stands still until the next `open`. */
  close(): void {
    this.#source?.destroy();
    this.#source = undefined;
  }

  /** Lets the rest of the body flow away, so that the client's connection can carry its next request. */
  discard(): void {
    this.close();
    this.#kept.drop();
    this.#req.resume();
  }
}

/** Whether the body can be sent to a further member. */
export function isReplayable(body: Body): boolean {
  return body.kind !== 'stream' || body.isReplayable;
}

/** The request is over: nobody will want its body any more. */
export function dropBody(body: Body): void {
  if (body.kind === 'stream') body.discard();
}
