import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { readFields } from '../../../src/request/read-fields.ts';

type Asked = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

function fieldsOf(rawHeaders: string[], headers: Record<string, unknown>): readonly string[] {
  return readFields({ rawHeaders, headers } as Asked as IncomingMessage);
}

test('are as they came where the app has changed nothing: the very list', () => {
  const rawHeaders = ['Host', 'a', 'X-One', '1'];
  expect(fieldsOf(rawHeaders, { host: 'a', 'x-one': '1' })).toBe(rawHeaders);
});

test.each([
  ['joined by commas', ['X-A', '1', 'x-a', '2'], { 'x-a': '1, 2' }],
  ['joined by semicolons', ['Cookie', 'a=1', 'Cookie', 'b=2'], { cookie: 'a=1; b=2' }],
  ['of which the first counts', ['User-Agent', 'a', 'User-Agent', 'b'], { 'user-agent': 'a' }],
  ['in a list', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'], { 'set-cookie': ['a=1', 'b=2'] }],
])('so are lines of one name, %s', (_what, rawHeaders, headers) => {
  expect(fieldsOf(rawHeaders, headers)).toEqual(rawHeaders);
});

test('a line that a client sends twice hides nothing that the app has set', () => {
  const rawHeaders = ['Host', 'a', 'Referer', 'b', 'Referer', 'b'];
  const set = { host: 'a', referer: 'b', 'x-user': 'ann' };
  expect(fieldsOf(rawHeaders, set)).toEqual([...rawHeaders, 'x-user', 'ann']);
});

test('thousands of names are walked over a few times, not once for each', () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `h${i}`);
  const headers = Object.fromEntries(names.map((name) => [name, '']));
  let reads = 0;
  const rawHeaders = new Proxy(
    [...names, 'h1'].flatMap((name) => [name, '']),
    {
      get(list, key, receiver) {
        reads += 1;
        return Reflect.get(list, key, receiver) as unknown;
      },
    },
  );
  expect(fieldsOf(rawHeaders, headers)).toHaveLength(rawHeaders.length);
  expect(reads).toBeLessThan(20 * rawHeaders.length);
});

describe('what the app has made of req.headers', () => {
  const rawHeaders = ['Host', 'a', 'X-User', 'forged', 'Accept', '*/*', 'x-user', 'forged too'];
  const headers = { host: 'a', accept: '*/*' };

  test.each([
    [
      'is sent where it is set',
      { ...headers, 'x-user': 'ann' },
      ['Host', 'a', 'Accept', '*/*', 'x-user', 'ann'],
    ],
    [
      'is sent under a name in capitals',
      { ...headers, 'X-User': 'ann' },
      ['Host', 'a', 'Accept', '*/*', 'X-User', 'ann'],
    ],
    ['is not sent where it is deleted', headers, ['Host', 'a', 'Accept', '*/*']],
    [
      'is not sent where it is undefined',
      { ...headers, 'x-user': undefined },
      ['Host', 'a', 'Accept', '*/*'],
    ],
    [
      'may be a list',
      { ...headers, 'x-user': ['ann', 'bob'] },
      ['Host', 'a', 'Accept', '*/*', 'x-user', 'ann', 'x-user', 'bob'],
    ],
    ['may be a number', { ...headers, 'x-user': 7 }, ['Host', 'a', 'Accept', '*/*', 'x-user', '7']],
  ])('%s', (_what, now, expected) => {
    expect(fieldsOf(rawHeaders, now)).toEqual(expected);
  });

  test('says nothing about framing and Host, by which Node has gone already', () => {
    const came = ['Host', 'a', 'Content-Length', '3', 'Connection', 'close'];
    expect(fieldsOf(came, { host: 'b', 'transfer-encoding': 'chunked', 'x-a': '1' })).toEqual([
      ...came,
      'x-a',
      '1',
    ]);
  });

  test('cannot be named away by the client', () => {
    const came = ['Connection', 'X-User, X-Mine', 'X-Mine', '1'];
    expect(fieldsOf(came, { connection: 'X-User, X-Mine', 'x-mine': '1', 'x-user': 'ann' })).toEqual([
      ...['Connection', ' X-Mine', 'X-Mine', '1', 'x-user', 'ann'],
    ]);
  });

  test.each([{ 'x-a': 'a\r\nX-B: b' }, { 'x a': '1' }, { 'x-a': '\u20ac' }])(
    'is an error where it is no field: %j',
    (set) => {
      expect(() => fieldsOf(['Host', 'a'], { host: 'a', ...set })).toThrow(/no field/);
    },
  );
});
