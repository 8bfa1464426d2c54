import type { ServerResponse } from 'node:http';

/** What tells a byte of one content from those of all others, and from itself at any other place. */
const wordBytes = 8;

/** Content of its own: every eight bytes say whose they are, and where they belong. */
export function makePattern(id: number, length: number): Buffer {
  const words = Math.ceil(length / wordBytes);
  const bytes = Buffer.allocUnsafe(words * wordBytes);
  const view = new Uint32Array(bytes.buffer, bytes.byteOffset, words * 2);
  for (let i = 0; i < words; i += 1) {
    view[2 * i] = id;
    view[2 * i + 1] = i;
  }
  return bytes.subarray(0, length);
}

/** Looks at content piece by piece; says what is wrong with it. */
export class PatternReader {
  readonly #whole: Buffer;
  #at = 0;
  /** The first thing that is wrong. */
  fault: string | undefined;

  constructor(whole: Buffer) {
    this.#whole = whole;
  }

  get isWhole(): boolean {
    return this.fault === undefined && this.#at === this.#whole.length;
  }

  read(chunk: Buffer): void {
    const expected = this.#whole.subarray(this.#at, this.#at + chunk.length);
    if (this.fault === undefined && !chunk.equals(expected)) this.fault = this.#describe(chunk, expected);
    this.#at += chunk.length;
  }

  #describe(chunk: Buffer, expected: Buffer): string {
    const wrong = chunk.findIndex((byte, i) => byte !== expected[i]);
    const said = chunk.subarray(Math.max(0, wrong - wordBytes), wrong + 2 * wordBytes).toString('hex');
    return `byte ${this.#at + wrong} of ${this.#whole.length}: ${said}`;
  }
}

/** Writes content in pieces, each when the one before has been taken. */
export async function writePieces(
  res: ServerResponse,
  content: Buffer,
  nextLength: () => number,
  between: () => Promise<unknown> | undefined = () => undefined,
): Promise<void> {
  for (let at = 0; at < content.length && !res.destroyed;) {
    const piece = content.subarray(at, at + nextLength());
    at += piece.length;
    const isTaken = res.write(piece);
    if (!isTaken && !res.closed) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const go = (): void => {
        resolve(undefined);
      };
      res.once('drain', go).once('close', go);
      await promise;
      res.off('drain', go).off('close', go);
    }
    await between();
  }
}
