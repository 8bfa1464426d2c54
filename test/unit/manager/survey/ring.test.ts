import { describe, expect, test } from '@jest/globals';
import { createRing } from '../../../../src/manager/survey/ring.ts';

describe('a ring', () => {
  test.each([
    ['is empty at first', 0, 9, []],
    ['gives the newest first', 3, 9, [3, 2, 1]],
    ['keeps as many as it has places', 9, 9, [9, 8, 7, 6]],
    ['gives no more than is asked for', 9, 2, [9, 8]],
    ['goes round', 4, 4, [4, 3, 2, 1]],
  ])('%s', (_promise, pushed, most, expected) => {
    const ring = createRing<number>(4);
    for (let i = 1; i <= pushed; i += 1) ring.push(i);
    expect(ring.newest(most)).toEqual(expected);
  });
});
