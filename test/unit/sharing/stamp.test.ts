import { describe, expect, test } from '@jest/globals';
import { createStamps, isStamp, timeOf, type Stamp } from '../../../src/sharing/stamp.ts';

const now = 1_790_000_000_000;
const dayMs = 86_400_000;

/** A stamp of another process. */
function stampAt(time: number, count = 0, process = 'ffffffff'): Stamp {
  return `${time.toString(36).padStart(9, '0')}-${count.toString(36).padStart(4, '0')}-${process}`;
}

describe('a stamp', () => {
  test('tells its time and its process', () => {
    const stamp = createStamps('1f2a3b4c').next(now);
    expect(stamp).toBe(stampAt(now, 0, '1f2a3b4c'));
    expect(createStamps('1f2a3b4c').next(parseInt('mb3k2v9x', 36))).toBe('0mb3k2v9x-0000-1f2a3b4c');
    expect(timeOf(stamp)).toBe(now);
    expect(isStamp(stamp, now)).toBe(true);
  });

  test('is later than each before it, as text, though the clock stands still, goes on and goes back', () => {
    const stamps = createStamps('00000001');
    const times = [now, now, now + 1, now - 5_000, now - 4_000, now + 1, now + 2, 0, now + dayMs];
    const made = times.map((time) => stamps.next(time));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  test('goes on where the numbers within a millisecond are used up', () => {
    const stamps = createStamps('00000001');
    const full = stampAt(now, 36 ** 4 - 1);
    stamps.follow(full, now);
    const next = stamps.next(now);
    expect(timeOf(next)).toBe(now + 1);
    expect(next > full).toBe(true);
  });

  test.each([
    ['ahead', stampAt(now + 3_600_000, 7)],
    ['of the same time', stampAt(now, 7)],
    ['long ago', stampAt(now - 3_600_000, 7)],
  ])('is later than one that was heard of before, %s', (_when, heard) => {
    const stamps = createStamps('00000000');
    const own = stamps.next(now);
    stamps.follow(heard, now);
    const next = stamps.next(now);
    expect(next > heard && next > own).toBe(true);
  });

  test('of two processes at one moment has an order', () => {
    const [one, other] = ['00000001', '00000002'].map((process) => createStamps(process).next(now));
    expect(one! < other!).toBe(true);
  });

  test.each([
    '',
    'mb3k2v9x0',
    'mb3k2v9x0-0000-1f2a3b4',
    'mb3k2v9x0-0000-1f2a3b4c5',
    'MB3K2V9X0-0000-1F2A3B4C',
    'mb3k2v9x0-00000-1f2a3b4c',
    'mb3k2v9x0-0000-1f2a3b4c\n',
    ' mb3k2v9x0-0000-1f2a3b4c',
    'zzzzzzzzz-zzzz-ffffffff',
    stampAt(now + dayMs + 1),
  ])('is none, and followed by nobody: %j', (text) => {
    expect(isStamp(text, now)).toBe(false);
    const stamps = createStamps('00000001');
    stamps.follow(text, now);
    expect(stamps.next(now)).toBe(stampAt(now, 0, '00000001'));
  });

  test('is believed when it is a day ahead: clocks are set wrong by no more', () => {
    expect(isStamp(stampAt(now + dayMs), now)).toBe(true);
  });
});
