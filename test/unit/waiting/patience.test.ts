import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Account } from '../../../src/account.ts';
import type { Choice, Nobody } from '../../../src/choice/choose-member.ts';
import type { Settings } from '../../../src/definition/settings.ts';
import { createEvents } from '../../../src/events.ts';
import type { Parts } from '../../../src/parts.ts';
import { createTally } from '../../../src/tally/create-tally.ts';
import { limitOf, Patience, pauseAfter, type Circumstances } from '../../../src/waiting/patience.ts';
import { createWaitingRoom } from '../../../src/waiting/waiting-room.ts';
import { buildMembers, buildViews, createQuietMembers } from '../../support/build-members.ts';

const nobody: Nobody = { kind: 'nobody', reason: 'unusable', retryAt: undefined, full: [] };
const settings = {
  waitMs: 0,
  holdMs: 0,
  queueTimeoutMs: 10_000,
  deadlineMs: undefined as number | undefined,
};

/** Members that are full, each with its own `acquire`. */
function full(...acquire: readonly (number | undefined)[]): Nobody {
  const members = acquire.flatMap((acquireMs) =>
    createQuietMembers(buildMembers('a', { acquireMs }), () => 0).view(),
  );
  return { ...nobody, reason: 'full', full: members };
}

/** Members that are full, and answer in so many milliseconds. */
function fullIn(...responseMs: readonly (number | undefined)[]): Nobody {
  const choice = full(...responseMs.map(() => undefined));
  return { ...choice, full: choice.full.map((member, i) => ({ ...member, responseMs: responseMs[i] })) };
}

describe('how long a request waits', () => {
  const fresh: Circumstances = {
    arrivedAt: 1_000,
    fullSince: undefined,
    isUntried: true,
    isDiscovering: false,
  };
  const failed: Circumstances = { ...fresh, isUntried: false };
  const discovering: Circumstances = { ...fresh, isDiscovering: true };

  test.each<
    [
      what: string,
      choice: Nobody,
      options: Partial<typeof settings>,
      circumstances: Circumstances,
      waits: number,
    ]
  >([
    ['not at all, by default', nobody, {}, fresh, 0],
    ['its timeout, while no member is usable', nobody, { waitMs: 2_000 }, fresh, 2_000],
    ['not its timeout, once a member has failed it', nobody, { waitMs: 2_000 }, failed, 0],
    ['as long as it is held', nobody, { holdMs: 3_000 }, fresh, 3_000],
    ['as long as it is held, after a failure too', nobody, { holdMs: 3_000, waitMs: 9_000 }, failed, 3_000],
    ['the longer one of both', nobody, { holdMs: 3_000, waitMs: 9_000 }, fresh, 9_000],
    ['until DNS has told the first members', nobody, {}, discovering, 5_000],
    ['as long as it is set, for DNS', nobody, { waitMs: 7_000 }, discovering, 7_000],
    ['not for DNS once a member has failed it', nobody, {}, { ...discovering, isUntried: false }, 0],
    [
      'as long as it is held, with nofailover',
      { ...nobody, reason: 'nofailover' },
      { waitMs: 9_000, holdMs: 3_000 },
      fresh,
      3_000,
    ],
    [
      'not where the method has failed',
      { ...nobody, reason: 'method-failed' },
      { waitMs: 9_000, holdMs: 9_000 },
      discovering,
      0,
    ],
    [
      'its deadline for a place, while nobody has answered',
      fullIn(undefined),
      { deadlineMs: 2_000 },
      fresh,
      2_000,
    ],
    ['as long as an answer is likely in its deadline', fullIn(100, 50), { deadlineMs: 2_000 }, fresh, 1_800],
    ['half of its deadline, though answers take longer', fullIn(9_000), { deadlineMs: 2_000 }, fresh, 1_000],
    ['the time of the queue, where that is shorter', fullIn(100), { deadlineMs: 60_000 }, fresh, 10_000],
    [
      'the time of the queue, where all are full',
      full(undefined, undefined),
      { waitMs: 1, holdMs: 1 },
      fresh,
      10_000,
    ],
    ['as long as its member lets it', full(200), {}, fresh, 200],
    ['as long as the most patient lets it', full(200, 300, 100), {}, fresh, 300],
    ['longer than the queue lets others, where its member says so', full(60_000), {}, fresh, 60_000],
    ['the time of the queue, where one does not say', full(200, undefined), {}, fresh, 10_000],
    ['not at all, where it may not wait for a place', full(0), {}, fresh, 0],
    ['from when it has found them full', full(200), {}, { ...fresh, fullSince: 4_000 }, 3_200],
  ])('%s', (_what, choice, options, circumstances, waits) => {
    expect(limitOf(choice, { ...settings, ...options }, circumstances) - circumstances.arrivedAt).toBe(waits);
  });

  test('a request that is held pauses longer each time, up to a second', () => {
    expect([0, 1, 2, 3, 4, 5, 100, 5_000].map(pauseAfter)).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000,
    ]);
  });
});

describe('the waiting of a request', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
  });
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  /** Begins as soon as it is made; `queueLength` 1. */
  function open(options: Partial<Settings> = {}) {
    const told: string[] = [];
    const queue: string[] = [];
    const events = createEvents(() => ({ name: 'b', logger: console }));
    events.on('queue', ({ balancer, what, reason, waiting, waitedMs }) => {
      queue.push(`${balancer}: ${what} ${reason} ${waiting} ${waitedMs}`);
    });
    const room = createWaitingRoom(() => undefined);
    const waited: number[] = [];
    const tally = createTally();
    const parts = {
      room,
      events,
      tally,
      now: () => Date.now(),
      isDiscovering: () => false,
      settings: { ...settings, queueLength: 1, ...options },
    } as unknown as Parts;
    const account = { noteWait: (ms: number) => waited.push(ms) } as unknown as Account;
    const patience = new Patience(parts, account, Date.now());
    let choice: Choice = nobody;
    const member = buildViews('a')[0]!;
    return {
      patience,
      told,
      queue,
      waited,
      tally,
      begin: (first: Nobody, notBefore?: number) => {
        choice = first;
        const request = {
          choose: () => choice,
          kind: () => undefined,
          serve: () => told.push('served'),
          expire: ({ reason }: Nobody) => told.push(`expired: ${reason}`),
          refuse: (detail: string) => told.push(`refused: ${detail}`),
        };
        patience.wait(first, true, request, notBefore);
      },
      news: async (next: Nobody | 'a member') => {
        choice =
          next === 'a member'
            ? { kind: 'member', member, reason: 'method', candidates: [], probe: false, forced: false }
            : next;
        room.wake();
        await Promise.resolve();
      },
    };
  }

  test('is over at once where it may not wait, and nobody hears of it', () => {
    const { begin, told, queue, waited } = open();
    begin(nobody);
    expect([told, queue, waited]).toEqual([['expired: unusable'], [], []]);
  });

  test('is noted and told of', async () => {
    const { begin, news, told, queue, waited } = open({ waitMs: 2_000 });
    begin(nobody);
    jest.advanceTimersByTime(300);
    await news('a member');
    expect(told).toEqual(['served']);
    expect(queue).toEqual(['b: waiting unusable 1 0', 'b: served unusable 0 300']);
    expect(waited).toEqual([300]);
  });

  test('is noted and told of when it was in vain', () => {
    const { begin, told, queue, waited } = open();
    begin(full(200));
    jest.advanceTimersByTime(200);
    expect(told).toEqual(['expired: full']);
    expect(queue).toEqual(['b: waiting full 1 0', 'b: expired full 0 200']);
    expect(waited).toEqual([200]);
  });

  test('is refused where as many wait as may', () => {
    const { begin, told, queue, waited } = open({ queueLength: 0 });
    begin(full(200));
    expect(told).toEqual(['refused: 0 requests are waiting already']);
    expect(queue).toEqual(['b: refused full 0 0']);
    expect(waited).toEqual([]);
  });

  test('is noted and told of when it is called off, once, and the request hears no more', () => {
    const { begin, patience, told, queue, waited } = open();
    begin(full(200));
    jest.advanceTimersByTime(50);
    patience.leave();
    patience.leave();
    jest.advanceTimersByTime(1_000);
    expect([told, waited]).toEqual([[], [50]]);
    expect(queue).toEqual(['b: waiting full 1 0', 'b: left full 0 50']);
  });

  test('is not called off any more once it is over', async () => {
    const { begin, news, patience, queue, waited } = open({ waitMs: 2_000 });
    begin(nobody);
    await news('a member');
    patience.leave();
    expect(queue).toEqual(['b: waiting unusable 1 0', 'b: served unusable 0 0']);
    expect(waited).toEqual([0]);
  });

  test('is counted, and its time when it is over', async () => {
    const { begin, news, patience, tally } = open({ waitMs: 2_000 });
    begin(nobody);
    expect(tally.balancer.waits.count).toBe(0);
    jest.advanceTimersByTime(300);
    await news('a member');
    begin(full(200));
    jest.advanceTimersByTime(200);
    begin(full(500));
    patience.leave();
    const refusing = open({ queueLength: 0 });
    refusing.begin(full(200));
    expect(Object.fromEntries(tally.balancer.queued)).toEqual({ waiting: 3, served: 1, expired: 1, left: 1 });
    expect(tally.balancer.waits).toMatchObject({ count: 3, sum: 500 });
    expect(Object.fromEntries(refusing.tally.balancer.queued)).toEqual({ refused: 1 });
    expect(refusing.tally.balancer.waits.count).toBe(0);
  });

  test('goes on for a place when members come up that are full: its time in the queue begins then', async () => {
    const { begin, news, told } = open({ holdMs: 30_000 });
    begin(nobody);
    jest.advanceTimersByTime(20_000);
    await news(full(undefined));
    expect(told).toEqual([]);
    jest.advanceTimersByTime(9_999);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['expired: full']);
  });

  test('has one time in the queue, however often it finds everybody full', () => {
    const { begin, told } = open();
    begin(full(200));
    jest.advanceTimersByTime(200);
    begin(full(200));
    expect(told).toEqual(['expired: full', 'expired: full']);
  });

  test('pauses while it is held, and no longer than that', () => {
    const { patience } = open({ holdMs: 1_000 });
    const start = Date.now();
    const pauses = [0, 300, 600, 399].map((ms) => {
      jest.advanceTimersByTime(ms);
      return patience.hold();
    });
    expect(pauses).toEqual([start + 100, start + 500, start + 1_000, undefined]);
  });
});
