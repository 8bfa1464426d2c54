import { Buffer } from 'node:buffer';

/** What nobody may pass, neither this process nor what comes from Redis. Sizes in bytes, but for those of keys. */
export const bounds = {
  words: 20_000,
  keyLength: 1_000,
  value: 16_384,
  /** Of what is told in passing: all checks of a thousand members at once. */
  tiding: 262_144,
  /** What waits to be sent; above it the next full read puts back what was left out. */
  pending: 33_554_432,
  wordsOfBatch: 500,
  batch: 262_144,
  topics: 2_000,
  /** Of a message; a batch is escaped within it. */
  message: 2_097_152,
  processes: 1_000,
  leases: 1_000,
  totalsFields: 5_000,
  totalsOfBeat: 524_288,
} as const;

export function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
