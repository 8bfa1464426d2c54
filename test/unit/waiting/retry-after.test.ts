import { describe, expect, test } from '@jest/globals';
import { retryAfter } from '../../../src/waiting/retry-after.ts';
import type { CheckReport } from '../../../src/health/check-loop.ts';
import type { MemberState } from '../../../src/member/member-state.ts';
import { buildViews } from '../../support/build-members.ts';
import { buildHealth } from '../health/support.ts';

const now = 100_000;

describe('Retry-After', () => {
  test.each([
    ['is not sent when nobody is in error', 'a D, b S', {}, undefined],
    ['is when the first is due', 'a, b', { a: { errorAt: now }, b: { errorAt: now - 20_000 } }, '40'],
    ['is a whole second, rounded up', 'a', { a: { errorAt: now - 58_900 } }, '2'],
    ['is a second at least, for one that is due', 'a', { a: { errorAt: now - 90_000 } }, '1'],
    ['knows back-off', 'a', { a: { errorAt: now, failedTrials: 1 } }, '120'],
    ['knows ejection', 'a', { a: { errorAt: now, ejectedMs: 30_000 } }, '30'],
    ['does not count on those out of service', 'a D, b', { a: { errorAt: now } }, undefined],
  ] as const)('%s', (_what, members, states, expected) => {
    const headers = retryAfter(buildViews(members, states), now, 'ERR_BALANCER_NO_MEMBER');
    expect(headers).toEqual(expected === undefined ? {} : { 'Retry-After': expected });
  });

  const last = { at: 0, passed: false, why: '404' };
  const fresh: CheckReport = { passed: 0, failed: 0, last: undefined };
  const failing: CheckReport = { passed: 0, failed: 0, last };

  test.each<[string, string, Partial<MemberState>, CheckReport, string | undefined]>([
    ['is the next check of one that fails them', 'a C', {}, failing, '2'],
    ['counts the checks that are still to pass', 'a C', {}, { ...failing, passed: 1 }, '1'],
    ['is a second for one whose first check is under way', 'a C', {}, fresh, '1'],
    ['is the next check of one in error, too', 'a', { errorAt: now }, failing, '2'],
    ['is the retry, where that is sooner', 'a', { errorAt: now - 59_000 }, failing, '1'],
    ['is the retry of one that is ejected', 'a', { errorAt: now, ejectedMs: 30_000 }, failing, '30'],
    ['is the later one, where both are needed', 'a C', { errorAt: now, ejectedMs: 30_000 }, failing, '30'],
    ['does not count on one that is disabled', 'a CD', {}, failing, undefined],
    ['is not sent for one that serves', 'a', {}, failing, undefined],
  ])('with checks, %s', (_what, notation, state, report, expected) => {
    const health = buildHealth({ intervalMs: 900, passes: 2 });
    const members = buildViews(notation, { a: state }).map((member) => ({
      ...member,
      settings: { ...member.settings, health },
    }));
    const headers = retryAfter(members, now, 'ERR_BALANCER_NO_MEMBER', () => report);
    expect(headers).toEqual(expected === undefined ? {} : { 'Retry-After': expected });
  });

  test('is not known for one that nobody checks', () => {
    expect(retryAfter(buildViews('a C'), now, 'ERR_BALANCER_NO_MEMBER')).toEqual({});
  });

  test('is a second where all are merely busy, whoever is in error', () => {
    const members = buildViews('a, b', { b: { errorAt: now } });
    expect(retryAfter(members, now, 'ERR_BALANCER_OVERLOAD')).toEqual({ 'Retry-After': '1' });
  });
});
