import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWithRedis, redisCli, startRedis, type RedisServer } from '../support/redis-server.ts';
import { closePeers, createPeer, type Peer } from './support/peer.ts';

describeWithRedis('a hub whose Redis', () => {
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await startRedis();
  });

  afterEach(async () => {
    await closePeers();
    await redis.stop();
  });

  async function createTwo(): Promise<readonly [Peer, Peer]> {
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    return [a, b];
  }

  const kindsOf = ({ statuses }: Peer): readonly string[] =>
    statuses.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);

  test('is killed and comes back empty: all is put back, and what was said meanwhile arrives', async () => {
    const [a, b] = await createTwo();
    a.say('before', 1);
    await b.until('before', () => b.words.has('before'));
    await redis.kill();
    await Promise.all([a.untilKind('alone'), b.untilKind('alone')]);
    a.say('meanwhile', 'a');
    b.say('meanwhile', 'b');
    b.hub.tell('lost', 'tidings');
    await redis.restart();
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    await a.until('the later', () => a.valueOf('meanwhile') === b.valueOf('meanwhile'));
    const c = createPeer(redis);
    await c.until('all', () => c.words.size === 2);
    expect(c.words).toEqual(a.words);
    expect(c.words).toEqual(b.words);
    expect(a.told).toEqual([]);
    expect(kindsOf(a)).toEqual(['shared', 'alone', 'shared']);
  });

  test('is killed with many connected: not everybody puts everything back', async () => {
    const all = Array.from({ length: 10 }, () => createPeer(redis));
    await Promise.all(all.map((each) => each.untilShared(10)));
    for (let i = 0; i < 300; i += 1) all[i % 10]!.say(`word/${i}`, i);
    await Promise.all(all.map((each) => each.until('all', () => each.words.size === 300)));
    await redis.kill();
    await Promise.all(all.map((each) => each.untilKind('alone')));
    await redis.restart();
    await Promise.all(all.map((each) => each.untilShared(10)));
    const late = createPeer(redis);
    await late.until('all', () => late.words.size === 300);
    // A merge looks up each word that it is given; whoever reads asks for pages.
    const stats = await redisCli(redis.port, 'INFO', 'commandstats');
    const putBack = Number(/cmdstat_hget:calls=(\d+)/.exec(stats)?.[1]);
    expect(putBack).toBeGreaterThanOrEqual(300);
    expect(putBack).toBeLessThan(1_500);
  });

  test('is flushed: all is put back', async () => {
    const [a, b] = await createTwo();
    for (let i = 0; i < 1_200; i += 1) a.say(`word/${i}`, i);
    await b.until('all', () => b.words.size === 1_200);
    await redisCli(redis.port, 'FLUSHALL');
    const c = createPeer(redis);
    await c.until('all', () => c.words.size === 1_200);
    expect(c.words).toEqual(a.words);
  });

  test('stands still: nothing waits, and it goes on as if nothing had been', async () => {
    const [a, b] = await createTwo();
    redis.pause();
    a.say('paused', 1);
    await Promise.all([a.untilKind('alone'), b.untilKind('alone')]);
    expect(a.hub.status()).toMatchObject({
      why: expect.stringMatching(/^no (?:answer for 2 s|connection: )/),
    });
    expect(await a.hub.readTotals()).toEqual([]);
    a.say('alone', 1);
    redis.resume();
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    await b.until('both', () => b.words.has('paused') && b.words.has('alone'));
    expect(kindsOf(a)).toEqual(['shared', 'alone', 'shared']);
  });

  test('is away for long: what waits is bounded, and the last words arrive', async () => {
    const [a, b] = await createTwo();
    redis.pause();
    const big = 'x'.repeat(16_000);
    for (let i = 0; i < 25_000; i += 1) a.hub.put([{ ...a.say(`big/${i % 500}`, i), value: `"${big}"` }]);
    await a.untilKind('alone');
    a.say('last', 1);
    redis.resume();
    await b.until('last', () => b.words.has('last'));
    await b.until('the others', () => b.valueOf('big/499') === '24999');
  });

  test('has lost one word: the next full read of anybody puts it back', async () => {
    const [a] = await createTwo();
    const entry = a.say('word', 1);
    await redisCli(redis.port, 'DEL', '{test}:1:words', '{test}:version');
    const c = createPeer(redis);
    await c.until('word', () => c.words.has('word'));
    expect(c.words.get('word')).toEqual(entry);
  });

  test('is not there at first: says so once, and comes when it comes', async () => {
    await redis.kill();
    const a = createPeer(redis);
    await a.untilKind('alone');
    const status = a.hub.status();
    expect(status).toMatchObject({ why: `no connection: connect ECONNREFUSED 127.0.0.1:${redis.port}` });
    a.say('early', 1);
    await redis.restart();
    await a.untilShared(1);
    expect(kindsOf(a)).toEqual(['alone', 'shared']);
    const b = createPeer(redis);
    await b.until('early', () => b.words.has('early'));
    expect(a.warnings).toEqual([]);
  });

  test('wants another password: says what it says, and nothing of the password', async () => {
    const locked = await startRedis(['--requirepass', 'right']);
    const url = `redis://:wrong-secret@127.0.0.1:${locked.port}`;
    const a = createPeer({ url });
    await a.untilKind('alone');
    expect(a.hub.status()).toMatchObject({ why: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify([a.statuses, a.warnings])).not.toContain('wrong-secret');
    await redisCli(locked.port, 'AUTH', 'right');
    const b = createPeer({ url: `redis://:right@127.0.0.1:${locked.port}` });
    await b.untilShared(1);
  });

  test('answers with an error: is alone with it, and comes back', async () => {
    await redisCli(redis.port, 'SET', '{test}:processes', 'rubbish');
    const a = createPeer(redis);
    await a.untilKind('alone');
    expect(a.hub.status()).toMatchObject({ why: expect.stringMatching(/^Redis says: .*WRONGTYPE/) });
    await redisCli(redis.port, 'DEL', '{test}:processes');
    await a.untilShared(1);
  });

  test('ends the connections that listen: they come back', async () => {
    const [a, b] = await createTwo();
    await redisCli(redis.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    a.say('after', 1);
    await b.until('after', () => b.words.has('after'));
    expect(b.hub.status().kind).toBe('shared');
  });
});
