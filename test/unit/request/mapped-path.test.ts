import { describe, expect, test } from '@jest/globals';
import { findQueryProblem, readHttpdPath, readMappedPath } from '../../../src/request/mapped-path.ts';

describe('a path that a mapping has made', () => {
  test.each([
    ['/a', '/a', '/a'],
    ['//a', '/a', '//a'],
    ['///a//b/', '/a//b/', '///a//b/'],
    ['/', '/', '/'],
    ['//', '/', '//'],
    ['/a/../b', '/b', '/b'],
    ['//a/./b', '/a/b', '//a/b'],
    ['/a%2Fb%20c', '/a%2Fb%20c', '/a%2Fb%20c'],
  ])('%s is read as %s, and by httpd’s letter as %s', (path, ours, httpds) => {
    expect(readMappedPath(path)).toEqual({ path: ours });
    expect(readHttpdPath(path)).toEqual({ path: httpds });
  });

  test.each([
    '/..',
    '/a/../../b',
    '//../b',
    '/%2e%2e/b',
    '/a/..%2fb',
    '/a b',
    '/a?b',
    '/a#b',
    '/ä€',
    '/%00',
    '/%zz',
    '/a\r\nb',
  ])('%j is refused', (path) => {
    expect(readMappedPath(path)).toEqual({ problem: expect.any(String) as unknown });
    expect(readHttpdPath(path)).toEqual({ problem: expect.any(String) as unknown });
  });

  // Reference U21, U22.
  test('without a slash it gets one, and by httpd’s letter is the configuration’s fault', () => {
    expect(readMappedPath('foo')).toEqual({ path: '/foo' });
    expect(readHttpdPath('foo')).toEqual({ problem: expect.any(String) as unknown, status: 500 });
    expect(readHttpdPath('')).toMatchObject({ status: 500 });
  });
});

test.each([
  ['', undefined],
  ['?', undefined],
  ['?a=b&c=%20', undefined],
  ['a=b', 'the query for the members has no ?'],
  ['?a b', 'the query for the members holds a space or control character'],
  ['?a\r\nb', 'the query for the members holds a space or control character'],
  ['?#', 'the query for the members holds a fragment (#)'],
])('of the query %j it is said: %s', (query, problem) => {
  expect(findQueryProblem(query)).toBe(problem);
});
