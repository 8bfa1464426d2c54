import { describe, expect, test } from '@jest/globals';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

describe('when nobody is left, each request', () => {
  test('tries those in error first, and then those that fail their checks', () => {
    const balancer = simulateBalancer('a, b C, c', { refusing: 'a c' });
    expect(balancer.serve(3)).toBe('a>c>b c>a>b a>c>b');
    expect(balancer.member('b').state).toMatchObject({ errorAt: undefined });
  });

  test('ends when all have failed it', () => {
    const balancer = simulateBalancer('a, b C', { refusing: 'a b' });
    expect(balancer.serve(2)).toBe('a>b>503 a>b>503');
  });

  test('tries those that fail their checks, where nobody is in error', () => {
    const balancer = simulateBalancer('a C, b C, c D');
    expect(balancer.serve(4)).toBe('a b a b');
    expect(balancer.choose()).toMatchObject({ forced: true, probe: false });
  });

  test('goes to a member that passes its checks again, and to nobody else', () => {
    const balancer = simulateBalancer('a C, b C');
    balancer.serve(2);
    balancer.happens('b', 'checks-passed');
    expect(balancer.serve(3)).toBe('b b b');
    expect(balancer.choose('a')).toMatchObject({ forced: false, member: { settings: { name: 'b' } } });
  });

  test('leaves a member that fails its checks as it is: only they say that it is well', () => {
    const balancer = simulateBalancer('a C');
    const { status } = balancer.member('a').state;
    expect(balancer.request()).toBe('a');
    expect(balancer.member('a').state.status).toBe(status);
  });

  test('keeps its session where that fails its checks and all others are gone', () => {
    const balancer = simulateBalancer('a C, b C');
    expect([1, 2, 3].map(() => balancer.request('b'))).toEqual(['b', 'b', 'b']);
  });

  test('tries nobody without forcerecovery', () => {
    const balancer = simulateBalancer('a, b C', { refusing: 'a', forcerecovery: false });
    expect(balancer.serve(2)).toBe('a>503 503');
  });

  test('tries nobody that is disabled or stopped', () => {
    const balancer = simulateBalancer('a DC, b SC');
    expect(balancer.request()).toBe('503');
  });

  test('finds an ejected member as one in error', () => {
    const balancer = simulateBalancer('a, b C');
    balancer.happens('a', { kind: 'ejected', timeMs: 30_000 });
    expect(balancer.serve(2)).toBe('a a');
    expect(balancer.member('a').state).toMatchObject({ ejectedMs: undefined, errorAt: undefined });
  });
});
