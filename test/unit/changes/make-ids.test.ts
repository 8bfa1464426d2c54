import { describe, expect, test } from '@jest/globals';
import { createIds } from '../../../src/changes/make-ids.ts';

const now = Date.UTC(2026, 0, 1);

describe('ids', () => {
  test('are greater, as text, the later they were made', () => {
    const ids = createIds();
    const made = [now, now, now, now + 1, now - 5000, now - 5000, now + 2, now * 2].map((time) =>
      ids.next(time),
    );
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
  });

  test('are many in one moment', () => {
    const ids = createIds();
    const made = Array.from({ length: 3000 }, () => ids.next(now));
    expect(made).toEqual(made.toSorted());
  });

  test('are others in another process of the same moment', () => {
    expect(createIds().next(now)).not.toBe(createIds().next(now));
  });

  test('follow those of an earlier process, though the clock was set back', () => {
    const before = createIds();
    const last = [now, now, now].map((time) => before.next(time)).at(-1)!;
    const after = createIds();
    after.follow(last, now - 60_000);
    expect(after.next(now - 60_000) > last).toBe(true);
  });

  test('follow no id that somebody has made up, or that is of another time', () => {
    const ids = createIds(() => '00000000');
    for (const id of ['zzzzzzzzz-0000-00000000', 'x', '']) ids.follow(id, now);
    expect(ids.next(now)).toBe(createIds(() => '00000000').next(now));
  });

  test('can stand in a path', () => {
    expect(createIds().next(now)).toMatch(/^[\da-z-]{23}$/);
  });
});
