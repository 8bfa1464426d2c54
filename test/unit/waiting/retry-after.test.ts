import { describe, expect, test } from '@jest/globals';
import { retryAfter } from '../../../src/waiting/retry-after.ts';
import { buildViews } from '../../support/build-members.ts';

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

  test('is a second where all are merely busy, whoever is in error', () => {
    const members = buildViews('a, b', { b: { errorAt: now } });
    expect(retryAfter(members, now, 'ERR_BALANCER_OVERLOAD')).toEqual({ 'Retry-After': '1' });
  });
});
