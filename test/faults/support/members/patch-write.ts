import { OutgoingMessage } from 'node:http';

/** What was written to a response by way of `write`. */
export const kept: { of: unknown; pieces: Buffer[] } = { of: undefined, pieces: [] };

const write = Object.getOwnPropertyDescriptor(OutgoingMessage.prototype, 'write')!.value as (
  this: unknown,
  ...args: unknown[]
) => boolean;

/** As tools that watch traffic do it, and some of them badly: this one forgets to call back. */
Object.assign(OutgoingMessage.prototype, {
  write(this: OutgoingMessage, chunk: unknown, encoding?: unknown) {
    if (this === kept.of && Buffer.isBuffer(chunk)) kept.pieces.push(chunk);
    return write.call(this, chunk, typeof encoding === 'string' ? encoding : undefined);
  },
});
