import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { createClient, createCluster, createSentinel } from 'redis';
import {
  createClient as createClient5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from 'redis5';
import { isClient, type RedisClient } from '../../src/redis/client.ts';
import {
  addSlots,
  describeWithRedis,
  redisCli,
  startRedis,
  startRedisCluster,
  startSentinel,
  stopRedises,
  type RedisServer,
} from '../support/redis-server.ts';
import { closePeers, createPeer, type Peer } from './support/peer.ts';

describeWithRedis('a hub with a client of the app', () => {
  afterEach(async () => {
    await closePeers();
    await stopRedises();
  });

  function createPeerWith(client: RedisClient): Peer {
    if (!isClient(client)) throw new Error('it is no client');
    return createPeer({ client });
  }

  /** Everything that a hub does, between this one and another one. */
  async function shareAll(a: Peer, b: Peer): Promise<void> {
    b.totals.set('app', '1');
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    a.say('k', 'v');
    b.hub.tell('topic', 'text');
    a.hub.want('lease');
    await b.until('k', () => b.valueOf('k') === '"v"');
    await a.until('topic', () => a.told.length === 1);
    await a.until('lease', () => a.hub.has('lease'));
    expect(await a.hub.readTotals()).toEqual([{ process: b.hub.process, totals: new Map([['app', '1']]) }]);
  }

  const clientsOf = async ({ port }: RedisServer): Promise<number> =>
    (await redisCli(port, 'CLIENT', 'LIST')).split('\n').filter((line) => line.includes('name=')).length;

  test.each([
    ['6, not connected yet', (url: string) => createClient({ url })],
    ['6, with RESP 2', (url: string) => createClient({ url, RESP: 2 })],
    ['5', (url: string) => createClient5({ url })],
  ])('shares by a standalone one of version %s, which stays open', async (_version, create) => {
    const redis = await startRedis();
    const client = create(redis.url);
    client.on('error', () => undefined);
    const a = createPeerWith(client);
    await shareAll(a, createPeer(redis));
    await closePeers();
    expect(client.isReady).toBe(true);
    expect(await client.ping()).toBe('PONG');
    // The one that asks, and the app's.
    while ((await clientsOf(redis)) > 3);
    client.destroy();
  });

  test('shares by one that the app connects itself, just after', async () => {
    const redis = await startRedis();
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    const a = createPeerWith(client);
    await client.connect();
    await shareAll(a, createPeer(redis));
    await closePeers();
    client.destroy();
  });

  test('keeps to the server of its client, whatever servers others have by URL', async () => {
    const [one, other] = [await startRedis(), await startRedis()];
    const byUrl = createPeer(one);
    const client = createClient({ socket: { host: '127.0.0.1', port: other.port } });
    client.on('error', () => undefined);
    await shareAll(createPeerWith(client), createPeer(other));
    await byUrl.untilShared(1);
    await closePeers();
    client.destroy();
  });

  const clusters = [
    ['6', (url: string) => createCluster({ rootNodes: [{ url }] })],
    ['5', (url: string) => createCluster5({ rootNodes: [{ url }] })],
  ] as const;

  test.each(clusters)('waits for the server of a Cluster client of version %s', async (_version, create) => {
    const redis = await startRedisCluster();
    await redis.kill();
    const client = create(redis.url);
    client.on('error', () => undefined);
    const a = createPeerWith(client);
    await a.untilKind('alone');
    await redis.restart();
    await addSlots(redis);
    await a.untilShared(1);
    await closePeers();
    client.destroy();
  });

  test.each(clusters)('shares by a Cluster client of version %s', async (_version, create) => {
    const redis = await startRedisCluster();
    const clients = [create(redis.url), create(redis.url)];
    for (const client of clients) client.on('error', () => undefined);
    await shareAll(createPeerWith(clients[0]!), createPeerWith(clients[1]!));
    await closePeers();
    for (const client of clients) {
      expect(client.isOpen).toBe(true);
      client.destroy();
    }
  });

  test.each([
    [
      '6',
      (port: number) => createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] }),
    ],
    [
      '5',
      (port: number) => createSentinel5({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] }),
    ],
  ])('shares by a Sentinel client of version %s', async (_version, create) => {
    const redis = await startRedis();
    const sentinel = await startSentinel(redis);
    const client = create(sentinel.port);
    client.on('error', () => undefined);
    await shareAll(createPeerWith(client), createPeer(redis));
    await closePeers();
    expect(client.isOpen).toBe(true);
    await client.close();
  });

  test('ends its own connections when it is closed, also where there was never a server', async () => {
    const redis = await startRedis();
    const a = createPeer(redis);
    await a.untilShared(1);
    await closePeers();
    while ((await clientsOf(redis)) > 1);
    await redis.kill();
    const b = createPeer(redis);
    await b.untilKind('alone');
    await b.hub.close();
    expect(b.hub.status().kind).toBe('closed');
    const never = createPeer(redis);
    await never.hub.close();
    expect(never.statuses.map(({ kind }) => kind)).toEqual(['closed']);
  });

  test('goes on alone when the app closes its client first', async () => {
    const redis = await startRedis();
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
    const a = createPeerWith(client);
    await a.untilShared(1);
    const ended = once(client, 'end');
    client.destroy();
    await ended;
    await a.untilKind('alone');
    await a.hub.close();
  });
});
