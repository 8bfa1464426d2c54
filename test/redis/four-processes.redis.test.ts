import { afterEach, expect, test } from '@jest/globals';
import { stopBackends } from '../support/backend.ts';
import { describeWithRedis, startRedis, stopRedises, type RedisServer } from '../support/redis-server.ts';
import { ask } from './support/client.ts';
import { endWell } from './support/end-well.ts';
import { flushKeys, listKeys } from './support/redis-keys.ts';
import {
  checksSince,
  linesOf,
  memberOf,
  startSite,
  until,
  type Site,
  type SiteOrders,
} from './support/site.ts';
import { endWorkers } from './support/start-worker.ts';
import type { Look } from './support/worker.ts';

const isAlone = ({ status }: Look): boolean => status?.kind === 'alone';
const isShared =
  (processes: number) =>
  ({ status }: Look): boolean =>
    status?.kind === 'shared' && status.processes === processes;
const isDrained =
  (name: string) =>
  (look: Look): boolean =>
    memberOf(look, name).status.includes('N');

describeWithRedis('four processes under load', () => {
  afterEach(async () => {
    await endWorkers();
    await Promise.all([stopBackends(), stopRedises()]);
  });

  async function startShared(orders: Omit<SiteOrders, 'state'> = {}) {
    const redis = await startRedis();
    const site = await startSite({ ...orders, state: stateOf(redis) });
    return { redis, site };
  }

  test('go on while Redis is killed, agree once it is back without its data, and say so once', async () => {
    const { redis, site } = await startShared();
    const [first, second, third] = site.workers;
    site.load();
    await first!.do('drain', 'a');
    await site.untilAll(isDrained('a'));

    await redis.kill();
    await site.untilAll(isAlone);
    await site.untilServed();
    await second!.do('change', 'b', { loadfactor: 3 });
    await third!.do('drain', 'c');

    await redis.restart();
    await site.untilAll(isShared(4));
    await site.untilAll(isDrained('c'));
    await site.untilAll((look) => memberOf(look, 'b').loadfactor === 3);
    await site.untilAll(isDrained('a'));
    const looks = await endWell(site, redis);
    expectSaidOnce(looks);
  });

  test('go on while Redis stands still, and agree once it goes on', async () => {
    const { redis, site } = await startShared();
    site.load();
    redis.pause();
    await site.untilAll(isAlone);
    await site.workers[3]!.do('drain', 'a');
    await site.untilServed();

    redis.resume();
    await site.untilAll(isShared(4));
    await site.untilAll(isDrained('a'));
    const looks = await endWell(site, redis);
    expectSaidOnce(looks);
  });

  test('put back what is flushed, so that one that comes later knows it', async () => {
    const { redis, site } = await startShared();
    site.load();
    await site.workers[0]!.do('drain', 'a');
    await site.workers[1]!.manage('PATCH', '/members/b', { loadfactor: 2, reason: 'it is larger' });
    await site.untilAll((look) => isDrained('a')(look) && memberOf(look, 'b').loadfactor === 2);

    await flushKeys(redis);
    await until(
      () => listKeys(redis),
      (keys) => keys.length > 0,
      'keys are back',
    );
    await site.startFurther();
    await site.untilAll((look) => isDrained('a')(look) && memberOf(look, 'b').loadfactor === 2);
    await site.untilAll(isShared(5));
    await endWell(site, redis);
  });

  test('forget what one has counted that is killed', async () => {
    const { redis, site } = await startShared({ options: { lbmethod: 'bybusyness' } });
    const [first, ...others] = site.workers;
    const { process: name } = await first!.look();
    const held = Array.from({ length: 3 }, () => ask(first!.at, { path: '/held' }).catch(() => undefined));
    await until(
      () => Promise.all(others.map((worker) => worker.look())),
      (looks) =>
        looks.every(
          ({ busyElsewhere, electedElsewhere }) => sum(busyElsewhere) === 3 && electedElsewhere[name!] === 3,
        ),
      'the others know of its three requests',
    );

    site.load();
    await site.untilServed();
    await first!.kill();
    await Promise.all(held);
    await site.untilAll(isShared(3));
    await site.untilAll(({ electedElsewhere }) => !(name! in electedElsewhere));
    // Of the load, until it ends, there may be any number.
    await endWell(site, redis);
  });

  test('end a change in time, though the one it was made in is killed', async () => {
    const { redis, site } = await startShared();
    site.load();
    await site.workers[0]!.manage('PATCH', '/members/a', { loadfactor: 5, for: '12s' });
    await site.untilAll((look) => memberOf(look, 'a').loadfactor === 5);
    await site.workers[0]!.kill();
    await site.untilAll((look) => memberOf(look, 'a').loadfactor === 1);
    await endWell(site, redis);
  });

  test('leave a member alone that one of them has found dead, until it is to be tried again', async () => {
    const { redis, site } = await startShared({ member: { retry: '1h' } });
    const { b } = site.backends;
    const others = site.workers.slice(1);
    const electedElsewhere = async (): Promise<readonly number[]> =>
      (await Promise.all(others.map((worker) => worker.look()))).map((look) => memberOf(look, 'b').elected);
    site.load([site.workers[0]!]);
    await site.untilServed();
    await b.stop();
    await site.untilAll((look) => memberOf(look, 'b').inError);
    site.load(others);
    await site.untilServed();
    expect(await electedElsewhere()).toEqual([0, 0, 0]);

    await b.start();
    await site.workers[2]!.do('change', 'b', { retry: '1s' });
    await site.untilAll((look) => !memberOf(look, 'b').inError);
    await endWell(site, redis);
  });

  test('have one of them check the members; when it is killed, another one', async () => {
    const { redis, site } = await startShared({
      member: { hcmethod: 'GET', hcuri: '/health', hcinterval: '1s' },
    });
    site.load();
    const checker = await findChecker(site);
    // What it finds is known to all of them.
    await site.untilAll(({ checks }) => ['a', 'b', 'c'].every((name) => checks[name]?.last?.passed === true));
    await site.backends.b.stop();
    await site.untilAll((look) => /[EC]/.test(memberOf(look, 'b').status));
    await site.untilAll(({ checks }) => checks['b']?.last?.passed === false);

    await site.workers[checker]!.kill();
    await site.untilAll(isShared(3));
    await site.backends.b.start();
    await site.untilAll((look) => memberOf(look, 'b').status === '');
    expect(await findChecker(site)).not.toBe(checker);
    await endWell(site, redis);
  });
});

const aloneLine = /goes on with what it knows/;
const either = /goes on with what it knows|shared again/;

/** Whoever is held up for as long as Redis was away may be alone once more: never is it said twice of one time. */
function expectSaidOnce(looks: readonly Look[]): void {
  // Alone, shared again, alone, …
  const said = looks.map((look) => linesOf(look, either).map((line) => aloneLine.test(line)));
  expect(said.map((lines) => lines.slice(0, 2))).toEqual(said.map(() => [true, false]));
  expect(said).toEqual(said.map((lines) => lines.map((_, i) => i % 2 === 0)));
}

/** The number of the only one that checks; those that were held up are alone for a while, and check by themselves. */
async function findChecker(site: Site): Promise<number> {
  const checkers = await until(
    () => checksSince(site, 9),
    ({ length }) => length === 1,
    'one of them checks, and nobody else',
  );
  return checkers[0]!;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function stateOf({ url }: RedisServer): NonNullable<SiteOrders['state']> {
  return { url, prefix: 'site', busy: true };
}
