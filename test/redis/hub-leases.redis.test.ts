import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { describeWithRedis, redisCli, startRedis, type RedisServer } from '../support/redis-server.ts';
import { closePeers, createPeer, type Peer } from './support/peer.ts';
import { startPeerProcess } from './support/peer-process.ts';

describeWithRedis('the leases and totals of a hub', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
  });

  beforeEach(async () => {
    await redisCli(redis.port, 'FLUSHALL');
  });

  afterEach(closePeers);

  async function createTwo(): Promise<readonly [Peer, Peer]> {
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    return [a, b];
  }

  test('a lease has one holder, and goes to another when it is given back', async () => {
    const [a, b] = await createTwo();
    a.hub.want('checks/app');
    await a.until('held', () => a.hub.has('checks/app'));
    b.hub.want('checks/app');
    b.hub.want('checks/other');
    await b.until('the other', () => b.hub.has('checks/other'));
    expect(b.hub.has('checks/app')).toBe(false);
    a.hub.release('checks/app');
    expect(a.hub.has('checks/app')).toBe(false);
    await b.until('passed on', () => b.hub.has('checks/app'));
  });

  test('a lease goes to another at once when its holder says goodbye', async () => {
    const a = createPeer(redis, { expiryMs: 60_000 });
    const b = createPeer(redis, { expiryMs: 60_000 });
    await Promise.all([a.untilShared(), b.untilShared()]);
    a.hub.want('checks/app');
    await a.until('held', () => a.hub.has('checks/app'));
    b.hub.want('checks/app');
    b.hub.want('own');
    await b.until('asked', () => b.hub.has('own'));
    await a.hub.close();
    await b.until('passed on', () => b.hub.has('checks/app'));
  });

  test('a process that is killed leaves neither lease nor totals nor itself for longer than its expiry', async () => {
    const killed = await startPeerProcess(redis.url, 'checks/app');
    const a = createPeer(redis);
    await a.untilShared(2);
    a.hub.want('checks/app');
    a.hub.want('own');
    await a.until('asked', () => a.hub.has('own'));
    expect(a.hub.has('checks/app')).toBe(false);
    const before = await a.hub.readTotals();
    expect(before).toEqual([{ process: killed.name, totals: new Map([['app', '{"elected":7}']]) }]);
    await killed.kill();
    await a.until('passed on', () => a.hub.has('checks/app'));
    await a.until('left', () => a.left.includes(killed.name));
    await a.untilShared(1);
    expect(await a.hub.readTotals()).toEqual([]);
    await a.until('gone', () => a.hub.status().kind === 'shared');
    expect(await redisCli(redis.port, 'EXISTS', `{test}:totals:${killed.name}`)).toBe(':0\r\n');
  });

  test('nobody has a lease while Redis is away', async () => {
    const other = await startRedis();
    const a = createPeer(other);
    await a.untilShared(1);
    a.hub.want('checks/app');
    await a.until('held', () => a.hub.has('checks/app'));
    await other.kill();
    await a.untilKind('alone');
    expect(a.hub.has('checks/app')).toBe(false);
    await other.restart();
    await a.until('held again', () => a.hub.has('checks/app'));
  });

  test('a lease that somebody has written without an end runs out', async () => {
    await redisCli(redis.port, 'SET', '{test}:lease:checks/app', 'somebody');
    const a = createPeer(redis);
    a.hub.want('checks/app');
    await a.until('held', () => a.hub.has('checks/app'));
  });

  test('totals are those of the last beat, and fields that are no more are gone', async () => {
    const [a, b] = await createTwo();
    const read = async (): Promise<unknown> =>
      (await a.hub.readTotals()).map(({ process, totals }) => [process, Object.fromEntries(totals)]);
    b.totals.set('app', '1').set('app/one', '2');
    const beatOfB = async (lease: string): Promise<void> => {
      b.hub.want(lease);
      await b.until(lease, () => b.hub.has(lease));
    };
    await beatOfB('first');
    expect(await read()).toEqual([[b.hub.process, { app: '1', 'app/one': '2' }]]);
    b.totals.set('app', '5').delete('app/one');
    await beatOfB('second');
    expect(await read()).toEqual([[b.hub.process, { app: '5' }]]);
  });

  test('totals that Redis has lost are sent anew', async () => {
    const [a, b] = await createTwo();
    b.totals.set('app', '1').set('app/one', '2');
    b.hub.want('first');
    await b.until('first', () => b.hub.has('first'));
    await redisCli(redis.port, 'HDEL', `{test}:totals:${b.hub.process}`, 'app/one');
    for (let count = 0; count !== 2;) {
      const [totals] = await a.hub.readTotals();
      count = totals?.totals.size ?? 0;
    }
  });
});
