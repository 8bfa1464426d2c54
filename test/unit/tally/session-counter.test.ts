import { describe, expect, test } from '@jest/globals';
import { SessionCounter } from '../../../src/tally/session-counter.ts';

const minute = 60_000;
const seeds = [0, 0x5eed, 0xffff_ffff];

/** What an app may call its sessions. */
const shapes: readonly (readonly [string, (i: number) => string])[] = [
  ['numbers', String],
  ['hex', (i) => (i * 2_654_435_761).toString(16).padStart(32, '0')],
  ['long ones that differ in the middle', (i) => `${'x'.repeat(100)}${i}${'y'.repeat(100)}`],
];

function noteAll(
  counter: SessionCounter,
  from: number,
  to: number,
  now: number,
  name: (i: number) => string = String,
): void {
  for (let i = from; i < to; i += 1) counter.note(name(i), now);
}

describe('sessions', () => {
  test('are none before the first', () => {
    expect(new SessionCounter(1).count(0)).toBe(0);
  });

  test.each([1, 2, 5, 10])('are counted exactly, or nearly, while they are few: %d', (count) => {
    for (const seed of seeds) {
      const counter = new SessionCounter(seed);
      noteAll(counter, 0, count, 0);
      expect(Math.abs(counter.count(0) - count)).toBeLessThanOrEqual(count > 5 ? 1 : 0);
    }
  });

  test.each(shapes)('are counted within a tenth, be they few or many: %s', (_shape, name) => {
    for (const seed of seeds) {
      const counter = new SessionCounter(seed);
      let noted = 0;
      for (const count of [50, 100, 500, 3_000, 8_000]) {
        noteAll(counter, noted, count, 0, name);
        noted = count;
        expect(Math.abs(counter.count(0) / count - 1)).toBeLessThan(0.1);
      }
    }
  });

  test('are counted within a tenth when they are a hundred thousand', () => {
    const counter = new SessionCounter(0x5eed);
    noteAll(counter, 0, 20_000, 0);
    expect(Math.abs(counter.count(0) / 20_000 - 1)).toBeLessThan(0.1);
    noteAll(counter, 20_000, 100_000, 0);
    expect(Math.abs(counter.count(0) / 100_000 - 1)).toBeLessThan(0.1);
  });

  test('count once, however often they come, and in whatever window', () => {
    const counter = new SessionCounter(7);
    for (let at = 0; at < 25 * minute; at += minute) noteAll(counter, 0, 5, at);
    expect(counter.count(25 * minute)).toBe(5);
  });

  test('are forgotten after half an hour, and not before 25 minutes', () => {
    const counter = new SessionCounter(7);
    noteAll(counter, 0, 20, 4 * minute);
    noteAll(counter, 20, 23, 20 * minute);
    expect(counter.count(29.9 * minute)).toBeGreaterThanOrEqual(22);
    expect(counter.count(30 * minute)).toBe(3);
    expect(counter.count(49.9 * minute)).toBe(3);
    expect(counter.count(50 * minute)).toBe(0);
  });

  test('of long ago do not come back when their window is used again', () => {
    const counter = new SessionCounter(7);
    noteAll(counter, 0, 1_000, 0);
    noteAll(counter, 0, 3, 30 * minute);
    expect(counter.count(30 * minute)).toBe(3);
    noteAll(counter, 3, 4, 24 * 60 * minute);
    expect(counter.count(24 * 60 * minute)).toBe(1);
  });

  test('are hashed by a secret: the same ones fall elsewhere in another process', () => {
    const counts = [1, 2, 3, 4, 5, 6].map((seed) => {
      const counter = new SessionCounter(seed);
      noteAll(counter, 0, 5_000, 0);
      return counter.count(0);
    });
    expect(new Set(counts).size).toBeGreaterThan(1);
  });
});
