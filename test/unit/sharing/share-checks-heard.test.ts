import { describe, expect, test } from '@jest/globals';
import { parseStatus } from '../../../src/member/status.ts';
import { weighHeard, type HeardCheck } from '../../../src/sharing/checks-heard.ts';

/** A check that began at 1,000 and passed, but for what is handed in; the error, if any, is of 500. */
function weigh(
  heard: Partial<HeardCheck>,
  letters = '',
  {
    own = [0, 0],
    errorAt,
    ejectedMs,
    passes = 1,
    fails = 1,
  }: Partial<
    Readonly<{
      own: readonly [passed: number, failed: number];
      errorAt: number;
      ejectedMs: number;
      passes: number;
      fails: number;
    }>
  > = {},
): string {
  const status = parseStatus(letters);
  const state = { status, errorAt: errorAt ?? (letters.includes('E') ? 500 : undefined), ejectedMs };
  const check: HeardCheck = {
    passed: true,
    why: '',
    counts: { passed: 0, failed: 0 },
    hasFailed: false,
    isEvent: false,
    beganAgoMs: 0,
    endedAgoMs: 0,
    ...heard,
  };
  const [passed, failed] = own;
  const { counts, event } = weighHeard(check, 1000, { passed, failed }, state, { passes, fails });
  return `${counts.passed} ${counts.failed} ${event ?? '-'}`;
}

const failing = { passed: false, hasFailed: true } as const;
const rising = (passed: number) => ({ hasFailed: true, counts: { passed, failed: 0 } });

describe('a heard check', () => {
  test.each<[string, string, string]>([
    ['that has failed takes out who is up here', weigh(failing), '0 0 checks-failed'],
    ['that has failed changes nothing of who is out', weigh(failing, 'C'), '0 0 -'],
    [
      'that has failed, but not often enough, counts',
      weigh({ passed: false, counts: { passed: 0, failed: 2 } }, '', { fails: 3 }),
      '0 2 -',
    ],
    [
      'that has failed counts up to the last one',
      weigh({ passed: false, counts: { passed: 0, failed: 9 } }, '', { fails: 3 }),
      '0 2 -',
    ],
    ['that has passed brings back who is out here', weigh({}, 'C'), '0 0 checks-passed'],
    ['that has passed, but not often enough, counts', weigh(rising(2), 'C', { passes: 3 }), '2 0 -'],
    ['that has passed takes nobody out who is new there', weigh(rising(1), '', { passes: 3 }), '0 0 -'],
    ['that has passed says nothing of who is up', weigh({}), '0 0 -'],
    ['that has passed clears an error', weigh({}, 'E'), '0 0 checks-passed'],
    ['that began before the error clears nothing', weigh({}, 'E', { errorAt: 1001 }), '0 0 -'],
    [
      'that began before the error keeps who is out',
      weigh({}, 'EC', { errorAt: 1001, own: [1, 0], passes: 3 }),
      '1 0 -',
    ],
    [
      'that has changed the state there clears nothing that is younger',
      weigh({ isEvent: true }, 'E', { errorAt: 1000 }),
      '0 0 -',
    ],
    [
      'counts here where the other does not know of the error',
      weigh({}, 'E', { own: [1, 0], passes: 3 }),
      '2 0 -',
    ],
    [
      'counts here up to the one that clears it',
      weigh({}, 'E', { own: [2, 0], passes: 3 }),
      '0 0 checks-passed',
    ],
    [
      'counts as there where that is further',
      weigh({ counts: { passed: 2, failed: 0 } }, 'E', { passes: 3 }),
      '2 0 -',
    ],
    [
      'that has cleared the error there does so here',
      weigh({ isEvent: true }, 'E', { passes: 3 }),
      '0 0 checks-passed',
    ],
    ['says nothing of who is ejected', weigh({ isEvent: true }, 'E', { ejectedMs: 30 }), '0 0 -'],
  ])('%s', (_promise, result, expected) => {
    expect(result).toBe(expected);
  });
});
