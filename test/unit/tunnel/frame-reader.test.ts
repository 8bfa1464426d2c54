import { describe, expect, test } from '@jest/globals';
import { closeToClient, makeCloseToMember } from '../../../src/tunnel/close-frame.ts';
import { FrameReader } from '../../../src/tunnel/frame-reader.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';

/** A frame whose length is written in the shortest way (RFC 6455 5.2), or in the longest. */
function makeFrame(opcode: number, length: number, { isMasked = false, isLong = false } = {}): Buffer {
  const bit = isMasked ? 0x80 : 0;
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  const header =
    isLong || length > 0xffff
      ? [bit | 127, ...long]
      : length > 125
        ? [bit | 126, length >> 8, length & 0xff]
        : [bit | length];
  // Close frames without number, were they read as headers.
  return Buffer.concat([
    Buffer.from([0x80 | opcode, ...header]),
    Buffer.alloc(length + (isMasked ? 4 : 0), 0x88),
  ]);
}

/** Cuts bytes into pieces, empty ones among them. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = random.happens(50) ? random.below(4) : random.below(20_000);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

describe('what is read of frames', () => {
  test.each([
    ['an empty one', makeFrame(1, 0)],
    ['the longest short one', makeFrame(2, 125)],
    ['the shortest with 16 bits', makeFrame(2, 126)],
    ['the longest with 16 bits', makeFrame(2, 0xffff)],
    ['the shortest with 64 bits', makeFrame(2, 0x1_0000)],
    ['a short one that is written long', makeFrame(0, 3, { isLong: true })],
    ['an empty one that is written long', makeFrame(0, 0, { isLong: true })],
    ['a masked one', makeFrame(1, 5, { isMasked: true })],
    ['an empty masked one', makeFrame(9, 0, { isMasked: true })],
    ['a masked one with 64 bits', makeFrame(2, 70_000, { isMasked: true })],
  ])('ends with its last byte, and not before: %s', (_what, frame) => {
    const whole = new FrameReader();
    expect(whole.read(frame)).toBe(frame.length);
    expect(whole.isBetweenFrames).toBe(true);

    const byByte = new FrameReader();
    for (let at = 0; at < frame.length; at += 1) {
      byByte.read(frame.subarray(at, at + 1));
      expect(byByte.isBetweenFrames).toBe(at === frame.length - 1);
    }
    expect([whole.hasClosed, byByte.hasClosed]).toEqual([false, false]);
  });

  test('is the same however they are cut', () => {
    const random = createRandom(8);
    for (let round = 0; round < 50; round += 1) {
      const frames = Array.from({ length: 1 + random.below(12) }, () =>
        makeFrame(
          random.oneOf([0, 1, 2, 9, 10]),
          random.oneOf([0, 1, 125, 126, 127, 4_000, 65_535, 65_536]),
          {
            isMasked: random.happens(50),
            isLong: random.happens(20),
          },
        ),
      );
      const ends = new Set(
        frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0)),
      );
      const reader = new FrameReader();
      let at = 0;
      for (const piece of cut(Buffer.concat(frames), random)) {
        at += reader.read(piece);
        expect(reader.isBetweenFrames).toBe(at === 0 || ends.has(at));
      }
      expect(reader.hasClosed).toBe(false);
    }
  });

  test('stops at the first boundary, where it is asked to', () => {
    const frames = [makeFrame(1, 300), makeFrame(9, 0), makeFrame(2, 5)];
    const bytes = Buffer.concat(frames);
    const reader = new FrameReader();
    reader.read(bytes.subarray(0, 1));
    expect(reader.read(bytes.subarray(1, 100), true)).toBe(99);
    expect(reader.read(bytes.subarray(100), true)).toBe(frames[0]!.length - 100);
    expect(reader.read(bytes.subarray(frames[0]!.length), true)).toBe(2);
    expect(reader.isBetweenFrames).toBe(true);
  });

  test('knows a Close frame by its first byte, and its end', () => {
    const reader = new FrameReader();
    reader.read(makeFrame(1, 5));
    reader.read(closeToClient.subarray(0, 1));
    expect([reader.hasClosed, reader.isBetweenFrames]).toEqual([true, false]);
    reader.read(closeToClient.subarray(1));
    expect([reader.hasClosed, reader.isBetweenFrames]).toEqual([true, true]);
  });

  test('of a length that nobody can send goes on for ever', () => {
    const reader = new FrameReader();
    reader.read(Buffer.from([0x82, 127, ...Buffer.alloc(8, 0xff)]));
    reader.read(Buffer.alloc(100_000));
    expect(reader.isBetweenFrames).toBe(false);
  });
});

describe('a Close frame', () => {
  test('says 1001 and why, to a client without a mask', () => {
    expect(closeToClient.subarray(0, 2)).toEqual(Buffer.from([0x88, 12]));
    expect([closeToClient.readUInt16BE(2), closeToClient.toString('utf8', 4)]).toEqual([1001, 'going away']);
  });

  test('says the same to a member, with a mask that is another one each time', () => {
    const [one, other] = [makeCloseToMember(), makeCloseToMember()];
    for (const frame of [one, other]) {
      expect(frame.subarray(0, 2)).toEqual(Buffer.from([0x88, 0x80 | 12]));
      const said = frame.subarray(6).map((byte, i) => byte ^ frame[2 + (i % 4)]!);
      expect(Buffer.from(said)).toEqual(closeToClient.subarray(2));
    }
    expect(one.subarray(2, 6)).not.toEqual(other.subarray(2, 6));
  });
});
