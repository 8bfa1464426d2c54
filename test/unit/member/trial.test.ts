import { describe, expect, test } from '@jest/globals';
import type { Attempt } from '../../../src/member/attempt.ts';
import { simulateBalancer, type Simulation } from '../../support/simulated-balancer.ts';

const well = {
  status: 0,
  errorAt: undefined,
  retries: 0,
  failedTrials: 0,
  probing: false,
  ejectedMs: undefined,
};

/** A balancer with a request to `a` that is under way since before `a` has failed; `a` serves again, and is left to its retry. */
function failBehind(notation = 'a, b'): Readonly<{ balancer: Simulation; early: Attempt }> {
  const balancer = simulateBalancer(notation, { refusing: 'a' });
  const early = balancer.begin('a');
  balancer.request('a');
  balancer.refusing.clear();
  return { balancer, early };
}

describe('an attempt that tries a member in error', () => {
  test('brings it back with its first report, and is one like any other from then on', () => {
    const balancer = simulateBalancer('a E, b');
    const trial = balancer.begin('a');
    expect(trial.isProbe()).toBe(true);
    trial.report('succeeded');
    expect(trial.isProbe()).toBe(false);
    expect(balancer.member('a')).toMatchObject({ busy: 1, state: well });
    trial.report('failed');
    trial.report('succeeded');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), probing: false });
  });

  test('leaves it in error with its first report, whatever it reports later', () => {
    const balancer = simulateBalancer('a E, b');
    const trial = balancer.begin('a');
    trial.report('failed');
    expect(trial.isProbe()).toBe(false);
    trial.report('succeeded');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), probing: false });
  });

  test('lets the next one try it when it ends without telling anything of it', () => {
    const balancer = simulateBalancer('a E, b');
    const trial = balancer.begin('a');
    trial.end();
    expect(trial.isProbe()).toBe(false);
    expect(balancer.begin('a').isProbe()).toBe(true);
  });

  test('does not end the trial of another when it ends long after it has told', () => {
    const balancer = simulateBalancer('a E, b');
    const first = balancer.begin('a');
    // The head has come; a long body follows.
    first.report('succeeded');
    balancer.refusing.add('a');
    expect(balancer.request('a')).toBe('a>b');
    balancer.pass(60_000);
    const second = balancer.begin('a');
    expect(second.isProbe()).toBe(true);
    first.end();
    expect(second.isProbe()).toBe(true);
    expect(balancer.member('a')).toMatchObject({ busy: 1, state: { probing: true } });
    expect(balancer.request('a')).toBe('b');
  });

  test('is a trial of its own member only', () => {
    const balancer = simulateBalancer('a E, b E');
    const [a, b] = [balancer.begin('a'), balancer.begin('b')];
    a.report('succeeded');
    expect([a.isProbe(), b.isProbe()]).toEqual([false, true]);
    expect(balancer.members.view().map(({ state }) => state.probing)).toEqual([false, true]);
  });

  test('has nothing to say of it once all errors were forgotten', () => {
    const balancer = simulateBalancer('a E');
    const trial = balancer.begin();
    const other = balancer.begin();
    expect([trial.isProbe(), other.isProbe()]).toEqual([false, false]);
    other.report('failed');
    trial.report('succeeded');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), probing: false });
    balancer.pass(60_000);
    const next = balancer.begin();
    trial.end();
    expect(next.isProbe()).toBe(true);
    expect(balancer.member('a').state.probing).toBe(true);
  });

  test('hands over to one that begins at the news of it', () => {
    const begun: Attempt[] = [];
    const balancer: Simulation = simulateBalancer('a E, b', {
      members: { retryMs: 0, retryMaxMs: 0 },
      listener: {
        changed: (_member, before) => {
          if (before.probing && begun.length === 0) begun.push(balancer.begin('a'));
        },
      },
    });
    const trial = balancer.begin('a');
    trial.report('failed');
    trial.end();
    expect(begun.map((next) => next.isProbe())).toEqual([true]);
    expect(balancer.member('a')).toMatchObject({ busy: 1, state: { probing: true } });
  });
});

describe('an attempt that began before its member failed', () => {
  test('does not bring the member back by being answered', () => {
    const { balancer, early } = failBehind();
    early.report('succeeded');
    expect(balancer.request('a')).toBe('b');
    early.end();
    expect(balancer.request('a')).toBe('b');
    expect(balancer.member('a').state).toMatchObject({ errorAt: balancer.now(), probing: false });
  });

  test.each([
    ['is answered', 'succeeded'],
    ['fails', 'failed'],
    ['ends', undefined],
  ] as const)('leaves the trial of another under way when it %s', (_how, report) => {
    const { balancer, early } = failBehind();
    balancer.pass(60_000);
    const trial = balancer.begin('a');
    expect([early.isProbe(), trial.isProbe()]).toEqual([false, true]);
    if (report) early.report(report);
    else early.end();
    expect(trial.isProbe()).toBe(true);
    expect(balancer.member('a').state).toMatchObject({ retries: 1, probing: true });
    expect(balancer.request('a')).toBe('b');
    balancer.pass(60_000);
    // However long it takes, nobody joins it.
    expect(balancer.request('a')).toBe('b');
    trial.report('succeeded');
    expect(balancer.member('a').state).toEqual({ ...well, upSince: balancer.now() });
    expect(balancer.request('a')).toBe('a');
  });

  test('starts the retry again when it fails', () => {
    const { balancer, early } = failBehind();
    balancer.pass(59_000);
    early.report('failed');
    balancer.pass(59_999);
    expect(balancer.request('a')).toBe('b');
    balancer.pass(1);
    expect(balancer.request('a')).toBe('a');
  });
});
