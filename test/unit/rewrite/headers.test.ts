import { describe, expect, test } from '@jest/globals';
import { compileFieldTable, compileLookAlikes, valuesOf } from '../../../src/rewrite/headers.ts';
import { findNominated } from '../../../src/rewrite/hop-by-hop.ts';
import { fields } from './support.ts';

test('a field table finds names whatever their spelling, and only those', () => {
  const lookUp = compileFieldTable({ te: 1, 'keep-alive': 2, connection: 3, keepers: 4 });
  expect(['TE', 'Keep-Alive', 'connection', 'CONNECTION', 'KeepErs'].map(lookUp)).toEqual([1, 2, 3, 3, 4]);
  expect(['', 'T', 'ta', 'keep-alivo', 'user-agent', 'x'.repeat(99)].map(lookUp)).toEqual(
    Array(6).fill(undefined),
  );
});

// CGI makes HTTP_KEEP_ALIVE of both.
test('names that only look like others to CGI and its like are found, and not those themselves', () => {
  const isLookAlike = compileLookAlikes(['keep-alive', 'content-length']);
  const found = ['Keep_Alive', 'keep.alive', "KEEP'ALIVE", 'Content_Length', 'content+length'];
  expect(found.filter((name) => !isLookAlike(name))).toEqual([]);
  const others = [
    'Keep-Alive',
    'CONTENT-LENGTH',
    'keepalive',
    'keep_alives',
    'kept_alive',
    'X_Keep_Alive',
    '',
  ];
  expect(others.filter(isLookAlike)).toEqual([]);
});

test('values of a field come in order, whatever its spelling', () => {
  expect(valuesOf(fields('Via: a', 'VIb: no', 'via: b'), 'via')).toEqual(['a', 'b']);
});

describe('names that Connection nominates', () => {
  test.each([
    [['Connection: close, X-Foo, Keep-Alive'], ['x-foo']],
    [
      ['connection:  A ,,B', 'CONNECTION: c'],
      ['a', 'b', 'c'],
    ],
  ])('of %j are %j', (headers, expected) => {
    expect([...findNominated(fields(...headers))!]).toEqual(expected);
  });

  test.each([
    [['Connection: keep-alive']],
    [['Connection: Keep-Alive, Upgrade']],
    [['Connection:']],
    [['X-A: B']],
  ])('of %j are none that would not end here anyway', (headers) => {
    expect(findNominated(fields(...headers))).toBeUndefined();
  });
});
