import { describe, expect, test } from '@jest/globals';
import type { Framing } from '../../../../src/forward/wire/framing.ts';
import { ReadBuffer } from '../../../../src/forward/wire/read-buffer.ts';

const long: Framing = { content: 'counted', length: 1_000_000_000, isKept: true, keptMs: undefined };

/** In the middle of long content: what was read last is its own memory, and a piece of it was handed on. */
function takePiece(): Readonly<{ reads: ReadBuffer; own: Buffer; piece: Buffer }> {
  const reads = new ReadBuffer();
  reads.next();
  reads.expect(long);
  const first = reads.next();
  reads.take(first, 0, first.length);
  const own = reads.next();
  const piece = reads.take(own, 100, own.length);
  return { reads, own, piece };
}

describe('where a connection reads into', () => {
  test('a long piece is handed on uncopied', () => {
    const { own, piece } = takePiece();
    expect(piece.buffer).toBe(own.buffer);
  });

  test('nothing is read into a piece that somebody may still hold', () => {
    const { reads, own } = takePiece();
    expect(reads.next()).not.toBe(own);
  });

  test('nor while its client is waited for', () => {
    const { reads, own } = takePiece();
    reads.hold(false);
    expect(reads.next()).not.toBe(own);
  });

  test('the next piece takes the place of one that will have been sent by then', () => {
    const { reads, own } = takePiece();
    reads.hold(true);
    expect(reads.next()).toBe(own);
  });

  test('a piece that was on its way when its answer ended is left alone by the next answer', () => {
    const { reads, own } = takePiece();
    reads.hold(true);
    reads.expect(undefined);
    reads.release();
    const between = reads.next();
    reads.expect(long);
    reads.take(between, 0, between.length);
    expect(reads.next()).not.toBe(own);
  });

  test('a piece of what all connections read into is a copy', () => {
    const reads = new ReadBuffer();
    const shared = reads.next();
    shared[0] = 1;
    const piece = reads.take(shared, 0, 20_000);
    shared[0] = 2;
    expect(piece[0]).toBe(1);
  });

  test('the buffers of more than a hundred and twenty-eight connections at a time are small', () => {
    const all = Array.from({ length: 200 }, takePiece);
    expect(all.at(-1)!.own.length).toBe(16_384);
    for (const { reads } of all) reads.expect(undefined);
    expect(takePiece().own.length).toBe(65_536);
  });
});
