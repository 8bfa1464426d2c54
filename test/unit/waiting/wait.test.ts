import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Choice, Chosen, Nobody } from '../../../src/choice/choose-member.ts';
import { Wait, type WaitingRequest } from '../../../src/waiting/wait.ts';
import { createWaitingRoom } from '../../../src/waiting/waiting-room.ts';
import {
  simulateBalancer,
  type Simulation,
  type SimulationOptions,
} from '../../support/simulated-balancer.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const nobody: Nobody = { kind: 'nobody', reason: 'unusable', retryAt: undefined, full: [] };

/** A room whose requests are answered from a list, and what came of each. The clock is that of the timers. */
function open() {
  const room = createWaitingRoom(() => undefined);
  const told: string[] = [];
  const chosen = simulateBalancer('a').choose() as Chosen;
  let choice: Choice = nobody;

  function enter(
    name: string,
    {
      limit = 10_000,
      notBefore = -Infinity,
      serve,
      kind,
    }: Readonly<{ limit?: number; notBefore?: number; serve?: () => void; kind?: string }> = {},
  ): Wait {
    const until = Date.now() + limit;
    const request: WaitingRequest = {
      choose: () => choice,
      limit: () => until,
      kind: () => kind,
      serve() {
        told.push(`${name} served`);
        serve?.();
      },
      expire() {
        told.push(`${name} expired`);
      },
    };
    const wait = new Wait(room, () => Date.now(), request, notBefore);
    if (!wait.enter(nobody, 3)) told.push(`${name} refused`);
    return wait;
  }

  return {
    room,
    told,
    enter,
    answer: (next: Choice | 'a member') => {
      choice = next === 'a member' ? chosen : next;
    },
    wake: async () => {
      room.wake();
      await Promise.resolve();
    },
  };
}

describe('a request that waits', () => {
  test('is served once, at the first news that brings a member, and waits no more', async () => {
    const { room, told, enter, answer, wake } = open();
    enter('x');
    await wake();
    expect(told).toEqual([]);
    answer('a member');
    await wake();
    await wake();
    expect([told, room.size()]).toEqual([['x served'], 0]);
  });

  test('is served in its turn', async () => {
    const { told, enter, answer, wake } = open();
    for (const name of ['x', 'y', 'z']) enter(name);
    answer('a member');
    await wake();
    expect(told).toEqual(['x served', 'y served', 'z served']);
  });

  test('expires when its time is up, and not before', () => {
    const { room, told, enter } = open();
    enter('x', { limit: 500 });
    jest.advanceTimersByTime(499);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect([told, room.size()]).toEqual([['x expired'], 0]);
  });

  test('is served when a member in error is due, without any news', () => {
    const { told, enter, answer } = open();
    const wait = enter('x');
    answer({ ...nobody, retryAt: Date.now() + 300 });
    expect(wait.retry()).toBe(false);
    answer('a member');
    jest.advanceTimersByTime(299);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['x served']);
  });

  test('is called off, and told nothing more', async () => {
    const { room, told, enter, answer, wake } = open();
    const [x] = [enter('x'), enter('y')];
    x.leave();
    x.leave();
    answer('a member');
    await wake();
    jest.advanceTimersByTime(20_000);
    expect([told, room.size()]).toEqual([['y served'], 0]);
  });

  test('is not served after another, served before it, has called it off', async () => {
    const { told, enter, answer, wake } = open();
    const late: Wait[] = [];
    enter('x', {
      serve: () => {
        for (const each of late) each.leave();
      },
    });
    late.push(enter('late'));
    answer('a member');
    await wake();
    expect(told).toEqual(['x served']);
  });

  test('may come back from within, and is served by the next news', async () => {
    const { told, enter, answer, wake } = open();
    enter('x', { serve: () => void enter('x again') });
    answer('a member');
    await wake();
    expect(told).toEqual(['x served']);
    await wake();
    expect(told).toEqual(['x served', 'x again served']);
  });

  test('is refused where there is no room, and has no timer then', () => {
    const { told, enter, room } = open();
    const waits = ['x', 'y', 'z', 'w'].map((name) => enter(name));
    expect([told, room.size(), jest.getTimerCount()]).toEqual([['w refused'], 3, 3]);
    for (const wait of waits) wait.leave();
  });

  test('pauses as long as it has to, whatever happens, and is served then', async () => {
    const { told, enter, answer, wake } = open();
    answer('a member');
    const wait = enter('x', { notBefore: Date.now() + 100 });
    await wake();
    expect(told).toEqual([]);
    expect(wait.retry()).toBe(false);
    jest.advanceTimersByTime(99);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['x served']);
  });

  test('does not keep others from being asked while it pauses', async () => {
    const { told, enter, answer, wake } = open();
    const pausing = enter('x', { notBefore: Date.now() + 100, kind: 'same' });
    enter('y', { kind: 'same' });
    answer('a member');
    await wake();
    expect(told).toEqual(['y served']);
    pausing.leave();
  });

  test('leaves those of its kind, who go by its timer, to be asked when its time is up', async () => {
    const { told, enter, answer, wake } = open();
    enter('x', { limit: 500, kind: 'same' });
    enter('y', { limit: 10_000, kind: 'same' });
    answer({ ...nobody, retryAt: Date.now() + 700 });
    await wake();
    jest.advanceTimersByTime(500);
    await Promise.resolve();
    expect(told).toEqual(['x expired']);
    answer('a member');
    jest.advanceTimersByTime(200);
    expect(told).toEqual(['x expired', 'y served']);
  });

  test('waits longer than a timer can run', () => {
    const { told, enter } = open();
    enter('x', { limit: 2 ** 31 + 5_000 });
    jest.advanceTimersByTime(2 ** 31 - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(6_000);
    expect(told).toEqual(['x expired']);
  });
});

describe('the news that those who wait have of members', () => {
  /** A balancer that wakes a room, and requests in it that are charged as soon as they are served. */
  function build(notation: string, options: SimulationOptions = {}) {
    const room = createWaitingRoom(() => undefined);
    const wake = (): void => {
      room.wake();
    };
    const balancer: Simulation = simulateBalancer(notation, {
      ...options,
      listener: { changed: wake, freed: wake },
    });
    const served: string[] = [];
    function wait(name: string, route?: string, limit = (): number => Infinity): void {
      const request: WaitingRequest = {
        choose: () => balancer.choose(route),
        limit,
        kind: () => route ?? '',
        serve(choice) {
          served.push(`${name}: ${balancer.members.elect(choice).member.settings.name}`);
        },
        expire: () => undefined,
      };
      const choice = balancer.choose(route);
      if (choice.kind === 'nobody') new Wait(room, balancer.now, request, -Infinity).enter(choice, 10);
    }
    return { balancer, room, served, wait };
  }

  test('is one place that is free, for the first of them', async () => {
    const { balancer, served, wait } = build('a', { members: { max: 1 } });
    const first = balancer.begin();
    for (const name of ['x', 'y', 'z']) wait(name);
    first.end();
    await Promise.resolve();
    expect(served).toEqual(['x: a']);
    expect(balancer.member('a').busy).toBe(1);
    jest.clearAllTimers();
  });

  test('is a trial that has brought a member back', async () => {
    const { balancer, room, served, wait } = build('a E', { forcerecovery: false });
    const trial = balancer.begin();
    wait('x');
    wait('y');
    expect(room.size()).toBe(2);
    trial.report('succeeded');
    await Promise.resolve();
    expect([served, room.size()]).toEqual([['x: a', 'y: a'], 0]);
  });

  test('is none of a member that falls due while they are asked: they are asked again', () => {
    const { balancer, served, wait } = build('a', { forcerecovery: false });
    balancer.happens('a', 'failed');
    // What is done between the choice and the timer takes its time.
    wait('x', undefined, () => {
      balancer.pass(0.5);
      return Infinity;
    });
    // Node's timers may run out up to a millisecond early.
    balancer.pass(59_999.25);
    jest.advanceTimersByTime(60_000);
    expect(served).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(served).toEqual(['x: a']);
    jest.clearAllTimers();
  });

  test('does not have them look again and again for a member that is due and being tried', () => {
    const { balancer, served, wait } = build('a, b', { forcerecovery: false });
    balancer.happens('a', 'failed');
    balancer.pass(30_000);
    balancer.happens('b', 'failed');
    balancer.pass(30_000);
    const trial = balancer.begin();
    expect(trial.member.settings.name).toBe('a');
    const start = Date.now();
    wait('x');
    expect(jest.getTimerCount()).toBe(1);
    balancer.pass(30_000);
    jest.advanceTimersToNextTimer();
    // It is the other one that is due next.
    expect([served, Date.now() - start]).toEqual([['x: b'], 30_000]);
    jest.clearAllTimers();
  });

  test('is no place of another member for a session', async () => {
    const { balancer, room, served, wait } = build('a, b', { members: { max: 1 } });
    const [, onB] = [balancer.begin('a'), balancer.begin('b')];
    wait('bound', 'a');
    wait('free');
    onB.end();
    await Promise.resolve();
    expect([served, room.size()]).toEqual([['free: b'], 1]);
    jest.clearAllTimers();
  });
});
