/** How many pieces are kept before small ones are put together. */
const MOST_PIECES = 256;
const SMALL_BYTES = 256 * MOST_PIECES;

/** What has been read of a body, kept so that it can be sent again; all of it or, past the limit, nothing. */
export class KeptBytes {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  /** How many chunks at the front have been looked through for small ones. */
  #packed = 0;
  #packedBytes = 0;
  #bytes = 0;
  #isWhole = true;
  #isEmpty = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** In order; empty once the limit was passed. */
  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Everything that was added is here. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Nothing was ever added. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(chunk: Buffer): void {
    this.#isEmpty = false;
    if (!this.#isWhole) return;
    if (this.#bytes + chunk.length > this.#limit) {
      this.drop();
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#chunks.length - this.#packed >= MOST_PIECES) this.#pack();
  }

  drop(): void {
    this.#isWhole = false;
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** A client may send its body byte by byte, and a Buffer weighs far more than a byte. */
  #pack(): void {
    if (this.#bytes - this.#packedBytes < SMALL_BYTES) {
      this.#chunks.push(Buffer.concat(this.#chunks.splice(this.#packed)));
    }
    this.#packed = this.#chunks.length;
    this.#packedBytes = this.#bytes;
  }
}
