import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DrainOptions } from '../../../src/roster/drain.ts';
import { drainMember } from '../../../src/roster/drain.ts';
import { printStatus, Status } from '../../../src/member/status.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** A balancer of `a` and `b` whose `a` can be drained; what that comes to is in `ended`. */
function open() {
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const callback of [...watchers]) callback();
  };
  const balancer = simulateBalancer('a, b', { listener: { changed: tell, freed: tell } });
  const ended: unknown[] = [];
  return {
    balancer,
    watchers,
    ended,
    drain: (options: DrainOptions = {}) => {
      const watch = (callback: () => void) => {
        watchers.add(callback);
        return () => watchers.delete(callback);
      };
      void drainMember(balancer.members, balancer.member('a'), options, watch).then((drained) =>
        ended.push(drained),
      );
    },
    flags: () => printStatus(balancer.member('a').state.status),
    /** Lets promises settle. */
    pass: async (ms = 0) => {
      if (ms > 0) jest.advanceTimersByTime(ms);
      for (let i = 0; i < 5; i += 1) await Promise.resolve();
    },
  };
}

const empty = { empty: true, busy: 0 };

describe('a drain', () => {
  test('is over at once where nothing is served, and the member stays drained', async () => {
    const { drain, ended, flags, watchers, pass } = open();
    drain();
    await pass();
    expect([ended, flags(), watchers.size]).toEqual([[empty], 'N', 0]);
  });

  test('waits for the last request, and takes nobody new meanwhile', async () => {
    const { balancer, drain, ended, pass } = open();
    const attempts = [balancer.begin('a'), balancer.begin('a')];
    drain();
    expect(balancer.serve(3)).toBe('b b b');
    attempts[0]!.end();
    await pass();
    expect(ended).toEqual([]);
    attempts[1]!.end();
    await pass();
    expect(ended).toEqual([empty]);
  });

  test('lets sessions stay, and waits for them too', async () => {
    const { balancer, drain, ended, pass } = open();
    const first = balancer.begin('a');
    drain();
    const second = balancer.begin('a');
    expect(second.member).toBe(balancer.member('a'));
    first.end();
    await pass();
    expect(ended).toEqual([]);
    second.end();
    await pass();
    expect(ended).toEqual([empty]);
  });

  test('keeps the other flags of the member', async () => {
    const { balancer, drain, flags, pass } = open();
    balancer.happens('a', { kind: 'set', status: Status.hotStandby | Status.ignoreErrors });
    drain();
    await pass();
    expect(flags()).toBe('INH');
  });

  test('ends at its deadline: sessions go elsewhere, what is under way goes on', async () => {
    const { balancer, drain, ended, flags, watchers, pass } = open();
    const attempt = balancer.begin('a');
    drain({ deadline: 5 });
    await pass(4_999);
    expect([ended, balancer.request('a')]).toEqual([[], 'a']);
    await pass(1);
    expect([ended, flags(), watchers.size]).toEqual([[{ empty: false, busy: 1 }], 'ND', 0]);
    expect(balancer.request('a')).toBe('b');
    attempt.end();
    await pass();
    expect([ended.length, balancer.member('a').busy]).toEqual([1, 0]);
  });

  test('has no deadline any more once it is over', async () => {
    const { drain, ended, flags, pass } = open();
    drain({ deadline: '1h' });
    await pass(4_000_000);
    expect([ended, flags()]).toEqual([[empty], 'N']);
  });

  test('ends when somebody ends it', async () => {
    const { balancer, drain, ended, flags, watchers, pass } = open();
    const attempt = balancer.begin('a');
    drain({ deadline: 5, idle: '100ms' });
    balancer.happens('a', { kind: 'set', status: 0 });
    await pass();
    expect([ended, watchers.size]).toEqual([[{ empty: false, busy: 1 }], 0]);
    await pass(10_000);
    expect(flags()).toBe('');
    attempt.end();
  });

  test('goes on for a member that is removed', async () => {
    const { balancer, drain, ended, pass } = open();
    const attempt = balancer.begin('a');
    drain();
    balancer.members.revise({ removed: [balancer.member('a')] });
    await pass();
    expect(ended).toEqual([]);
    attempt.end();
    await pass();
    expect(ended).toEqual([empty]);
  });

  test('goes on when the member fails', async () => {
    const { balancer, drain, ended, flags, pass } = open();
    const attempt = balancer.begin('a');
    drain();
    attempt.report('failed');
    await pass();
    expect([ended, flags()]).toEqual([[], 'NE']);
    attempt.end();
    await pass();
    expect(ended).toEqual([empty]);
  });

  test('of the same member by two is told to both', async () => {
    const { balancer, drain, ended, pass } = open();
    const attempt = balancer.begin('a');
    drain();
    drain({ deadline: 1 });
    attempt.end();
    await pass();
    expect(ended).toEqual([empty, empty]);
  });
});

describe('a member that is drained counts as empty', () => {
  test('once nobody has asked for it for as long as is set', async () => {
    const { drain, ended, pass } = open();
    drain({ idle: 1 });
    await pass(999);
    expect(ended).toEqual([]);
    await pass(1);
    expect(ended).toEqual([empty]);
  });

  test('not while it serves, and from the end of the last request on', async () => {
    const { balancer, drain, ended, pass } = open();
    const attempt = balancer.begin('a');
    drain({ idle: 1 });
    await pass(5_000);
    attempt.end();
    await pass(999);
    expect(ended).toEqual([]);
    await pass(1);
    expect(ended).toEqual([empty]);
  });

  test('not so soon after a session has asked for it meanwhile', async () => {
    const { balancer, drain, ended, pass } = open();
    drain({ idle: 1 });
    await pass(600);
    expect(balancer.request('a')).toBe('a');
    await pass(999);
    expect(ended).toEqual([]);
    await pass(1);
    expect(ended).toEqual([empty]);
  });

  test('not while a session that has come meanwhile is still served', async () => {
    const { balancer, drain, ended, pass } = open();
    drain({ idle: 1 });
    await pass(600);
    const attempt = balancer.begin('a');
    await pass(5_000);
    expect(ended).toEqual([]);
    attempt.end();
    await pass(999);
    expect(ended).toEqual([]);
    await pass(1);
    expect(ended).toEqual([empty]);
  });

  test('however much other members serve', async () => {
    const { balancer, drain, ended, pass } = open();
    drain({ idle: 1 });
    for (let i = 0; i < 10; i += 1) {
      expect(balancer.request()).toBe('b');
      await pass(100);
    }
    expect(ended).toEqual([empty]);
  });
});

describe('a drain is refused', () => {
  test.each([
    [{ deadline: -1 }, /deadline/],
    [{ deadline: 'soon' }, /deadline/],
    [{ idle: Number.NaN }, /idle/],
  ])('and nothing is changed: %j', (options, what) => {
    const { balancer } = open();
    const watch = () => () => undefined;
    expect(() => drainMember(balancer.members, balancer.member('a'), options as DrainOptions, watch)).toThrow(
      what,
    );
    expect(balancer.member('a').state.status).toBe(0);
  });
});
