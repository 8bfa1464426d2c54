import { describe, expect, test } from '@jest/globals';
import type { BalancerEvents } from '../../../../src/events.ts';
import type { AttemptFacts } from '../../../../src/facts.ts';
import { keepEnded, tellDecision } from '../../../../src/manager/survey/decision.ts';

type Ended = BalancerEvents['request'];

function buildAttempt(overrides: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    member: 'http://a/',
    name: 'a',
    reason: 'method',
    outcome: 'answered',
    status: 200,
    code: undefined,
    startedMs: 0,
    durationMs: 1.234,
    ...overrides,
  };
}

function buildEnd(overrides: Partial<Ended> = {}): Ended {
  return {
    balancer: 'app',
    method: 'GET',
    path: '/shop',
    status: 200,
    error: undefined,
    member: 'a',
    route: undefined,
    sticky: undefined,
    routeChanged: false,
    waitedMs: 0,
    durationMs: 12.345,
    attempts: [buildAttempt()],
    ...overrides,
  };
}

const tell = (overrides: Partial<Ended>) =>
  tellDecision(
    keepEnded(5, 'app~2', buildEnd(overrides)),
    (balancer, route) => balancer === 'app~2' && route === 'a',
  );

describe('a decision', () => {
  test('tells what became of a request, attempt by attempt', () => {
    const attempts = [
      buildAttempt({ outcome: 'connect', status: undefined, code: 'ECONNREFUSED', durationMs: 0.04 }),
      buildAttempt({ name: 'b', reason: 'redirect' }),
    ];
    expect(tell({ attempts, route: 'a', waitedMs: 150.6 })).toEqual({
      at: 5,
      balancer: 'app~2',
      method: 'GET',
      path: '/shop',
      status: 200,
      durationMs: 12.3,
      waitedMs: 151,
      route: 'a',
      attempts: [
        { member: 'a', reason: 'method', outcome: 'connect', code: 'ECONNREFUSED', durationMs: 0 },
        { member: 'b', reason: 'redirect', outcome: 'answered', status: 200, durationMs: 1.2 },
      ],
    });
  });

  test.each([
    ['of a path, the first 200 letters', { path: `/${'x'.repeat(5_000)}` }, { path: `/${'x'.repeat(198)}…` }],
    [
      'of a code that a program has made up, 64',
      { attempts: [buildAttempt({ code: 'C'.repeat(999) })] },
      {
        attempts: [expect.objectContaining({ code: `${'C'.repeat(63)}…` })],
      },
    ],
    [
      'of a route that no member has, the beginning: it may be a session',
      { route: 'c0ffee-is-a-secret' },
      { route: 'c0ffee-i…' },
    ],
    ['a long route is no exception', { route: 's'.repeat(10_000) }, { route: 'ssssssss…' }],
    ['a short unknown route is told', { route: 'old' }, { route: 'old' }],
  ])('keeps %s', (_what, end, expected) => {
    expect(tell(end)).toMatchObject(expected);
  });

  test('keeps the last 32 attempts', () => {
    const attempts = Array.from({ length: 100 }, (_, i) => buildAttempt({ name: `m${i}` }));
    const told = tell({ attempts }).attempts.map(({ member }) => member);
    expect([told.length, told[0], told.at(-1)]).toEqual([32, 'm68', 'm99']);
  });
});
