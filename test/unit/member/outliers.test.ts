import { describe, expect, test } from '@jest/globals';
import { createRecord, enterAnswer, mayEject } from '../../../src/member/outliers.ts';
import type { EjectionSettings } from '../../../src/definition/settings.ts';
import { buildViews } from '../../support/build-members.ts';
import { createRandom } from '../../support/seeded-random.ts';

const never: EjectionSettings = {
  consecutive: Infinity,
  rate: Infinity,
  windowMs: 10_000,
  minRequests: 10,
  maxEjected: 1,
  timeMs: 30_000,
};

/** Enters answers, one each so many milliseconds, `x` for a bad one; tells after how many the member stands out. */
function standsOutAfter(answers: string, rules: Partial<EjectionSettings>, everyMs = 0): number | undefined {
  const record = createRecord();
  const found = Array.from(answers).findIndex((answer, i) =>
    enterAnswer(record, answer === 'x', { ...never, ...rules }, 1_000_000 + i * everyMs),
  );
  return found < 0 ? undefined : found + 1;
}

describe('a member stands out', () => {
  test.each([
    ['by as many bad answers in a row as are set', 'xxxxx', 5, 5],
    ['not by fewer', 'xxxx', 5, undefined],
    ['not when a good one is between them', 'xxxx.xxxx', 5, undefined],
    ['by those after the last good one', '..x.xxx', 3, 7],
    ['by one, if one is enough', '.x', 1, 2],
  ])('%s', (_how, answers, consecutive, expected) => {
    expect(standsOutAfter(answers, { consecutive })).toBe(expected);
    // However long it takes.
    expect(standsOutAfter(answers, { consecutive }, 3_600_000)).toBe(expected);
  });

  test.each([
    ['by a share of bad answers, once there are enough', '.x.x.x.x.x', 0, 10],
    ['not before there are', '.x.x.x.x.', 0, undefined],
    ['not by a lesser share', '.x.x.x.x..x', 0, undefined],
    ['not with a good answer', 'xxxxxx...', 0, undefined],
    ['by all that have come within the window', '.x.x.x.x.x', 999, 10],
    ['not by those before it', 'xxxxxxxxx.....x', 2_000, undefined],
  ])('%s', (_how, answers, everyMs, expected) => {
    expect(standsOutAfter(answers, { rate: 0.5 }, everyMs)).toBe(expected);
  });

  test('not at all, however bad, when nothing is set', () => {
    expect(standsOutAfter('x'.repeat(100), {})).toBeUndefined();
  });

  test('by what has come in this tenth of a window and the nine before it, and nothing older', () => {
    const random = createRandom(7);
    const record = createRecord();
    const entered: { tenth: number; isBad: boolean }[] = [];
    let now = 500;
    for (let i = 0; i < 3_000; i += 1) {
      now += random.below(random.happens(5) ? 20_000 : 900);
      const tenth = Math.floor(now / 1_000);
      entered.push({ tenth, isBad: random.happens(50) });
      const { isBad } = entered.at(-1)!;
      const recent = entered.slice(-500).filter((each) => each.tenth > tenth - 10);
      const bad = recent.filter((each) => each.isBad).length;
      const expected = isBad && recent.length >= never.minRequests && bad / recent.length >= 0.5;
      expect(enterAnswer(record, isBad, { ...never, rate: 0.5 }, now)).toBe(expected);
    }
  });
});

describe('one more member may be ejected', () => {
  const gone = { errorAt: 0, ejectedMs: 30_000 };

  test.each([
    [1, 0, 0.5, false],
    [2, 0, 0.5, true],
    [2, 1, 0.5, false],
    [3, 0, 0.34, true],
    [3, 0, 0.33, false],
    [3, 1, 0.5, false],
    [4, 1, 0.5, true],
    [4, 2, 0.5, false],
    [1, 0, 1, true],
    [4, 3, 1, true],
    // 10 * 0.7 is less than 7 by a hair, were it not for the rounding.
    [10, 6, 0.7, true],
    [10, 7, 0.7, false],
    [3, 0, 0, false],
  ])('of %i, when %i are and %d of all may be: %s', (count, ejected, maxEjected, expected) => {
    const names = Array.from({ length: count }, (_, i) => `m${i}`);
    const states = Object.fromEntries(names.slice(0, ejected).map((name) => [name, gone]));
    expect(mayEject(buildViews(names.join(', '), states), { maxEjected })).toBe(expected);
  });

  test('whoever is in error for other reasons', () => {
    expect(mayEject(buildViews('a, b', { a: { errorAt: 0 } }), { maxEjected: 0.5 })).toBe(true);
  });
});
