import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Body } from '../../request/body.ts';
import type { BodySource } from '../../request/body-source.ts';

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
