import { describe, expect, test } from '@jest/globals';
import { linesFor, linesForMember } from './support.ts';

describe('the queue of a balancer', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ hold: '90s', queueLength: 0, memberDefaults: { max: 2 }, queueTimeout: 1, serverTiming: true }],
    [{ queueTimeout: 1, members: ['http://a', { url: 'http://b', max: 1 }] }],
    [{ queueLength: 1_000_000 }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ hold: 0 }, 'hold is 0: it is no time at all; leave it out for no hold'],
    [
      { hold: 30_000 },
      "hold is 30000: 30000 seconds would be 8 h 20 min; write 30 for seconds or '30000ms'; if it is meant, '30000s'",
    ],
    [
      { queueLength: -1 },
      'queueLength is -1: it must be a number of requests; write a whole number from 0 to 1000000',
    ],
    [
      { queueLength: 1_000_001 },
      'queueLength is 1000001: it must be a number of requests; write a whole number from 0 to 1000000',
    ],
    [
      { queueLength: 1.5 },
      'queueLength is 1.5: it must be a number of requests; write a whole number from 0 to 1000000',
    ],
    [
      { queueTimeout: 0 },
      'queueTimeout is 0: it is no time at all; write acquire: 0 for members that nobody is to wait for',
    ],
    [
      { queueTimeout: 5 },
      'queueTimeout is 5: nobody waits for members without max; write max on a member or in memberDefaults, or leave it out',
    ],
    [{ serverTiming: 'on' }, "serverTiming is 'on': it must be true or false; write true"],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});

describe('the limits of a member', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ max: 1, acquire: 0 }],
    [{ max: 1000, acquire: 30_000 }],
    [{ retryMax: false, slowStart: 0 }],
    [{ retry: 5, retryMax: 5, slowStart: '2m' }],
    [{ retry: 0, retryMax: 0 }],
  ])('%j passes', (given) => {
    expect(linesForMember(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ max: 0 }, "members[2].max is 0: httpd's 0 is its default, which here is no limit; leave it out"],
    [{ max: Infinity }, 'members[2].max is Infinity: there is no limit anyway; leave it out'],
    [{ max: 1.5 }, 'members[2].max is 1.5: it must be a number of requests; write a whole number from 1 up'],
    [{ max: '10' }, "members[2].max is '10': it must be a number of requests; write 10"],
    [
      { acquire: 200 },
      'members[2].acquire is 200: nobody waits for a member without max; write max too, or leave it out',
    ],
    [
      { timeout: '30000' },
      "members[2].timeout is '30000': its unit is missing; write 30 for seconds or '30000ms'; if it is meant, '30000s'",
    ],
    [
      { timeout: '0' },
      "members[2].timeout is '0': its unit is missing; write a time; '24h' is as good as never",
    ],
    [
      { acquire: 'x' },
      "members[2].acquire is 'x': it is no time span; write milliseconds (500) or a text like '500ms', '30s', '2m', '1h'",
    ],
    [
      { acquire: -1 },
      "members[2].acquire is -1: a time cannot be negative; write milliseconds (500) or a text like '500ms', '30s', '2m', '1h'",
    ],
    [{ acquire: '30' }, "members[2].acquire is '30': its unit is missing; write 30 or '30ms'"],
    [
      { slowStart: -1 },
      "members[2].slowStart is -1: a time cannot be negative; write seconds (30) or a text like '500ms', '30s', '2m', '1h'",
    ],
    [
      { slowStart: 60_000 },
      "members[2].slowStart is 60000: 60000 seconds would be 16 h 40 min; write 60 for seconds or '60000ms'; if it is meant, '60000s'",
    ],
    [
      { retryMax: true },
      "members[2].retryMax is true: it is no time span; write seconds (30) or a text like '500ms', '30s', '2m', '1h'",
    ],
    [
      { retryMax: 10 },
      'members[2].retryMax is 10: it is shorter than retry (60 s); write a longer time, or false where retry is not to grow',
    ],
    [
      { retry: 5, retryMax: '4500ms' },
      "members[2].retryMax is '4500ms': it is shorter than retry (5 s); write a longer time, or false where retry is not to grow",
    ],
    [
      { retry: '1500ms', retryMax: 1 },
      'members[2].retryMax is 1: it is shorter than retry (1500 ms); write a longer time, or false where retry is not to grow',
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesForMember(given)).toEqual([line]);
  });
});

describe('acquire, where it or max is a default', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ memberDefaults: { acquire: 5 }, members: ['http://a', { url: 'http://b', max: 1 }] }],
    [{ memberDefaults: { max: 5 }, members: [{ url: 'http://a', acquire: 5 }] }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test('it is refused where nobody has a max', () => {
    expect(linesFor({ memberDefaults: { acquire: 5 } })).toEqual([
      'memberDefaults.acquire is 5: nobody waits for members without max; write max too, or leave it out',
    ]);
    expect(
      linesFor({
        members: [
          { url: 'http://a', acquire: 5 },
          { url: 'http://b', max: 1 },
        ],
      }),
    ).toEqual([
      'members[0].acquire is 5: nobody waits for a member without max; write max too, or leave it out',
    ]);
  });
});

describe('retryMax and retry, where one of them is a default', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ memberDefaults: { retry: 5, retryMax: 5 } }],
    [{ memberDefaults: { retry: 5 }, members: [{ url: 'http://a', retryMax: 5 }] }],
    [{ memberDefaults: { retryMax: 90 }, members: [{ url: 'http://a', retry: 90 }] }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { memberDefaults: { retryMax: 5 } },
      'memberDefaults.retryMax is 5: it is shorter than retry (60 s); write a longer time, or false where retry is not to grow',
    ],
    [
      { memberDefaults: { retry: 5, retryMax: 5 }, members: [{ url: 'http://a', retry: 6 }] },
      'members[0].retry is 6: it is longer than retryMax; write retryMax too',
    ],
    [
      { memberDefaults: { retry: 5 }, members: [{ url: 'http://a', retryMax: 4 }] },
      'members[0].retryMax is 4: it is shorter than retry (5 s); write a longer time, or false where retry is not to grow',
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
