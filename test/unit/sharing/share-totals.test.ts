import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { HubStatus, TotalsOfProcess } from '../../../src/sharing/hub.ts';
import { shareTotals, type TotalsShare } from '../../../src/sharing/share-totals.ts';
import type { BalancerTally } from '../../../src/tally/tally.ts';
import { createCounted, type Counted } from '../../support/counted.ts';
import { createMemoryNet } from '../../support/memory-net.ts';
import { shareCounts } from '../../support/share-counts.ts';

afterEach(() => {
  jest.useRealTimers();
});

/** What a process of the same balancer would tell. */
function write(counted: Counted): ReadonlyMap<string, string> {
  const hub = { process: 'any', status: shared, readTotals: () => Promise.resolve([]) };
  return new Map(
    shareTotals({ balancer: counted.balancer, hub, logger: { warn: () => undefined } }).fields(),
  );
}

function shared(): HubStatus {
  return { kind: 'shared', since: 0, processes: 2 };
}

/** A balancer that shares with whomever a test makes up. */
function createScene(name = 'shop', notation = 'a, b') {
  const counted = createCounted(name, notation);
  const warnings: string[] = [];
  let now = 5_000;
  let status = shared();
  let told: readonly TotalsOfProcess[] = [];
  let reads = 0;
  let answer = (): Promise<readonly TotalsOfProcess[]> => Promise.resolve(told);
  const hub = {
    process: 'here:1:00000001',
    status: () => status,
    readTotals: () => {
      reads += 1;
      return answer();
    },
  };
  const join = ({ balancer }: Counted): TotalsShare =>
    shareTotals({ balancer, hub, logger: { warn: (text) => warnings.push(String(text)) }, clock: () => now });
  const share = join(counted);
  return {
    counted,
    share,
    warnings,
    join,
    reads: () => reads,
    pass: (ms: number) => (now += ms),
    become: (next: HubStatus) => (status = next),
    tell: (processes: Readonly<Record<string, ReadonlyMap<string, string>>>) =>
      (told = Object.entries(processes).map(([process, totals]) => ({ process, totals }))),
    answerWith: (next: typeof answer) => (answer = next),
    names: () => share.totals.others().map(({ process }) => process),
  };
}

/** A balancer with a bit of everything. */
function createBusy(name = 'shop', notation = 'a, b'): Counted {
  const counted = createCounted(name, notation);
  const a = counted.tally.of(counted.member('a'));
  Object.assign(counted.member('a'), { busy: 2, elected: 7, sent: 100, received: 2_000, failures: 1 });
  counted.tally.balancer.noteEnd(200, undefined, 40);
  counted.tally.balancer.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 3);
  counted.tally.balancer.noteQueue('served', 1_500);
  a.noteAnswer(200);
  a.noteOutcome('answered', 30.25);
  a.noteOutcome('connect-timeout', 60_000);
  a.noteFailover('connect-timeout');
  a.noteBreak('reset');
  a.noteSession('x', 0);
  counted.setWaiting(3);
  return counted;
}

describe('between processes', () => {
  test.each(['shop', 'a/b', 'a b%2F', 'ünï', '__proto__'])(
    'what one has counted of %j is what the other one shows',
    async (name) => {
      const net = createMemoryNet();
      const [one, other] = [createBusy(name), createCounted(name, 'a, b')];
      const [first, second] = [net.hub(), net.hub()];
      shareCounts(first).join(one.balancer);
      const { totals } = shareCounts(second).join(other.balancer);
      await totals.refresh();
      const [told, ...rest] = totals.others();
      expect(rest).toEqual([]);
      expect(told).toMatchObject({ process: first.process, waiting: 3, inFlight: 5 });
      expect(pick(told!.tally)).toEqual(pick(one.tally.balancer));
      expect([...told!.members.keys()]).toEqual(['|http://a']);
      const { tally, ...counts } = told!.members.get('|http://a')!;
      expect(counts).toEqual({ busy: 2, elected: 7, sent: 100, received: 2_000, failures: 1 });
      const own = one.tally.of(one.member('a'));
      expect(tally.attempts).toEqual(own.attempts);
      expect(tally.answers).toEqual(own.answers);
      expect(tally.failovers).toEqual(own.failovers);
      expect(tally.broken).toBe(1);
      expect(tally.responseTimes).toMatchObject({ sum: 30.25, count: 1, counts: own.responseTimes.counts });
      expect(tally.sessions(0)).toBeUndefined();
    },
  );

  test('balancers of other names are none of its business, whatever they begin with', async () => {
    const { share, tell, names, warnings } = createScene('shop');
    tell({ p: new Map([...write(createBusy('shop2')), ...write(createBusy('shop/a'))]) });
    await share.totals.refresh();
    expect([names(), warnings]).toEqual([[], []]);
  });

  test('bytes that did not leave do not make what was sent less', () => {
    const counted = createCounted('shop', 'a');
    const readSent = (): unknown =>
      (JSON.parse(write(counted).get('shop/%7Chttp%3A%2F%2Fa')!) as number[])[2];
    Object.assign(counted.member('a'), { elected: 1, sent: 500 });
    expect(readSent()).toBe(500);
    counted.member('a').sent = 400;
    expect(readSent()).toBe(500);
  });
});

function pick({ codes, errors, durations, queued, waits }: BalancerTally): object {
  const view = ({ counts, sum, count }: typeof durations): object => ({ counts, sum, count });
  return { codes, errors, durations: view(durations), queued, waits: view(waits) };
}

describe('what is written', () => {
  test('is of members that have served, and the same text where nothing was counted', () => {
    const { counted, share } = createScene('shop', 'a, b, c');
    counted.member('a').elected = 1;
    counted.member('b').elected = 1;
    const [, a, b, ...rest] = [...share.fields()];
    expect(rest).toEqual([]);
    counted.member('b').elected += 1;
    const again = [...share.fields()];
    // The very same list: it was not made anew.
    expect(again[1] === a).toBe(true);
    expect(again[2]![0]).toBe(b![0]);
    expect(again[2]![1]).not.toBe(b![1]);
  });

  test('begins with the balancer: a hub that leaves out the last leaves out members', () => {
    const { counted, share } = createScene('shop', 'a');
    Object.assign(counted.member('a'), { elected: 1, busy: 2 });
    const [balancer, ...members] = [...share.fields()];
    expect(balancer![0]).toBe('shop');
    expect(members.map(([field]) => field)).toEqual(['shop/%7Chttp%3A%2F%2Fa']);
  });

  test.each<[string, (counted: Counted) => void]>([
    ['a request that has begun', ({ member }) => (member('a').busy += 1)],
    ['bytes', ({ member }) => (member('a').received += 1)],
    ['a failure', ({ member }) => (member('a').failures += 1)],
    [
      'an answer',
      ({ tally, member }) => {
        tally.of(member('a')).noteAnswer(404);
      },
    ],
    [
      'an outcome',
      ({ tally, member }) => {
        tally.of(member('a')).noteOutcome('reset', 1);
      },
    ],
    [
      'a failover',
      ({ tally, member }) => {
        tally.of(member('a')).noteFailover('reset');
      },
    ],
    [
      'an answer that broke off',
      ({ tally, member }) => {
        tally.of(member('a')).noteBreak('reset');
      },
    ],
  ])('%s makes it another text', (_what, count) => {
    const { counted, share } = createScene('shop', 'a');
    counted.member('a').elected = 1;
    const before = new Map(share.fields());
    count(counted);
    const after = new Map(share.fields());
    const field = 'shop/%7Chttp%3A%2F%2Fa';
    expect(after.get(field)).not.toBe(before.get(field));
  });
});

describe('what is read', () => {
  test('is asked for at most once a second, and once for all balancers', async () => {
    const { share, join, reads, pass } = createScene();
    const further = join(createCounted('other', 'a'));
    await Promise.all([share.totals.refresh(), further.totals.refresh()]);
    pass(999);
    await share.totals.refresh();
    expect(reads()).toBe(1);
    pass(1);
    await further.totals.refresh();
    expect(reads()).toBe(2);
  });

  test('is shown for ten seconds, and no longer', async () => {
    const { share, tell, names, pass } = createScene();
    tell({ p: write(createBusy()) });
    await share.totals.refresh();
    pass(10_000);
    expect(names()).toEqual(['p']);
    pass(1);
    expect(names()).toEqual([]);
  });

  test('is waited for no longer than 250 ms, and counts when it comes later', async () => {
    jest.useFakeTimers();
    const { share, answerWith, names } = createScene();
    const { promise, resolve } = Promise.withResolvers<readonly TotalsOfProcess[]>();
    answerWith(() => promise);
    let isOver = false;
    const refreshed = share.totals.refresh().then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(249);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await refreshed;
    expect([isOver, jest.getTimerCount()]).toEqual([true, 0]);
    resolve([{ process: 'p', totals: write(createBusy()) }]);
    await jest.advanceTimersByTimeAsync(0);
    expect(names()).toEqual(['p']);
  });

  test('stays for a while when nothing is answered though there are others', async () => {
    const { share, tell, names, pass, become } = createScene();
    tell({ p: write(createBusy()) });
    await share.totals.refresh();
    tell({});
    pass(2_000);
    await share.totals.refresh();
    expect(names()).toEqual(['p']);
    become({ kind: 'shared', since: 0, processes: 1 });
    pass(2_000);
    await share.totals.refresh();
    expect(names()).toEqual([]);
  });

  test('is nothing of a process that has left, not even in an answer that was under way', async () => {
    const { share, names, pass, answerWith } = createScene();
    const both = ['p', 'q'].map((process) => ({ process, totals: write(createBusy()) }));
    answerWith(() => Promise.resolve(both));
    await share.totals.refresh();
    share.left('p');
    expect(names()).toEqual(['q']);
    const { promise, resolve } = Promise.withResolvers<typeof both>();
    answerWith(() => promise);
    pass(2_000);
    const refreshed = share.totals.refresh();
    share.left('q');
    resolve(both);
    await refreshed;
    expect(names()).toEqual(['p']);
    // One that had only been silent is there again.
    pass(2_000);
    await share.totals.refresh();
    expect(names()).toEqual(['p', 'q']);
  });

  test.each<HubStatus>([
    { kind: 'joining', since: 0 },
    { kind: 'alone', since: 0, why: 'cut' },
    { kind: 'refused', since: 0, why: 'format' },
    { kind: 'closed', since: 0 },
  ])('is nothing while nothing is shared, and nobody is asked: %j', async (status) => {
    const { share, tell, names, become, reads, pass } = createScene();
    tell({ p: write(createBusy()) });
    await share.totals.refresh();
    become(status);
    pass(2_000);
    await share.totals.refresh();
    expect([names(), reads()]).toEqual([[], 1]);
  });

  test('is nothing after leaving, nor is anything told', async () => {
    const { share, tell, names, reads } = createScene();
    tell({ p: write(createBusy()) });
    await share.totals.refresh();
    share.leave();
    await share.totals.refresh();
    expect([names(), [...share.fields()], reads()]).toEqual([[], [], 1]);
  });

  test('requests go on between rows of members, and who leaves meanwhile is not shown', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `m${i}`);
    const many = createCounted('shop', names.join(','));
    for (const name of names) many.member(name).elected = 1;
    const { share, tell, names: shown } = createScene();
    tell({ p: write(many), q: write(createBusy()) });
    let turns = 0;
    const refreshed = share.totals.refresh().then(() => true);
    while (!(await Promise.race([refreshed, turn(false)]))) {
      turns += 1;
      if (turns === 2) share.left('p');
    }
    expect(turns).toBeGreaterThanOrEqual(6);
    expect(shown()).toEqual(['q']);
  });

  test('is nothing of this process, whatever somebody says in its name', async () => {
    const { share, tell, names } = createScene();
    tell({ 'here:1:00000001': write(createBusy()) });
    await share.totals.refresh();
    expect(names()).toEqual([]);
  });
});
