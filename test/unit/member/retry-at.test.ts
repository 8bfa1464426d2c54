import { describe, expect, test } from '@jest/globals';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { nextState, type MemberEvent, type MemberState } from '../../../src/member/member-state.ts';
import { retryAt } from '../../../src/member/retry-at.ts';
import { buildMember, buildViews } from '../../support/build-members.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

type Retry = Partial<Pick<MemberSettings, 'retryMs' | 'retryMaxMs'>>;

const now = 1_000;
const off: Retry = { retryMs: 60_000, retryMaxMs: 60_000 };

/** How long a member is left alone from `now` on, in seconds, first and after each trial that fails. */
function delays(retry: Retry, event: MemberEvent, trials: number): readonly number[] {
  const [view] = buildViews('a');
  const settings = buildMember(retry);
  let state: MemberState = nextState(view!.state, event, now);
  const delay = (): number => (retryAt({ ...view!, settings, state })! - now) / 1_000;
  const found = [delay()];
  for (let i = 0; i < trials; i += 1) {
    state = nextState(nextState(state, 'probed', now), 'probe-failed', now);
    found.push(delay());
  }
  return found;
}

describe('a member in error is left alone', () => {
  test('not at all when it is in none', () => {
    expect(retryAt(buildViews('a')[0]!)).toBeUndefined();
  });

  test.each<[what: string, retry: Retry, delays: readonly number[]]>([
    ['twice as long after each trial that fails, up to ten times', {}, [60, 120, 240, 480, 600, 600]],
    ['as long as ever, with back-off off', off, [60, 60, 60, 60]],
    ['no longer than it may grow to', { retryMs: 1_000, retryMaxMs: 3_000 }, [1, 2, 3, 3]],
    ['for its retry at least', { retryMs: 5_000, retryMaxMs: 1_000 }, [5, 5, 5]],
    ['never, without retry', { retryMs: 0, retryMaxMs: 0 }, [0, 0, 0]],
    ['never, without retry, though it might grow', { retryMs: 0, retryMaxMs: 60_000 }, [0, 0, 0]],
  ])('%s', (_what, retry, expected) => {
    expect(delays(retry, 'failed', expected.length - 1)).toEqual(expected);
  });

  test.each<[what: string, retry: Retry, delays: readonly number[]]>([
    ['twice as long after each trial that fails, up to ten times', {}, [30, 60, 120, 240, 300, 300]],
    ['as long as ever, with back-off off', off, [30, 30, 30]],
    ['in proportion, where retry is shorter', { retryMs: 1_000, retryMaxMs: 4_000 }, [30, 60, 120, 120]],
    ['as long as ever, without retry', { retryMs: 0, retryMaxMs: 0 }, [30, 30, 30]],
  ])('for the time of its ejection: %s', (_what, retry, expected) => {
    expect(delays(retry, { kind: 'ejected', timeMs: 30_000 }, expected.length - 1)).toEqual(expected);
  });

  test('no longer than a member may, however many trials have failed', () => {
    expect(delays({}, 'failed', 2_000).at(-1)).toBe(600);
    expect(delays({ retryMs: 1_000, retryMaxMs: 2 ** 31 - 1 }, 'failed', 2_000).at(-1)).toBe(2_147_483.647);
  });
});

describe('back-off', () => {
  const seconds = (...all: number[]): readonly number[] => all.map((each) => each * 1_000);

  test('is kept by requests: nobody tries a member sooner', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a' });
    expect(balancer.request('a')).toBe('a>b');
    for (const wait of seconds(60, 120, 240, 480, 600, 600)) {
      balancer.pass(wait - 1);
      expect(balancer.request('a')).toBe('b');
      balancer.pass(1);
      expect(balancer.request('a')).toBe('a>b');
    }
  });

  test('begins anew once the member has answered', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a' });
    balancer.request('a');
    for (const wait of seconds(60, 120)) {
      balancer.pass(wait);
      balancer.request('a');
    }
    expect(balancer.member('a').state.failedTrials).toBe(2);
    balancer.refusing.clear();
    balancer.pass(240_000);
    expect(balancer.request('a')).toBe('a');
    balancer.refusing.add('a');
    expect(balancer.request('a')).toBe('a>b');
    balancer.pass(60_000);
    expect(balancer.request('a')).toBe('a>b');
  });

  test('does not grow by forced recovery, nor is it forgotten by it', () => {
    const balancer = simulateBalancer('a, b D', { refusing: 'a' });
    balancer.request();
    balancer.pass(60_000);
    // Due: a trial.
    expect(balancer.request()).toBe('a>503');
    for (let i = 0; i < 5; i += 1) expect(balancer.request()).toBe('a>503');
    expect(balancer.member('a').state).toMatchObject({ failedTrials: 1, retries: 6 });
    expect(retryAt(balancer.member('a'))).toBe(balancer.now() + 120_000);
  });

  test('begins anew with the first answer after a forced recovery', () => {
    const balancer = simulateBalancer('a', { refusing: 'a' });
    balancer.request();
    balancer.pass(60_000);
    balancer.request();
    balancer.refusing.clear();
    expect(balancer.request()).toBe('a');
    expect(balancer.member('a').state).toMatchObject({ failedTrials: 0, retries: 0 });
  });

  test('is not grown by a trial that has told nothing', () => {
    const balancer = simulateBalancer('a E, b');
    balancer.begin('a').end();
    expect(balancer.member('a').state).toMatchObject({ failedTrials: 0, retries: 1 });
    expect(balancer.begin('a').isProbe()).toBe(true);
  });
});
