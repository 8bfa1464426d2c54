import { describe, expect, test } from '@jest/globals';
import { KeptBytes } from '../../../src/request/kept-bytes.ts';

describe('KeptBytes', () => {
  test('keeps chunks as they are, up to the limit', () => {
    const kept = new KeptBytes(5);
    const chunks = [Buffer.from('12'), Buffer.from('345')];
    expect([kept.isEmpty, kept.isWhole]).toEqual([true, true]);
    for (const chunk of chunks) kept.add(chunk);
    expect(kept.chunks[0]).toBe(chunks[0]);
    expect([kept.chunks, kept.bytes, kept.isEmpty, kept.isWhole]).toEqual([chunks, 5, false, true]);
  });

  test('keeps nothing past the limit, ever again', () => {
    const kept = new KeptBytes(5);
    kept.add(Buffer.from('123'));
    kept.add(Buffer.from('456'));
    kept.add(Buffer.from('7'));
    expect([kept.chunks, kept.bytes, kept.isEmpty, kept.isWhole]).toEqual([[], 0, false, false]);
  });

  test('puts a body together that comes byte by byte', () => {
    const kept = new KeptBytes(65_536);
    const bytes = Buffer.from(Array.from({ length: 65_536 }, (_, i) => i % 251));
    for (let i = 0; i < bytes.length; i += 1) kept.add(bytes.subarray(i, i + 1));
    expect(Buffer.concat(kept.chunks).equals(bytes)).toBe(true);
    expect(kept.chunks.length).toBeLessThan(600);
    expect([kept.bytes, kept.isWhole]).toEqual([65_536, true]);
  });

  test('copies no large chunks', () => {
    const kept = new KeptBytes(10_000_000);
    const chunks = Array.from({ length: 600 }, () => Buffer.alloc(4096));
    for (const chunk of chunks) kept.add(chunk);
    expect(kept.chunks).toHaveLength(600);
    expect(kept.chunks.every((chunk, i) => chunk === chunks[i])).toBe(true);
  });
});
