const opcodeOfClose = 0x8;

/** Follows one direction of a WebSocket from frame to frame (RFC 6455 5.2): nothing of it is kept or held back. */
export class FrameReader {
  /** What is still to come of the frame's mask and payload. */
  #left = 0;
  /** How many bytes of its header have come. */
  #header = 0;
  #isMasked = false;
  #length = 0;
  /** Bytes of the length that are still to come. */
  #lengthLeft = 0;
  #hasClosed = false;

  /** Every frame that has begun has ended. */
  get isBetweenFrames(): boolean {
    return this.#left === 0 && this.#header === 0;
  }

  /** A Close frame has begun. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Follows a piece to its end, or, `toBoundary`, to the first end of a frame in it; tells where that is. */
  read(piece: Uint8Array, toBoundary = false): number {
    let at = 0;
    while (at < piece.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, piece.length - at);
        at += taken;
        this.#left -= taken;
      } else {
        this.#readHeader(piece[at]!);
        at += 1;
      }
      if (toBoundary && this.isBetweenFrames) break;
    }
    return at;
  }

  #readHeader(byte: number): void {
    if (this.#header === 0) {
      this.#header = 1;
      if ((byte & 0x0f) === opcodeOfClose) this.#hasClosed = true;
    } else if (this.#header === 1) {
      this.#header = 2;
      this.#isMasked = byte >= 0x80;
      const length = byte & 0x7f;
      if (length < 126) this.#begin(length);
      else this.#lengthLeft = length === 126 ? 2 : 8;
    } else {
      // Inexact above 2^53, which no frame comes near.
      this.#length = this.#length * 256 + byte;
      this.#lengthLeft -= 1;
      if (this.#lengthLeft === 0) this.#begin(this.#length);
    }
  }

  #begin(length: number): void {
    this.#left = length + (this.#isMasked ? 4 : 0);
    this.#length = 0;
    this.#header = 0;
  }
}
