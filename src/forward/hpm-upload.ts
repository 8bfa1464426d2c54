import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Body } from '../request/body.ts';
import type { BodySource } from '../request/body-source.ts';

/** Hears how an upload gets on. */
export type UploadOwner = Readonly<{
  /** The member has all of it, or takes no more for now. */
  held(): void;
  /** The client is awaited. */
  flowing(): void;
  /** A piece has come. */
  stir(): void;
  /** The client's body broke off. */
  lost(error: Error): void;
}>;

/** The body of one attempt, on its way from the client to the member. */
export class Upload {
  readonly #body: Body;
  readonly #source: BodySource | undefined;
  readonly #owner: UploadOwner;

  constructor(body: Body, owner: UploadOwner) {
    this.#body = body;
    this.#owner = owner;
    this.#source = body.kind === 'stream' ? body.open() : undefined;
    this.#source?.on('error', (error) => {
      owner.lost(error);
    });
  }

  /** Ends the attempt's use of the body. */
  destroy(): void {
    this.#source?.destroy();
  }

  /**
   * Writes the body into a request whose connection is there. `announce` has listeners hear of pieces and end;
   * with `isHeard` it is they who write, as httpxy does where it follows redirects.
   */
  pour(request: ClientRequest, announce: EventEmitter['emit'], isHeard: boolean): void {
    if (this.#source) {
      this.#stream(this.#source, request, announce, isHeard);
      return;
    }
    const bytes = this.#body.kind === 'bytes' ? this.#body.bytes : undefined;
    if (bytes) announce('data', bytes);
    announce('end');
    if (!isHeard) request.end(bytes);
    this.#owner.held();
  }

  #stream(
    source: BodySource,
    request: ClientRequest,
    announce: EventEmitter['emit'],
    isHeard: boolean,
  ): void {
    source.on('held', () => {
      this.#owner.held();
    });
    source.on('flowing', () => {
      this.#owner.flowing();
    });
    source.on('data', (chunk) => {
      this.#owner.stir();
      announce('data', chunk);
      // httpxy does not mind how much is waiting already.
      if (isHeard && request.writableNeedDrain) source.pause();
    });
    source.on('end', () => {
      announce('end');
      this.#owner.held();
    });
    if (isHeard) request.on('drain', () => source.resume());
    else source.pipe(request);
    source.resume();
  }
}

/** Makes a request fit to be written: its framing is right whatever hooks have added. */
export function frame(request: ClientRequest, body: Body): void {
  if (request.headersSent) return;
  const isChunked = request.hasHeader('transfer-encoding');
  // RFC 9112 6.3: a length next to a transfer coding is how requests are smuggled.
  if (isChunked) request.removeHeader('content-length');
  // Node throws at a Trailer where no chunks are written.
  else request.removeHeader('trailer');
  // httpxy counts a DELETE without a body, as its client did not.
  if (body.kind === 'none' && !body.counted && request.getHeader('content-length') === '0') {
    request.removeHeader('content-length');
  }
}

/** Notes whether anybody writes to a request, as HPM's `fixRequestBody` does, until it is asked. */
export function noteWrites(request: ClientRequest): () => boolean {
  let hasWritten = false;
  const note =
    (method: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      hasWritten = true;
      // Whoever writes a body of its own tells its length, or writes chunks.
      if (!request.headersSent && request.hasHeader('content-length'))
        request.removeHeader('transfer-encoding');
      return method(...args);
    };
  const { write, end } = request as unknown as Record<string, (...args: unknown[]) => unknown>;
  Object.assign(request, { write: note(write!.bind(request)), end: note(end!.bind(request)) });
  return () => {
    Reflect.deleteProperty(request, 'write');
    Reflect.deleteProperty(request, 'end');
    return hasWritten;
  };
}
