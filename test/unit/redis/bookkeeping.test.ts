import { describe, expect, test } from '@jest/globals';
import { createLane } from '../../../src/redis/lane.ts';
import { createLeases } from '../../../src/redis/leases.ts';
import { createOthers } from '../../../src/redis/others.ts';
import { createOutbox } from '../../../src/redis/outbox.ts';
import { createReading } from '../../../src/redis/reading.ts';
import { createTotalsOut, readTotalsReply } from '../../../src/redis/totals.ts';
import { createVersions } from '../../../src/redis/versions.ts';
import { createStamps } from '../../../src/sharing/stamp.ts';

const now = 1_700_000_000_000;
const stamps = createStamps('0000000a');
const word = (key: string, value = '1') => ({ key, stamp: stamps.next(now), until: Infinity, value });

describe('what waits to be sent', () => {
  test('is the later word on a thing, whichever came last', () => {
    const outbox = createOutbox();
    const [earlier, later] = [word('k', '1'), word('k', '2')];
    outbox.put(later);
    outbox.put(earlier);
    expect(outbox.take().words).toEqual([later]);
    expect(outbox.isEmpty()).toBe(true);
  });

  test('goes in batches of 500 words', () => {
    const outbox = createOutbox();
    for (let i = 0; i < 1_200; i += 1) outbox.put(word(String(i)));
    expect([outbox.take(), outbox.take(), outbox.take()].map(({ words }) => words.length)).toEqual([
      500, 500, 200,
    ]);
  });

  test('goes in batches of 256 KiB', () => {
    const outbox = createOutbox();
    for (let i = 0; i < 40; i += 1) outbox.put(word(String(i), 'x'.repeat(16_000)));
    expect(outbox.take().words).toHaveLength(16);
  });

  test('has no more than 20,000 words, and says that it had', () => {
    const outbox = createOutbox();
    for (let i = 0; i < 20_001; i += 1) outbox.put(word(String(i)));
    expect(outbox.take().words[0]?.key).toBe('1');
    expect([outbox.hasOverflowed(), outbox.hasOverflowed()]).toEqual([true, false]);
  });

  test('has no more than 32 MiB', () => {
    const outbox = createOutbox();
    for (let i = 0; i < 3_000; i += 1) outbox.put(word(String(i), 'x'.repeat(16_000)));
    let size = 0;
    while (!outbox.isEmpty()) for (const { value } of outbox.take().words) size += value.length;
    expect(size).toBeGreaterThan(30_000_000);
    expect(size).toBeLessThan(33_554_432);
  });

  test('has nothing that nobody would take', () => {
    const outbox = createOutbox();
    outbox.put(word('k'.repeat(1_001)));
    outbox.put(word('k', 'x'.repeat(16_385)));
    outbox.tell('t', 'x'.repeat(262_145));
    expect(outbox.isEmpty()).toBe(true);
    for (let i = 0; i < 3_000; i += 1) outbox.tell(String(i), 'x');
    expect(outbox.take().tidings).toHaveLength(2_000);
  });
});

describe('a lane', () => {
  test('tells when the last command has come back, one that was given up too', async () => {
    const lane = createLane(60, () => undefined);
    await lane.settled();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    expect(await lane.send(() => promise)).toEqual({ kind: 'silent' });
    let isSettled = false;
    const settled = lane.settled().then(() => {
      isSettled = true;
    });
    await Promise.resolve();
    expect(isSettled).toBe(false);
    resolve(['ok']);
    await settled;
    expect(lane.isFree()).toBe(true);
  });
});

describe('versions', () => {
  test('show whether a merge was missed, in whatever order they come', () => {
    const versions = createVersions();
    versions.beginRead();
    versions.heard(12);
    versions.endRead(10);
    expect(versions.isBehind(12)).toBe(true);
    versions.heard(11);
    expect(versions.isBehind(12)).toBe(false);
  });

  test('that are lower are believed in the end', () => {
    const versions = createVersions();
    versions.endRead(10);
    expect([1, 2, 3].map((version) => versions.isBehind(version))).toEqual([false, false, true]);
  });
});

describe('totals', () => {
  test('are sent where they have changed, and taken away where they are no more', () => {
    const out = createTotalsOut();
    const first = out.take([
      ['a', '1'],
      ['b', '1'],
    ]);
    expect(first).toHaveLength(2);
    expect(out.isAnew()).toBe(true);
    out.confirm(first, 2);
    expect(out.take([['a', '2']]).toSorted()).toEqual([
      ['a', '2'],
      ['b', ''],
    ]);
  });

  test('are sent anew when Redis has another number of them', () => {
    const out = createTotalsOut();
    out.confirm(out.take([['a', '1']]), 0);
    expect(out.take([['a', '1']])).toEqual([['a', '1']]);
  });

  test('that found no room come first the next time', () => {
    const out = createTotalsOut();
    const all = Array.from({ length: 50 }, (_, i) => [`f${i}`, 'x'.repeat(16_000)] as const);
    const first = out.take(all);
    expect(first).toHaveLength(32);
    out.confirm(first, 32);
    expect(out.take(all.map(([field, value]) => [field, `${value}y`]))[0]?.[0]).toBe('f32');
  });

  test('of others are bounded', () => {
    expect(readTotalsReply(['a', '1', 'b', 'x'.repeat(16_385), 'c'])).toEqual(new Map([['a', '1']]));
  });
});

describe('leases', () => {
  test('are held until Redis may give them away', () => {
    const leases = createLeases();
    leases.want('a');
    leases.want('b');
    leases.confirm(['a', 'b'], [true, false], [], 100);
    expect([leases.has('a', 99), leases.has('a', 100), leases.has('b', 0)]).toEqual([true, false, false]);
    expect(leases.isWaiting()).toBe(true);
    leases.drop();
    expect(leases.has('a', 0)).toBe(false);
  });

  test('that are given back while they are asked for are not held', () => {
    const leases = createLeases();
    leases.want('a');
    leases.release('a');
    leases.confirm(['a'], [true], [], 100);
    expect(leases.has('a', 0)).toBe(false);
    expect(leases.givenBack()).toEqual(['a']);
    leases.confirm([], [], ['a'], 100);
    expect(leases.givenBack()).toEqual([]);
  });
});

describe('other processes', () => {
  const [own, a, b] = ['h:1:0000000a', 'h:2:0000000b', 'h:3:0000000c'] as const;

  test('have left when Redis no longer names them, unless they were heard since', () => {
    const others = createOthers(own);
    expect(others.update([own, a, b, 'rubbish'], 1)).toEqual([]);
    expect(others.names()).toEqual([a, b]);
    others.heard(a, 5);
    expect(others.update([own], 4)).toEqual([b]);
    expect(others.update([own], 6)).toEqual([a]);
  });
});

describe('a full read', () => {
  test('finds what Redis has not, or has an older word of', () => {
    const reading = createReading();
    const [old, same, gone] = [word('old'), word('same'), word('gone')];
    const newer = word('old', '2');
    const page = [old, same].flatMap(({ key, stamp }) => [key, `${stamp}|0|1`]);
    expect(reading.take(['7', '5', '0', page], now)).toMatchObject({ faults: 0 });
    expect(reading.cursor()).toBe('5');
    expect(reading.take(['9', '0', '1', ['bad', 'rubbish']], now)).toEqual({ entries: [], faults: 2 });
    expect(reading.cursor()).toBeUndefined();
    expect(reading.version()).toBe(7);
    expect(reading.missing([newer, same, gone])).toEqual([newer, gone]);
  });
});

describe('the lane', () => {
  test('is free again only when a command that was given up has come back', async () => {
    const freed = Promise.withResolvers<undefined>();
    const late = Promise.withResolvers<unknown>();
    const lane = createLane(60, () => {
      freed.resolve(undefined);
    });
    // Its timers keep no process alive.
    const alive = setInterval(() => undefined, 1_000);
    expect(await lane.send(() => late.promise)).toEqual({ kind: 'silent' });
    expect(lane.isFree()).toBe(false);
    late.resolve(['ok']);
    await freed.promise;
    expect(lane.isFree()).toBe(true);
    clearInterval(alive);
  });

  test.each<[unknown, unknown]>([
    [['ok', '1'], { kind: 'answer', values: ['1'] }],
    [['format', '2 x'], { kind: 'format', text: '2 x' }],
    [['other'], { kind: 'failed', why: 'it gives no sensible answer' }],
    ['OK', { kind: 'failed', why: 'it gives no sensible answer' }],
  ])('reads %j', async (reply, answer) => {
    expect(await createLane(60_000, () => undefined).send(() => Promise.resolve(reply))).toEqual(answer);
  });
});
