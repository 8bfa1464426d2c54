import { describe, expect, test } from '@jest/globals';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import { simulateBalancer, type Simulation } from '../../support/simulated-balancer.ts';

const error = { ageMs: 0, delayMs: 0, retries: 0, failedTrials: 0, ejectedMs: undefined };
const heardError: MemberEvent = { kind: 'heard', error };
const heardWell: MemberEvent = { kind: 'heard', error: undefined };

describe('a member that another process has found in error', () => {
  test('gets no request before its retry, and one then', () => {
    const balancer = simulateBalancer('a, b', { members: { retryMs: 10_000 } });
    balancer.happens('a', { kind: 'heard', error: { ...error, ageMs: 4000, delayMs: 500 } });
    balancer.pass(6499);
    expect(balancer.serve(3)).toBe('b b b');
    balancer.pass(1);
    const trial = balancer.begin('a');
    expect(trial.isProbe()).toBe(true);
    expect(balancer.serve(2)).toBe('b b');
  });

  test('is tried at once where nobody else is left', () => {
    const balancer = simulateBalancer('a, b');
    balancer.happens('a', heardError);
    balancer.happens('b', heardError);
    expect(balancer.request()).toBe('a');
  });

  test('lets requests that are under way end as they end', () => {
    const balancer = simulateBalancer('a, b');
    const early = balancer.begin('a');
    balancer.happens('a', heardError);
    early.report('succeeded');
    early.end();
    expect(balancer.member('a')).toMatchObject({ busy: 0, state: { errorAt: balancer.now() } });
  });
});

describe('a member that another process has found well again', () => {
  /** It was away for a hundred requests. */
  function bringBack(event: MemberEvent, lbmethod: 'byrequests' | 'bytraffic' | 'bybusyness'): Simulation {
    const balancer = simulateBalancer('a, b, c', { lbmethod, members: { slowStartMs: 10_000 } });
    balancer.serve(30);
    balancer.happens('a', heardError);
    balancer.pass(1000);
    for (let i = 0; i < 100; i += 1) {
      const attempt = balancer.begin();
      attempt.received(1000);
      attempt.report('succeeded');
      attempt.end();
    }
    balancer.happens('a', event);
    return balancer;
  }

  test.each(['byrequests', 'bytraffic', 'bybusyness'] as const)(
    'starts like one that a trial here has brought back: %s',
    (lbmethod) => {
      const heard = bringBack(heardWell, lbmethod);
      const tried = bringBack('probe-succeeded', lbmethod);
      expect(heard.member('a')).toEqual(tried.member('a'));
      expect(heard.member('a').state.upSince).toBe(heard.now());
    },
  );

  test('need not wait for the trial that is under way, which is a request like any other then', () => {
    const balancer = simulateBalancer('a E, b');
    const trial = balancer.begin('a');
    balancer.happens('a', heardWell);
    expect(trial.isProbe()).toBe(false);
    expect(balancer.begin('a').member.settings.name).toBe('a');
    trial.report('failed');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), failedTrials: 0 });
  });
});
