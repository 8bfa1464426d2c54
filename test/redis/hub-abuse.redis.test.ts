import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { isClient } from '../../src/redis/client.ts';
import { createReplica } from '../../src/sharing/replica.ts';
import { createStamps } from '../../src/sharing/stamp.ts';
import { describeWithRedis, startRedis, type RedisServer } from '../support/redis-server.ts';
import { closePeers, createPeer, type Peer } from './support/peer.ts';

const dayMs = 86_400_000;

describeWithRedis('a hub in whose Redis somebody', () => {
  let redis: RedisServer;
  let door: ReturnType<typeof createClient>;

  beforeEach(async () => {
    redis = await startRedis();
    door = createClient({ url: redis.url });
    door.on('error', () => undefined);
    await door.connect();
  });

  afterEach(async () => {
    await closePeers();
    door.destroy();
    await redis.stop();
  });

  async function createTwo(): Promise<readonly [Peer, Peer]> {
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    return [a, b];
  }

  /** What one says the other hears, either way. */
  async function expectShared(a: Peer, b: Peer): Promise<void> {
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    a.say('of a', 'in the end');
    b.say('of b', 'in the end');
    await Promise.all([
      a.until('of b', () => a.valueOf('of b') === '"in the end"'),
      b.until('of a', () => b.valueOf('of a') === '"in the end"'),
    ]);
  }

  test.each(['format', '1:words', 'version', 'processes', 'lease:checks/app'])(
    'has put another type of key in the place of %s: says which to delete, and comes back without it',
    async (name) => {
      const [a, b] = await createTwo();
      a.hub.want('checks/app');
      await a.until('held', () => a.hub.has('checks/app'));
      await door.multi().del(`{test}:${name}`).lPush(`{test}:${name}`, 'rubbish').exec();
      a.say('k', 1);
      await a.untilKind('alone');
      expect(a.hub.status()).toMatchObject({
        why: expect.stringContaining(`WRONGTYPE: {test}:${name} is none of ours, delete it`),
      });
      await door.del(`{test}:${name}`);
      await expectShared(a, b);
    },
  );

  test.each(['9007199254740992', '9999999999999998', '-5', '1e3'])(
    'has set the version to %s: it counts anew',
    async (version) => {
      const [a, b] = await createTwo();
      await door.set('{test}:version', version);
      a.say('k', 1);
      await b.until('k', () => b.words.has('k'));
      await expectShared(a, b);
      expect([...a.statuses, ...b.statuses].filter(({ kind }) => kind === 'alone')).toEqual([]);
      expect(a.warnings).toEqual([]);
    },
  );

  test('has written a word of 100 MB: it is taken away without a standstill', async () => {
    await door.hSet('{test}:1:words', 'long', 'x'.repeat(100_000_000));
    const [a] = await createTwo();
    expect(a.statuses.filter(({ kind }) => kind === 'alone')).toEqual([]);
    expect(await door.hExists('{test}:1:words', 'long')).toBe(0);
  });

  test('has entered processes that never end: nobody counts them', async () => {
    await door.zAdd('{test}:processes', { value: 'ghost:1:0000000a', score: Date.now() + dayMs });
    await createTwo();
  });

  test('has written totals without end: they are not read', async () => {
    const [a, b] = await createTwo();
    const fields = Array.from({ length: 6_000 }, (_, i) => [`field/${i}`, 'x'] as const).flat();
    await door.hSet('{test}:totals:ghost:1:0000000a', fields);
    await door.hSet('{test}:totals:ghost:2:0000000b', { long: 'x'.repeat(1_000_000), short: '1' });
    const score = Date.now() + 600_000;
    for (const value of ['ghost:1:0000000a', 'ghost:2:0000000b'])
      await door.zAdd('{test}:processes', { value, score });
    await a.untilShared(4);
    b.hub.want('lease');
    await b.until('lease', () => b.hub.has('lease'));
    const totals = await a.hub.readTotals();
    expect(totals).toEqual([{ process: 'ghost:2:0000000b', totals: new Map([['short', '1']]) }]);
  });

  test.each([2_000, 600_000])(
    'takes the listener off the channel, by an expiry of %d ms: it listens anew',
    async (expiryMs) => {
      const client = createClient({ url: redis.url });
      client.on('error', () => undefined);
      const ears: (typeof client)[] = [];
      const duplicate = client.duplicate.bind(client);
      Object.assign(client, {
        duplicate: (...args: Parameters<typeof duplicate>) => {
          const ear = duplicate(...args);
          ears.push(ear as unknown as typeof client);
          return ear;
        },
      });
      if (!isClient(client)) throw new Error('it is no client');
      const [a, b] = [createPeer({ client }, { expiryMs }), createPeer(redis)];
      await Promise.all([a.untilShared(2), b.untilShared(2)]);
      await ears[0]!.unsubscribe('{test}:news');
      b.say('unheard', 1);
      await a.until('alone', () => a.statuses.some(({ kind }) => kind === 'alone'));
      expect(a.statuses.find(({ kind }) => kind === 'alone')).toMatchObject({ why: 'no news arrive' });
      await a.until('unheard', () => a.words.has('unheard'));
      await expectShared(a, b);
      expect(ears).toHaveLength(2);
      client.destroy();
    },
  );

  test('forbids the channel and allows it again: says so, and comes back', async () => {
    const [a, b] = await createTwo();
    await door.aclSetUser('default', ['resetchannels']);
    await Promise.all([a.untilKind('alone'), b.untilKind('alone')]);
    await door.aclSetUser('default', ['allchannels']);
    await expectShared(a, b);
  });

  test('asks for a password in flight: is alone with it, and comes back', async () => {
    const [a, b] = await createTwo();
    await door.configSet('requirepass', 'secret');
    await door.sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
    await Promise.all([a.untilKind('alone'), b.untilKind('alone')]);
    await a.until('the reason', () => /NOAUTH|connection/.test(JSON.stringify(a.hub.status())));
    await door.configSet('requirepass', '');
    await expectShared(a, b);
  });

  test('makes it a replica: says that it is one, and comes back', async () => {
    const [a, b] = await createTwo();
    await door.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await a.untilKind('alone');
    expect(a.hub.status()).toMatchObject({ why: expect.stringContaining('READONLY') });
    await door.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await expectShared(a, b);
  });

  test('leaves no memory in it: says so once, goes on, and comes back', async () => {
    const [a, b] = await createTwo();
    await door.configSet({ 'maxmemory-policy': 'noeviction', maxmemory: '1' });
    a.say('meanwhile', 1);
    await Promise.all([a.untilKind('alone'), b.untilKind('alone')]);
    expect(a.hub.status()).toMatchObject({ why: expect.stringMatching(/^Redis says: OOM /) });
    await door.configSet('maxmemory', '0');
    await b.until('meanwhile', () => b.words.has('meanwhile'));
    await expectShared(a, b);
    expect(a.statuses.filter(({ kind }) => kind === 'alone')).toHaveLength(1);
    expect(a.warnings).toEqual([]);
  });

  test('flushes it again and again, scripts and all: all are equal in the end', async () => {
    const [a, b] = await createTwo();
    for (let i = 0; i < 30; i += 1) {
      a.say(`a/${i}`, i);
      b.say(`b/${i}`, i);
      await b.until('heard', () => b.words.has(`a/${i}`));
      await door.flushAll();
      await door.scriptFlush();
    }
    const c = createPeer(redis);
    await Promise.all([a, b, c].map((each) => each.until('all', () => each.words.size === 60)));
    await Promise.all([a, b, c].map((each) => each.untilShared(3)));
    expect([...a.words].toSorted()).toEqual([...c.words].toSorted());
  });

  test('sends a message of 50 MB: what comes after it is heard', async () => {
    const [a, b] = await createTwo();
    await door.publish('{test}:news', `w 1\n${'x'.repeat(50_000_000)}`);
    await expectShared(a, b);
    expect(a.statuses.filter(({ kind }) => kind === 'alone')).toEqual([]);
  });

  test('says words a day ahead: they can be taken back by anybody', async () => {
    const [a, b] = await createTwo();
    const silence = (): void => undefined;
    const logger = { info: silence, warn: silence, error: silence };
    const replica = createReplica({ hub: a.hub, logger });
    const stamp = createStamps('0000000a').next(Date.now() + dayMs - 60_000);
    await door.publish(
      '{test}:news',
      `w 1\n${JSON.stringify({ f: 1, p: 'x:1:0000000a', w: [['k', stamp, Number.MAX_SAFE_INTEGER, '"ahead"']], t: [] })}`,
    );
    await a.until('ahead', () => a.valueOf('k') === '"ahead"');
    replica.hear(a.heard);
    replica.say('k', 'taken back');
    await b.until('taken back', () => b.valueOf('k') === '"taken back"');
    expect(await door.hGet('{test}:1:words', 'k')).toContain('"taken back"');
  });
});
