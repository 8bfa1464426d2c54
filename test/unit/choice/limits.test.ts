import { describe, expect, test } from '@jest/globals';
import type { Choice } from '../../../src/choice/choose-member.ts';
import {
  simulateBalancer,
  type Simulation,
  type SimulationOptions,
} from '../../support/simulated-balancer.ts';

/** A balancer whose members serve one request at a time, and some are busy. */
function occupy(notation: string, busy: string, options: SimulationOptions = {}): Simulation {
  const balancer = simulateBalancer(notation, { members: { max: 1 }, ...options });
  for (const name of busy.split(' ').filter(Boolean)) balancer.begin(name);
  return balancer;
}

/** `'b by method'`, `'nobody: full (a b)'`. */
function tell(choice: Choice): string {
  if (choice.kind === 'member') return `${choice.member.settings.name} by ${choice.reason}`;
  const full = choice.full.map(({ settings }) => settings.name).join(' ');
  return full === '' ? `nobody: ${choice.reason}` : `nobody: ${choice.reason} (${full})`;
}

describe('a member that serves its max', () => {
  test.each<[what: string, members: string, busy: string, route: string | undefined, expected: string]>([
    ['is passed over', 'a, b', 'a', undefined, 'b by method'],
    ['is one of those who are waited for, when all do', 'a, b', 'a b', undefined, 'nobody: full (a b)'],
    ['is waited for by its own session, though others have a place', 'a, b', 'a', 'a', 'nobody: full (a)'],
    ['keeps nobody from others by their own session', 'a, b', 'a', 'b', 'b by route'],
    ['is waited for by a session that is redirected to it', 'a>b D, b, c', 'b', 'a', 'nobody: full (b)'],
    ['is waited for by its session while it is drained', 'a N, b', 'a', 'a', 'nobody: full (a)'],
    ['is not missing: no spare takes its place', 'a, b R', 'a', undefined, 'nobody: full (a)'],
    ['is not missing: no standby takes its place', 'a, b H', 'a', undefined, 'nobody: full (a)'],
    ['is not missing: no further set takes its place', 'a, b@1', 'a', undefined, 'nobody: full (a)'],
    ['is no reason to wait for one that is out of service', 'a D, b', 'b', undefined, 'nobody: full (b)'],
  ])('%s', (_what, members, busy, route, expected) => {
    const choice = occupy(members, busy).choose(route);
    expect(tell(choice)).toBe(expected);
    if (choice.kind === 'nobody') expect(choice.bound).toBe(route === undefined ? undefined : choice.full[0]);
  });

  test('is waited for by its session with nofailover', () => {
    const balancer = occupy('a, b', 'a', { nofailover: true });
    expect(tell(balancer.choose('a'))).toBe('nobody: full (a)');
    expect(tell(balancer.choose('a', new Set([balancer.member('a')])))).toBe('nobody: nofailover');
  });

  test('may be left by its session, which then goes as any other', () => {
    const balancer = occupy('a, b', 'a');
    expect(tell(balancer.choose('a', new Set([balancer.member('a')])))).toBe('b by method');
  });

  test('has a place again as soon as a request has ended', () => {
    const balancer = simulateBalancer('a', { members: { max: 2 } });
    const [first] = [balancer.begin(), balancer.begin()];
    expect(tell(balancer.choose())).toBe('nobody: full (a)');
    first.end();
    expect(tell(balancer.choose())).toBe('a by method');
  });

  test('is given no credit by elections it takes no part in', () => {
    const balancer = occupy('a, b, c', 'a');
    const before = balancer.member('a').lbstatus;
    balancer.begin();
    expect(balancer.member('a').lbstatus).toBe(before);
  });

  test('is not in error, and nobody’s errors are forgotten for it', () => {
    const balancer = occupy('a, b', 'a', { refusing: 'b' });
    balancer.happens('b', 'failed');
    expect(tell(balancer.choose())).toBe('nobody: full (a)');
    expect(balancer.member('a').state.status).toBe(0);
    expect(balancer.choose()).toMatchObject({ retryAt: balancer.now() + 60_000 });
  });

  test('is not tried again when it is due', () => {
    const balancer = occupy('a, b', 'a b');
    balancer.happens('a', 'failed');
    balancer.pass(60_000);
    expect(tell(balancer.choose())).toBe('nobody: full (a b)');
    expect(balancer.member('a').state.probing).toBe(false);
  });
});
