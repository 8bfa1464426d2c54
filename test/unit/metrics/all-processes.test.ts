import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { registerMetrics, type MetricsOptions } from '../../../src/metrics/index.ts';
import type { OtherBalancer, OtherMember } from '../../../src/sharing/shared-totals.ts';
import type { Membership } from '../../../src/sharing/membership.ts';
import type { HubStatus } from '../../../src/sharing/hub.ts';
import { createTally } from '../../../src/tally/create-tally.ts';
import { createCounted, type Counted } from '../../support/counted.ts';
import { catchError } from '../../support/catch-error.ts';
import { createMemoryNet } from '../../support/memory-net.ts';
import { readExposition, tabulate } from '../../support/prometheus.ts';
import { shareCounts } from '../../support/share-counts.ts';

type Read = (name: string, labels?: readonly string[]) => Promise<Readonly<Record<string, number>>>;

function watch(balancers: readonly Counted[], options: MetricsOptions = { processes: 'all' }): Read {
  const registry = new Registry();
  registerMetrics(
    registry,
    balancers.map(({ balancer }) => balancer),
    options,
  );
  return async (name, labels = ['process', 'member']) =>
    tabulate(readExposition(await registry.metrics()), `balancer_${name}`, labels);
}

/** What another process tells of its members: how often each was chosen, by identity. */
function tellOther(process: string, elected: Readonly<Record<string, number>>): OtherBalancer {
  const tally = createTally(1);
  const members = Object.entries(elected).map(([identity, count]): [string, OtherMember] => {
    const counts = { busy: 0, elected: count, sent: 0, received: 0, failures: 0 };
    return [identity, { ...counts, tally: { ...viewTally(), sessions: () => 99 } }];
  });
  return { process, waiting: 0, inFlight: 0, tally: tally.balancer, members: new Map(members) };
}

function viewTally(): OtherMember['tally'] {
  const counted = createCounted('any', 'a');
  const { attempts, answers, broken, failovers, responseTimes } = counted.tally.of(counted.member('a'));
  return { attempts, answers, broken, failovers, responseTimes, sessions: () => undefined };
}

/** A balancer that shares with whomever a test makes up. */
function createShared(notation = 'a, b') {
  const counted = createCounted('shop', notation);
  let others: readonly OtherBalancer[] = [];
  let status: HubStatus = { kind: 'shared', since: 0, processes: 3 };
  let refreshes = 0;
  const membership: Partial<Membership> = {
    report: () => ({ process: 'me', status }),
    totals: {
      others: () => others,
      refresh() {
        refreshes += 1;
        return Promise.resolve();
      },
    },
  };
  // The metrics ask for nothing else.
  counted.join(membership as Membership);
  return {
    counted,
    tell: (...next: readonly OtherBalancer[]) => (others = next),
    become: (next: HubStatus) => (status = next),
    refreshes: () => refreshes,
  };
}

describe('of all processes', () => {
  test('each tells its own counts, under its name', async () => {
    const net = createMemoryNet();
    const [one, other] = [createCounted('shop', 'a, b D'), createCounted('shop', 'a, b')];
    const hubs = [net.hub(), net.hub()];
    one.join(shareCounts(hubs[0]!).join(one.balancer));
    other.join(shareCounts(hubs[1]!).join(other.balancer));
    const [me, you] = hubs.map(({ process }) => process);
    Object.assign(one.member('a'), { elected: 3, sent: 10 });
    Object.assign(other.member('a'), { elected: 4, busy: 1, received: 20 });
    other.tally.balancer.noteEnd(200, undefined, 40);
    other.tally.of(other.member('a')).noteOutcome('answered', 30);
    other.setWaiting(2);

    const read = watch([one]);
    expect(await read('member_elected_total')).toEqual({ [`${me} a`]: 3, [`${me} b`]: 0, [`${you} a`]: 4 });
    expect(await read('requests_in_flight')).toMatchObject({ [`${you} a`]: 1 });
    expect(await read('received_bytes_total')).toMatchObject({ [`${you} a`]: 20 });
    expect(await read('attempts_total', ['process', 'member', 'outcome'])).toEqual({
      [`${you} a answered`]: 1,
    });
    expect(await read('response_time_seconds', ['process', 'le'])).toMatchObject({ [`${you} 0.05`]: 1 });
    expect(await read('queue_length', ['balancer', 'process'])).toEqual({
      [`shop ${me}`]: 0,
      [`shop ${you}`]: 2,
    });
    expect(await read('requests_total', ['process', 'code'])).toMatchObject({
      [`${me} 2xx`]: 0,
      [`${you} 2xx`]: 1,
    });
    // Its own are those of now, though the others were read a moment ago.
    one.member('a').elected = 30;
    expect(await read('member_elected_total')).toMatchObject({ [`${me} a`]: 30 });
  });

  test.each(['member_up', 'member_state', 'member_loadfactor', 'member_info', 'member_sessions'])(
    'how members are is told of this process only: %s',
    async (name) => {
      const { counted, tell } = createShared('a');
      counted.tally.of(counted.member('a')).noteSession('x', 0);
      tell(tellOther('p', { '|http://a': 1 }));
      const told = await watch([counted])(name, ['process']);
      expect(Object.keys(told)).toEqual(['me']);
    },
  );

  test('what others have counted is read once for all metrics', async () => {
    const { counted, refreshes } = createShared();
    const read = watch([counted]);
    await read('member_elected_total');
    expect(refreshes()).toBe(1);
    await read('member_elected_total');
    expect(refreshes()).toBe(2);
  });

  test('a process that leaves takes its series with it, and no other falls', async () => {
    const { counted, tell } = createShared('a');
    counted.member('a').elected = 1;
    const read = watch([counted]);
    const [p, q] = [tellOther('p', { '|http://a': 10 }), tellOther('q', { '|http://a': 20 })];
    tell(p, q);
    expect(await read('member_elected_total')).toEqual({ 'me a': 1, 'p a': 10, 'q a': 20 });
    tell(q);
    expect(await read('member_elected_total')).toEqual({ 'me a': 1, 'q a': 20 });
  });

  test('members beyond the limit are told together, of each process, and do not fall when one goes', async () => {
    const { counted, tell } = createShared('a, b, c');
    const read = watch([counted], { processes: 'all', maxMembers: 1 });
    tell(tellOther('p', { '|http://a': 1, '|http://b': 2, '|http://c': 4 }));
    expect(await read('member_elected_total')).toEqual({ 'me a': 0, 'me other': 0, 'p a': 1, 'p other': 6 });
    tell(tellOther('p', { '|http://a': 1, '|http://c': 5 }));
    expect(await read('member_elected_total')).toMatchObject({ 'p a': 1, 'p other': 7 });
    // Unheard for a while, it is what it was.
    tell();
    await read('member_elected_total');
    tell(tellOther('p', { '|http://a': 1, '|http://c': 5 }));
    expect(await read('member_elected_total')).toMatchObject({ 'p a': 1, 'p other': 7 });
    // Taken out there, and added again.
    tell(tellOther('p', { '|http://a': 1, '|http://c': 1 }));
    expect(await read('member_elected_total')).toMatchObject({ 'p a': 1, 'p other': 8 });
  });

  test('a member that only another process has is called by its server, and takes nobody’s name', async () => {
    const { counted, tell } = createShared('a, x:http');
    const read = watch([counted]);
    tell(tellOther('p', { '|http://a': 1, '|http://z:1/base': 2, '|a': 3, '"}\n|': 4 }));
    expect(await read('member_elected_total')).toMatchObject({
      'p a': 1,
      'p http://z:1/base': 2,
      'p other': 3,
      'p "}\n|': 4,
    });
  });

  test('no more than 64 processes are told of, and who is told of stays', async () => {
    const { counted, tell } = createShared('a');
    const read = watch([counted]);
    const make = (i: number): OtherBalancer => tellOther(`p${i}`, { '|http://a': i });
    const most = Array.from({ length: 63 }, (_, i) => make(i + 100));
    tell(...most);
    await read('queue_length', ['process']);
    tell(make(1), make(2), ...most);
    const told = Object.keys(await read('queue_length', ['process']));
    expect(told).toHaveLength(64);
    expect(told.toSorted()).toEqual(['me', ...most.map(({ process }) => process)].toSorted());
  });

  test('a balancer that shares nothing is told with the name of this process', async () => {
    const counted = createCounted('alone', 'a');
    expect(await watch([counted])('queue_length', ['process'])).toEqual({
      [`${hostname()}:${process.pid}`]: 0,
    });
  });

  test('a list that cannot be had is the failure of one answer', async () => {
    const registry = new Registry();
    let isBroken = true;
    const list = (): [] => {
      if (isBroken) throw new Error('no list');
      return [];
    };
    registerMetrics(registry, list, { processes: 'all' });
    await expect(registry.metrics()).rejects.toThrow('no list');
    isBroken = false;
    await expect(registry.metrics()).resolves.toContain('balancer_queue_length');
  });
});

describe('of this process', () => {
  test('nobody else is asked, and no series says of which it is', async () => {
    const { counted, tell, refreshes } = createShared('a');
    tell(tellOther('p', { '|http://a': 1 }));
    for (const options of [{}, { processes: 'own' as const }]) {
      const told = await watch([counted], options)('member_elected_total');
      expect(told).toEqual({ ' a': 0 });
    }
    expect(refreshes()).toBe(0);
  });

  test.each<[HubStatus, number]>([
    [{ kind: 'shared', since: 0, processes: 4 }, 4],
    [{ kind: 'joining', since: 0 }, 0],
    [{ kind: 'alone', since: 0, why: 'cut' }, 0],
    [{ kind: 'refused', since: 0, why: 'format' }, 0],
    [{ kind: 'closed', since: 0 }, 0],
  ])('how many processes share: %j', async (status, processes) => {
    const { counted, become } = createShared('a');
    become(status);
    const read = watch([counted, createCounted('alone', 'a')], {});
    expect(await read('shared_processes', ['balancer'])).toEqual({ shop: processes });
  });

  test.each(['both', true, 2, null])('other words for it are refused: %j', (processes) => {
    const register = (): unknown => registerMetrics(new Registry(), [], { processes } as never);
    expect(catchError(register)).toMatchObject({
      problems: [{ path: 'processes', advice: "write 'own' or 'all'" }],
    });
  });
});
