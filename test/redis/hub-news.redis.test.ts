import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { describeWithRedis, redisCli, startRedis, type RedisServer } from '../support/redis-server.ts';
import { closePeers, createPeer, type Peer } from './support/peer.ts';

describeWithRedis('a hub over Redis', () => {
  let redis: RedisServer;
  let a: Peer;
  let b: Peer;

  beforeAll(async () => {
    redis = await startRedis();
  });

  beforeEach(async () => {
    await redisCli(redis.port, 'FLUSHALL');
    // A beat in 20 s: what arrives in these tests has come by itself.
    a = createPeer(redis, { expiryMs: 60_000 });
    b = createPeer(redis, { expiryMs: 60_000 });
    await Promise.all([a.untilShared(), b.untilShared()]);
  });

  afterEach(closePeers);

  test('carries words and tidings both ways, without a beat in between', async () => {
    a.say('error/app/one', 'of a');
    a.hub.tell('busy/app', '1');
    b.say('error/app/two', { of: 'b' });
    await Promise.all([
      b.until('words of a', () => b.valueOf('error/app/one') === '"of a"'),
      b.until('tidings of a', () => b.told.length === 1),
      a.until('words of b', () => a.valueOf('error/app/two') === '{"of":"b"}'),
    ]);
    expect(b.told).toEqual([['busy/app', '1', a.hub.process]]);
    expect(b.heard).toHaveLength(1);
    expect(b.heard[0]).toMatchObject({ key: 'error/app/one', until: Infinity });
  });

  test('does not hear itself', async () => {
    a.say('one', 1);
    b.say('two', 2);
    await a.until('two', () => a.words.has('two'));
    expect(a.heard.map(({ key }) => key)).toEqual(['two']);
  });

  test('sends the last of several words on one thing, and the last tidings of a topic', async () => {
    for (let i = 1; i <= 50; i += 1) {
      a.say('thing', i);
      a.hub.tell('topic', String(i));
    }
    await b.until('told', () => b.told.length > 0 && b.words.has('thing'));
    expect(b.told.map(([, text]) => text)).toEqual(['50']);
    expect(b.heard.map(({ value }) => value)).toEqual(['50']);
  });

  test('tells what is as long as all checks of a thousand members', async () => {
    const text = JSON.stringify(
      Array.from({ length: 1_000 }, (_, i) => `http://member-${i}.test:3000/ is checked`),
    );
    expect(text.length).toBeGreaterThan(40_000);
    a.hub.tell('checks/app', text);
    await b.until('told', () => b.told.length > 0);
    expect(b.told).toEqual([['checks/app', text, a.hub.process]]);
  });

  test('lets no process with a shorter expiry shorten how long the format stands', async () => {
    const long = createPeer(redis, { expiryMs: 600_000 });
    await long.untilShared(3);
    // It comes with a beat.
    a.hub.want('lease');
    await a.until('lease', () => a.hub.has('lease'));
    expect(Number((await redisCli(redis.port, 'PTTL', '{test}:format')).slice(1))).toBeGreaterThan(60_000);
  });

  test.each(['the earlier first', 'the later first'])('keeps the later of two words: %s', async (order) => {
    const earlier = { key: 'k', stamp: a.stamps.next(1_000_000), until: Infinity, value: '"earlier"' };
    const later = { key: 'k', stamp: b.stamps.next(2_000_000), until: Infinity, value: '"later"' };
    const [first, second] = order === 'the earlier first' ? [earlier, later] : [later, earlier];
    a.hub.put([first]);
    await b.until('first', () => b.heard.length > 0);
    b.hub.put([second]);
    // Said after it, and arrives after it.
    b.say('marker', 1);
    await a.until('marker', () => a.words.has('marker'));
    const kept = await redisCli(redis.port, 'HGET', '{test}:1:words', 'k');
    expect(kept).toContain('|0|"later"');
  });

  test('tells a process that comes later all that is kept', async () => {
    const sender = createPeer(redis, { expiryMs: 60_000, prefix: 'many' });
    await sender.untilShared();
    for (let i = 0; i < 1_300; i += 1) sender.say(`key/${i}`, 'x'.repeat(i));
    const listener = createPeer(redis, { expiryMs: 60_000, prefix: 'many' });
    await listener.until('all', () => listener.words.size === 1_300);
    expect(listener.words).toEqual(sender.words);
  });

  test('says goodbye, and the others hear it at once', async () => {
    a.say('hello', 1);
    await b.until('hello', () => b.words.has('hello'));
    await a.hub.close();
    await b.until('left', () => b.left.includes(a.hub.process));
    expect(a.hub.status().kind).toBe('closed');
  });

  test('sends what was said last before it is closed', async () => {
    a.say('last', 'words');
    await a.hub.close();
    await b.until('last', () => b.valueOf('last') === '"words"');
  });

  test('writes no key that would stay for ever', async () => {
    a.hub.want('checks/app');
    a.totals.set('app', '1');
    a.say('word', 1);
    await a.until('lease', () => a.hub.has('checks/app'));
    await b.until('word', () => b.words.has('word'));
    const client = createClient({ url: redis.url });
    await client.connect();
    const keys = (await client.keys('*')).toSorted();
    expect(keys).toEqual(
      [
        '{test}:format',
        '{test}:lease:checks/app',
        '{test}:processes',
        `{test}:totals:${a.hub.process}`,
        '{test}:version',
        '{test}:1:words',
      ].toSorted(),
    );
    for (const key of keys) expect([key, (await client.pTTL(key)) > 0]).toEqual([key, true]);
    client.destroy();
  });

  test('lets a word go when nobody needs it any more', async () => {
    a.say('old', 1, Date.now() - 3_600_000);
    a.say('new', 1);
    await b.until('both', () => b.words.has('new'));
    const later = createPeer(redis, { expiryMs: 60_000 });
    await later.untilShared();
    expect([...later.words.keys()]).toEqual(['new']);
    expect(await redisCli(redis.port, 'HEXISTS', '{test}:1:words', 'old')).toBe(':0\r\n');
  });
});
