import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { version } from '../../src/redis/format.ts';
import { createStamps } from '../../src/sharing/stamp.ts';
import { describeWithRedis, redisCli, startRedis, type RedisServer } from '../support/redis-server.ts';
import { closePeers, createPeer } from './support/peer.ts';

const dayMs = 86_400_000;

describeWithRedis('a hub that finds in Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
  });

  beforeEach(async () => {
    await redisCli(redis.port, 'FLUSHALL');
  });

  afterEach(closePeers);

  test('words that are none: takes the others, warns once, and takes the rubbish away', async () => {
    const stamp = createStamps('0000000a').next(Date.now());
    const ahead = createStamps('0000000a').next(Date.now() + 10 * dayMs);
    const fields = {
      good: `${stamp}|0|"good"`,
      empty: '',
      text: 'rubbish',
      stamp: `zzz|0|1`,
      ahead: `${ahead}|0|1`,
      until: `${stamp}|never|1`,
      long: `${stamp}|0|"${'x'.repeat(20_000)}"`,
      ['k'.repeat(2_000)]: `${stamp}|0|1`,
    };
    await redisCli(redis.port, 'HSET', '{test}:1:words', ...Object.entries(fields).flat());
    const a = createPeer(redis);
    await a.untilShared();
    expect([...a.words.keys()]).toEqual(['good']);
    expect(a.warnings).toEqual([
      'express-proxy-balancer: state under prefix test: what is kept in Redis has words in it that are none; ignored, and not said again',
    ]);
    expect(await redisCli(redis.port, 'HMGET', '{test}:1:words', 'empty', 'text', 'long')).toBe(
      '*3\r\n$-1\r\n$-1\r\n$-1\r\n',
    );
  });

  test('a word from far ahead: it does not hold against those that follow', async () => {
    const ahead = createStamps('0000000a').next(Date.now() + 10 * dayMs);
    await redisCli(redis.port, 'HSET', '{test}:1:words', 'k', `${ahead}|0|"ahead"`);
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    a.say('k', 'now');
    await b.until('k', () => b.valueOf('k') === '"now"');
    expect(await redisCli(redis.port, 'HGET', '{test}:1:words', 'k')).toContain('"now"');
  });

  test('a version that is none: counts anew', async () => {
    await redisCli(redis.port, 'SET', '{test}:version', 'rubbish');
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    a.say('k', 1);
    await b.until('k', () => b.words.has('k'));
  });

  test('rubbish on the channel: hears what follows it, and warns once for each kind', async () => {
    const [a, b] = [createPeer(redis), createPeer(redis)];
    await Promise.all([a.untilShared(2), b.untilShared(2)]);
    const body = (fields: object): string =>
      JSON.stringify({ f: 1, p: 'x:1:0000000a', w: [], t: [], ...fields });
    const rubbish = [
      '',
      'rubbish',
      'rubbish',
      'w 1\n{',
      'w 1\nnull',
      `w 1\n${body({ p: 'a process' })}`,
      `w 1\n${body({ w: 'words' })}`,
      `t 0\n${body({ w: [['key', 'stamp', 0, 'value'], 7, null], t: [['topic']] })}`,
      `t 0\n${body({ w: Array.from({ length: 501 }, () => 1) })}`,
      `w 1\n${'x'.repeat(3_000_000)}`,
    ];
    for (const text of rubbish) await redisCli(redis.port, 'PUBLISH', '{test}:news', text);
    b.say('k', 1);
    await a.until('k', () => a.words.has('k'));
    expect([...a.words.keys()]).toEqual(['k']);
    expect(a.told).toEqual([]);
    expect(
      a.warnings.map((text) => /a message.*none|a message.*too long/.exec(text)?.[0]).toSorted(),
    ).toEqual([
      'a message on its channel has words in it that are none',
      'a message on its channel is none',
      'a message on its channel is too long',
    ]);
  });

  test('another format: shares nothing and writes nothing until it is gone', async () => {
    await redisCli(redis.port, 'SET', '{test}:format', '2 0.9.0');
    const a = createPeer(redis);
    await a.untilKind('refused');
    expect(a.hub.status()).toMatchObject({
      why:
        `state under prefix test is kept in format 2 by version 0.9.0: this process (format 1, ${version}) shares nothing until ` +
        'those processes have ended; or write another prefix',
    });
    a.say('k', 1);
    expect(a.hub.has('lease')).toBe(false);
    expect(await redisCli(redis.port, 'KEYS', '*')).toBe('*1\r\n$13\r\n{test}:format\r\n');
    await redisCli(redis.port, 'DEL', '{test}:format');
    await a.untilShared(1);
    const b = createPeer(redis);
    await b.until('k', () => b.words.has('k'));
  });

  test('another format all of a sudden: stops at once', async () => {
    const a = createPeer(redis);
    await a.untilShared(1);
    await redisCli(redis.port, 'SET', '{test}:format', '2 0.9.0');
    a.say('k', 1);
    await a.untilKind('refused');
    expect(await redisCli(redis.port, 'HEXISTS', '{test}:1:words', 'k')).toBe(':0\r\n');
  });
});
