import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../support/seeded-random.ts';
import { printStatus } from '../../../src/member/status.ts';
import type { EjectionSettings } from '../../../src/definition/settings.ts';
import {
  simulateBalancer,
  type Simulation,
  type SimulationOptions,
} from '../../support/simulated-balancer.ts';

const ejection: EjectionSettings = {
  consecutive: 3,
  rate: Infinity,
  windowMs: 30_000,
  minRequests: 20,
  maxEjected: 0.5,
  timeMs: 30_000,
};

function simulate(notation: string, options: SimulationOptions = {}): Simulation {
  return simulateBalancer(notation, { ejection, ailing: 'a', ...options });
}

/** As many requests of a session of `a`; who served them. */
function ask(balancer: Simulation, count: number): string {
  return Array.from({ length: count }, () => balancer.request('a')).join(' ');
}

describe('a member that answers badly', () => {
  test('is left alone after as many bad answers in a row as are set', () => {
    const balancer = simulate('a, b');
    expect(ask(balancer, 5)).toBe('a a a b b');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), ejectedMs: 30_000 });
  });

  test('is left alone for refused connections alike, which put it in error by themselves', () => {
    const balancer = simulate('a, b', { ailing: '', refusing: 'a' });
    expect(ask(balancer, 2)).toBe('a>b b');
    expect(balancer.member('a').state.ejectedMs).toBeUndefined();
  });

  test('is left alone for answers that begin well and break off', () => {
    const balancer = simulate('a, b', { ailing: '' });
    for (let i = 0; i < 3; i += 1) {
      expect(balancer.member('a').state.ejectedMs).toBeUndefined();
      const attempt = balancer.begin('a');
      attempt.rate(false, 5);
      attempt.rate(true, undefined);
      attempt.end();
    }
    expect(balancer.member('a')).toMatchObject({ failures: 3, state: { ejectedMs: 30_000 } });
  });

  test('is charged once for an answer that begins badly and breaks off', () => {
    const balancer = simulate('a, b', { ailing: '' });
    const attempt = balancer.begin('a');
    attempt.rate(true, 5);
    attempt.rate(true, undefined);
    attempt.end();
    expect(balancer.member('a').failures).toBe(1);
  });

  test('has answered well once nothing can become bad any more', () => {
    const balancer = simulate('a, b');
    ask(balancer, 2);
    const tunnel = balancer.begin('a');
    tunnel.rate(false, 5);
    tunnel.settle();
    expect(ask(balancer, 2)).toBe('a a');
    expect(balancer.member('a').state.ejectedMs).toBeUndefined();
    // Only once: its end says nothing more.
    tunnel.end();
    expect(ask(balancer, 2)).toBe('a b');
  });

  test('is left alone by a share of bad answers, once there are enough', () => {
    const balancer = simulate('a, b', {
      ejection: { ...ejection, consecutive: Infinity, rate: 0.5, minRequests: 6 },
    });
    const served: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      if (i % 2 === 0) balancer.ailing.delete('a');
      else balancer.ailing.add('a');
      served.push(balancer.request('a'));
    }
    expect(served.join(' ')).toBe('a a a a a a b b');
  });

  test('is not left alone where nobody is ejected', () => {
    const balancer = simulateBalancer('a, b', { ailing: 'a' });
    expect(ask(balancer, 9)).toBe('a a a a a a a a a');
    expect(balancer.member('a').failures).toBe(9);
  });

  test('is not left alone when its errors are ignored', () => {
    const balancer = simulate('a I, b');
    expect(ask(balancer, 9)).toBe('a a a a a a a a a');
  });

  test('is not left alone when it is the only one, of whom half may be', () => {
    const balancer = simulate('a');
    expect(ask(balancer, 6)).toBe('a a a a a a');
    expect(balancer.member('a').state.errorAt).toBeUndefined();
  });

  test('is not left alone while as many others are as may be', () => {
    const balancer = simulate('a, b, c', { ailing: 'a b' });
    expect(ask(balancer, 3)).toBe('a a a');
    expect(Array.from({ length: 6 }, () => balancer.request('b')).join(' ')).toBe('b b b b b b');
    expect(balancer.members.view().map(({ state }) => printStatus(state.status))).toEqual(['E', '', '']);
  });

  test('is not left alone while the others answer no better: under overload each is needed', () => {
    let ejected = 0;
    for (let seed = 0; seed < 50; seed += 1) {
      const random = createRandom(seed);
      const balancer = simulate('a, b', {
        ailing: '',
        ejection: { ...ejection, consecutive: 5, rate: 0.5 },
        listener: { changed: () => (ejected += 1) },
      });
      balancer.serve(200);
      for (let i = 0; i < 2_000; i += 1) {
        // Two in three are refused, by whoever has no place at the moment.
        for (const name of ['a', 'b']) {
          if (random.below(3) < 2) balancer.ailing.add(name);
          else balancer.ailing.delete(name);
        }
        balancer.request();
      }
    }
    // At first the one may by chance refuse many before the other does.
    expect(ejected).toBeLessThan(10);
  });

  test('is not left alone for one that has just come back, and had answered as badly', () => {
    const balancer = simulate('a, b', { ailing: 'a b' });
    expect(ask(balancer, 3)).toBe('a a a');
    balancer.pass(30_000);
    balancer.ailing.delete('a');
    expect(ask(balancer, 1)).toBe('a');
    expect(balancer.member('a').state.ejectedMs).toBeUndefined();
    expect(Array.from({ length: 6 }, () => balancer.request('b')).join(' ')).toBe('b b b b b b');
    expect(balancer.member('b').state.ejectedMs).toBeUndefined();
    // Until it has answered well for a while.
    for (let i = 0; i < 20; i += 1) balancer.request('a');
    for (let i = 0; i < 20; i += 1) balancer.request('b');
    expect(balancer.member('b').state.ejectedMs).toBe(30_000);
  });

  test('is left alone though another fails now and then, too', () => {
    const balancer = simulate('a, b', { ailing: '' });
    for (let i = 0; i < 100; i += 1) {
      if (i % 20 === 0) balancer.ailing.add('b');
      balancer.request('b');
      balancer.ailing.clear();
    }
    balancer.ailing.add('a');
    expect(ask(balancer, 20)).toMatch(/^(a ){3,12}(b ?)+$/);
  });

  test('is tried by all when the others are down: fail-open', () => {
    const balancer = simulate('a, b D');
    expect(balancer.serve(3)).toBe('a a a');
    expect(balancer.member('a').state.ejectedMs).toBe(30_000);
    expect(balancer.choose()).toMatchObject({ forced: true });
    expect(balancer.serve(2)).toBe('a a');
  });

  test('is told of as ejected, once', () => {
    const told: unknown[] = [];
    const listener = { changed: (_member: unknown, _before: unknown, event: unknown) => told.push(event) };
    const balancer = simulate('a, b', { listener: listener });
    ask(balancer, 5);
    expect(told).toEqual([{ kind: 'ejected', timeMs: 30_000 }]);
  });
});

describe('an ejected member', () => {
  function eject(): Simulation {
    const balancer = simulate('a, b');
    ask(balancer, 3);
    return balancer;
  }

  test('is tried by one request after the time of its ejection, not its retry', () => {
    const balancer = eject();
    balancer.ailing.clear();
    balancer.pass(29_999);
    expect(ask(balancer, 1)).toBe('b');
    balancer.pass(1);
    const trial = balancer.begin('a');
    expect(trial.isProbe()).toBe(true);
    expect(ask(balancer, 1)).toBe('b');
    trial.report('succeeded');
    expect(ask(balancer, 1)).toBe('a');
  });

  test('is back with a good answer, and its past is forgotten', () => {
    const balancer = eject();
    balancer.ailing.clear();
    balancer.pass(30_000);
    expect(ask(balancer, 1)).toBe('a');
    balancer.ailing.add('a');
    expect(ask(balancer, 4)).toBe('a a a b');
  });

  test('is not back with a bad one, but left alone for twice as long', () => {
    const balancer = eject();
    balancer.pass(30_000);
    expect(ask(balancer, 2)).toBe('a b');
    expect(balancer.member('a').state).toMatchObject({ failedTrials: 1, ejectedMs: 30_000 });
    balancer.pass(59_999);
    expect(ask(balancer, 1)).toBe('b');
    balancer.pass(1);
    expect(ask(balancer, 2)).toBe('a b');
    balancer.pass(120_000);
    balancer.ailing.clear();
    expect(ask(balancer, 2)).toBe('a a');
    expect(balancer.member('a').state).toMatchObject({ failedTrials: 0, ejectedMs: undefined });
  });

  test('is not back because it passes health checks, which it has all along', () => {
    const balancer = eject();
    balancer.happens('a', 'checks-passed');
    expect(ask(balancer, 1)).toBe('b');
    balancer.happens('a', 'checks-failed');
    balancer.happens('a', 'checks-passed');
    expect(ask(balancer, 1)).toBe('b');
    expect(printStatus(balancer.member('a').state.status)).toBe('E');
  });

  test('is not ejected once more by answers that were under way', () => {
    const balancer = simulate('a, b');
    const early = Array.from({ length: 3 }, () => balancer.begin('a'));
    ask(balancer, 3);
    const { errorAt } = balancer.member('a').state;
    balancer.pass(1_000);
    for (const attempt of early) {
      attempt.report('succeeded');
      attempt.rate(true, 1_000);
      attempt.end();
    }
    expect(balancer.member('a').state).toMatchObject({ errorAt, ejectedMs: 30_000 });
  });

  test('counts no more among those that may be ejected when it is removed', () => {
    const balancer = simulate('a, b, c', { ailing: 'a b' });
    ask(balancer, 3);
    balancer.members.revise({ removed: [balancer.member('a')] });
    expect(Array.from({ length: 4 }, () => balancer.request('b')).join(' ')).toBe('b b b c');
  });
});
