import { describe, expect, test } from '@jest/globals';
import {
  simulateBalancer,
  type Simulation,
  type SimulationOptions,
} from '../../support/simulated-balancer.ts';

/** `a` has failed, and its retry is over. */
function awaitRetry(notation: string, options: SimulationOptions = {}): Simulation {
  const balancer = simulateBalancer(notation, { ...options, refusing: 'a' });
  balancer.request('a');
  balancer.refusing.clear();
  balancer.pass(60_000);
  return balancer;
}

describe('a member that is due for its retry', () => {
  test('gets one request, and the others go elsewhere meanwhile', () => {
    const balancer = awaitRetry('a, b, c');
    const probe = balancer.begin('a');
    expect(probe.member.settings.name).toBe('a');
    expect(probe.isProbe()).toBe(true);
    expect([1, 2, 3].map(() => balancer.request('a'))).not.toContain('a');
    expect(balancer.serve(9)).not.toContain('a');
    expect(balancer.member('a')).toMatchObject({ busy: 1, state: { retries: 1, probing: true } });
    probe.end();
  });

  test('is tried by one of those that are bound to nobody as well', () => {
    const balancer = awaitRetry('a, b');
    const attempts = [balancer.begin(), balancer.begin(), balancer.begin(), balancer.begin()];
    expect(attempts.filter((attempt) => attempt.isProbe()).map(({ member }) => member.settings.name)).toEqual(
      ['a'],
    );
    expect(attempts.filter(({ member }) => member.settings.name === 'a')).toHaveLength(1);
  });

  test('is back for all as soon as the request has succeeded, before it has ended', () => {
    const balancer = awaitRetry('a, b');
    const probe = balancer.begin('a');
    probe.report('succeeded');
    expect(balancer.member('a').state).toEqual({
      status: 0,
      errorAt: undefined,
      retries: 0,
      failedTrials: 0,
      probing: false,
      ejectedMs: undefined,
      upSince: balancer.now(),
    });
    expect(balancer.request('a')).toBe('a');
    probe.end();
    expect(balancer.member('a').state.errorAt).toBeUndefined();
  });

  test('is left alone for twice its retry when the request has failed', () => {
    const balancer = awaitRetry('a, b');
    balancer.refusing.add('a');
    balancer.pass(5_000);
    expect(balancer.request('a')).toBe('a>b');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), retries: 1, probing: false });
    balancer.pass(119_999);
    expect(balancer.request('a')).toBe('b');
    balancer.pass(1);
    expect(balancer.request('a')).toBe('a>b');
    expect(balancer.member('a').state.retries).toBe(2);
  });

  test('is tried by the next request when the first has ended without telling anything of it', () => {
    const balancer = awaitRetry('a, b');
    balancer.begin('a').end();
    expect(balancer.member('a').state).toMatchObject({ retries: 1, probing: false });
    expect(balancer.member('a').state.errorAt).toBeDefined();
    const next = balancer.begin('a');
    expect(next.member.settings.name).toBe('a');
    expect(next.isProbe()).toBe(true);
  });

  test('does not keep another from being tried at the same time', () => {
    const balancer = simulateBalancer('a, b, c', { refusing: 'a b' });
    expect(balancer.request()).toBe('a>b>c');
    balancer.pass(60_000);
    const names = [1, 2, 3, 4, 5].map(() => balancer.begin()).map((attempt) => attempt.member.settings.name);
    expect(names.filter((name) => name === 'a')).toEqual(['a']);
    expect(names.filter((name) => name === 'b')).toEqual(['b']);
  });

  test('is waited for by nobody where forced recovery is on and nobody else is left', () => {
    const balancer = awaitRetry('a, b D');
    expect(balancer.choose()).toMatchObject({ probe: true, forced: false });
    const probe = balancer.begin();
    expect(balancer.choose()).toMatchObject({ probe: false, forced: true });
    expect(balancer.request()).toBe('a');
    probe.end();
    expect(balancer.member('a')).toMatchObject({ busy: 0, state: { errorAt: undefined, probing: false } });
  });

  test('is waited for where forced recovery is off', () => {
    const balancer = awaitRetry('a, b D', { forcerecovery: false });
    const probe = balancer.begin();
    expect(balancer.request()).toBe('503');
    probe.report('succeeded');
    expect(balancer.request()).toBe('a');
  });

  test('is tried at once where it was so from the beginning, and only by one request', () => {
    const balancer = simulateBalancer('a E, b');
    expect(balancer.begin('a').isProbe()).toBe(true);
    expect(balancer.request('a')).toBe('b');
  });
});
