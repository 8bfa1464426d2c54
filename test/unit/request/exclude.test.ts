import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { PathPattern } from '../../../src/definition/definition.ts';
import { compileExclude } from '../../../src/request/exclude.ts';

const req = { method: 'GET' } as unknown as IncomingMessage; // patterns only hand it on

function isExcluded(pattern: PathPattern, path: string): boolean {
  return compileExclude([pattern])!(path, req);
}

describe('exclude', () => {
  test('is nothing without patterns', () => {
    expect(compileExclude([])).toBeUndefined();
  });

  // U8, U36, and reference 2.2 for the rest.
  test.each([
    ['/ex', '/ex', true],
    ['/ex', '/ex/', true],
    ['/ex', '/ex/1', true],
    ['/ex', '/extra', false],
    ['/ex', '/', false],
    ['/ex', '/e', false],
    ['/ex', '/EX', false],
    ['/ex', '/a/ex', false],
    ['/ex', '/ex;a=b', false],
    ['/ex/', '/ex', false],
    ['/ex/', '/ex/', true],
    ['/ex/', '/ex/1', true],
    ['/a/ex', '/a//ex/1', true],
    ['/a//ex', '/a/ex', true],
    ['/a//ex', '/a///ex', true],
    ['/ex//', '/ex/1', true],
    ['//', '/1', true],
    ['/', '/anything', true],
    ['/ex', '/%65%78/1', true],
    ['/a/ex', '/a%2Fex', true],
    ['/a b', '/a%20b/c', true],
    ['/%65x', '/ex', false],
    ['/é', '/%C3%A9/a', true],
    ['/é', '/\xc3\xa9/a', true],
    ['/é', '/%E9/a', false],
    ['/ex', '/ex/%E9', true],
  ])('of %s: %s, %s', (pattern, path, excluded) => {
    expect(isExcluded(pattern, path)).toBe(excluded);
  });

  test.each([
    [/\.png$/, '/a/b.png', true],
    [/\.png$/, '/a/b%2Epng', true],
    [/\.png$/, '/a/b.png/c', false],
    [/^\/é$/u, '/%C3%A9', true],
  ])('asks %s about the decoded path %s', (pattern, path, excluded) => {
    expect(isExcluded(pattern, path)).toBe(excluded);
  });

  test('asks a function about the request', () => {
    expect(isExcluded((asked) => asked.method === 'GET', '/a')).toBe(true);
    expect(isExcluded((asked) => asked !== req, '/a')).toBe(false);
  });

  test('is whatever any of the patterns matches', () => {
    const excluded = compileExclude(['/ex', /^\/re/, () => false])!;
    expect(['/ex/1', '/re', '/other'].map((path) => excluded(path, req))).toEqual([true, true, false]);
  });
});

test('a function that returns a promise is a mistake of the definition, and excludes nothing in silence', () => {
  const exclude = compileExclude([(() => Promise.resolve(false)) as unknown as () => boolean]);
  expect(() => exclude!('/x', req)).toThrow(TypeError);
});
