import { ClientRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import {
  flattenHeaders,
  joinHeaders,
  keepHeaders,
  mergeHeaders,
  restoreHeaders,
  spellHeaders,
  type SetHeader,
} from '../../../../src/forward/hpm/head.ts';

/** What was set, by lower-case name. */
function set(...fields: SetHeader[]): ReadonlyMap<string, SetHeader> {
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]));
}

describe('joining, as Node does', () => {
  test.each([
    ['repeats with a comma', ['X-A', '1', 'x-a', '2'], { 'x-a': '1, 2' }],
    ['cookies with a semicolon', ['Cookie', 'a=1', 'cookie', 'b=2'], { cookie: 'a=1; b=2' }],
    [
      'nothing to what may be there once',
      ['Content-Type', 'a/b', 'content-type', 'c/d'],
      { 'content-type': 'a/b' },
    ],
    ['Set-Cookie not at all', ['Set-Cookie', 'a', 'set-cookie', 'b'], { 'set-cookie': ['a', 'b'] }],
    ['one Set-Cookie to a list', ['Set-Cookie', 'a'], { 'set-cookie': ['a'] }],
  ])('adds %s', (_what, raw, joined) => {
    expect(joinHeaders(raw)).toEqual(joined);
  });
});

describe('a request’s fields', () => {
  const raw = ['Host', 'a', 'X-A', '1', 'x-b', '2', 'x-A', '3', '__proto__', '4', 'X-A', '5'];

  test('are spelt as they came, with all there is of one where it first was', () => {
    expect(Object.entries(spellHeaders(raw))).toEqual([
      ['Host', 'a'],
      ['X-A', ['1', '3', '5']],
      ['x-b', '2'],
      ['__proto__', '4'],
    ]);
  });

  test('are given back their spelling and repetitions, but for those that were changed', () => {
    const request = new ClientRequest({ headers: joinHeaders(raw), path: '/', agent: false });
    request.on('error', () => undefined).destroy();
    restoreHeaders(request, raw);
    expect(request.getRawHeaderNames().slice(0, 4)).toEqual(['Host', 'X-A', 'x-b', '__proto__']);
    expect(request.getHeader('x-a')).toEqual(['1', '3', '5']);
    request.setHeader('x-a', 'mine');
    request.removeHeader('host');
    restoreHeaders(request, raw);
    expect(request.getHeader('x-a')).toBe('mine');
    expect(request.hasHeader('host')).toBe(false);
  });
});

describe('an answer’s fields', () => {
  const raw = ['X-One', '1', 'SET-COOKIE', 'a', 'x-one', '2', 'Set-Cookie', 'b', 'Age', '1', 'Age', '2'];
  const received = keepHeaders(raw, { 'x-one': '1, 2', 'set-cookie': ['a', 'b'], age: '1' });
  const one = { name: 'x-one', value: '1, 2' };
  const cookies = { name: 'set-cookie', value: ['a', 'b'] };
  const age = { name: 'age', value: '1' };

  test.each([
    ['as they came where nobody has touched them', set(one, cookies, age), raw],
    ['without those that are gone', set(one), ['X-One', '1', 'x-one', '2']],
    [
      'with a changed one where it first was',
      set({ ...one, value: '3' }, age),
      ['X-One', '3', 'Age', '1', 'Age', '2'],
    ],
    [
      'with a changed list line by line',
      set({ ...cookies, value: ['a', 'c'] }),
      ['SET-COOKIE', 'a', 'SET-COOKIE', 'c'],
    ],
    [
      'with a longer list line by line',
      set({ ...cookies, value: ['a', 'b', 'c'] }),
      ['a', 'b', 'c'].flatMap((value) => ['SET-COOKIE', value]),
    ],
    ['with a list that has become one', set({ ...cookies, value: 'a' }), ['SET-COOKIE', 'a']],
    [
      'with new ones behind them, as they were spelt',
      set(age, { name: 'X-New', value: 3 }),
      ['Age', '1', 'Age', '2', 'X-New', '3'],
    ],
    [
      'without a Connection that was added',
      set(age, { name: 'connection', value: 'close' }),
      ['Age', '1', 'Age', '2'],
    ],
  ])('are told %s', (_how, now, expected) => {
    expect(mergeHeaders(received, now)).toEqual(expected);
  });

  test('are told apart from what a listener has made of them in place', () => {
    const headers = { 'set-cookie': ['a'] };
    const kept = keepHeaders(['Set-Cookie', 'a'], headers);
    headers['set-cookie'].push('b');
    expect(mergeHeaders(kept, set({ name: 'set-cookie', value: headers['set-cookie'] }))).toEqual([
      ...['Set-Cookie', 'a', 'Set-Cookie', 'b'],
    ]);
  });
});

test('headers in Node’s form become one list, lists line by line', () => {
  expect(flattenHeaders({ link: ['a', 'b'], 'x-age': 1, gone: undefined })).toEqual([
    ...['link', 'a', 'link', 'b', 'x-age', '1'],
  ]);
});
