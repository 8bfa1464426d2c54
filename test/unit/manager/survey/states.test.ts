import { describe, expect, test } from '@jest/globals';
import { listStates } from '../../../../src/manager/survey/states.ts';
import type { MemberView } from '../../../../src/member/member.ts';
import { parseStatus } from '../../../../src/member/status.ts';
import { buildViews } from '../../../support/build-members.ts';

type Others = Readonly<{
  busy?: number;
  max?: number;
  slowStartMs?: number;
  upSince?: number;
  ejectedMs?: number;
}>;

function buildView(
  letters: string,
  { busy = 0, max = Infinity, slowStartMs = 0, upSince, ejectedMs }: Others,
): MemberView {
  const [view] = buildViews('a');
  return {
    ...view!,
    busy,
    settings: { ...view!.settings, max, slowStartMs },
    state: { ...view!.state, status: parseStatus(letters), upSince, ejectedMs },
  };
}

describe('the states of a member, in words', () => {
  test.each<[letters: string, others: Others, words: string]>([
    ['', {}, 'ok'],
    ['S', {}, 'stopped'],
    ['D', {}, 'disabled'],
    ['C', {}, 'health-check-failed'],
    ['E', {}, 'in-error'],
    ['E', { ejectedMs: 30_000 }, 'in-error ejected'],
    ['N', {}, 'draining'],
    ['H', {}, 'hot-standby'],
    ['R', {}, 'hot-spare'],
    ['I', {}, 'ignore-errors'],
    ['', { busy: 2, max: 2 }, 'full'],
    ['', { busy: 1, max: 2 }, 'ok'],
    ['', { slowStartMs: 10_000, upSince: 95_000 }, 'slow-start'],
    ['', { slowStartMs: 10_000, upSince: 89_000 }, 'ok'],
    // It does not begin before it serves.
    ['D', { slowStartMs: 10_000, upSince: 95_000 }, 'disabled'],
    [
      'INDSEHC',
      { busy: 1, max: 1 },
      'stopped disabled health-check-failed in-error draining full hot-standby ignore-errors',
    ],
  ])('%s %j: %s', (letters, others, words) => {
    expect(listStates(buildView(letters, others), 100_000).join(' ')).toBe(words);
  });
});
