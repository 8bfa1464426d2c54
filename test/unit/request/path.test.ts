import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import {
  compilePathRewrite,
  joinPath,
  readClientPath,
  readPath,
  splitTarget,
} from '../../../src/request/path.ts';

const req = {} as unknown as IncomingMessage; // pathRewrite functions hand it on, unread

describe('splitTarget', () => {
  test.each([
    ['/', '/', ''],
    ['/a?b?c', '/a', '?b?c'],
    ['/a?', '/a', '?'],
    ['//a//b/?/..', '//a//b/', '?/..'],
    ['/a?x=a%20b&y=%2F&z=a+b', '/a', '?x=a%20b&y=%2F&z=a+b'],
    ['/a?x=a|b"<>{}', '/a', '?x=a|b"<>{}'],
    ['/\xc3\xa9?\xe9', '/\xc3\xa9', '?\xe9'],
    ['/http://other/', '/http://other/', ''],
  ])('takes origin-form %s apart byte for byte', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ kind: 'origin', authority: undefined, path, query });
  });

  test.each([
    ['http://front.example:8080/a/b?c', 'front.example:8080', '/a/b', '?c'],
    ['https://front.example/a', 'front.example', '/a', ''],
    ['HTTP://[::1]:80/a', '[::1]:80', '/a', ''],
    ['http://front.example', 'front.example', '/', ''],
    ['http://front.example?c=/', 'front.example', '/', '?c=/'],
    ['http://front.example//a', 'front.example', '//a', ''],
  ])('takes absolute-form %s apart', (target, authority, path, query) => {
    expect(splitTarget(target)).toEqual({ kind: 'absolute', authority, path, query });
  });

  test('knows asterisk-form', () => {
    expect(splitTarget('*')).toEqual({ kind: 'asterisk' });
  });

  test.each([
    ['an empty target', ''],
    ['an empty path', '?a'],
    ['a path without its slash', 'a/b'],
    ['authority-form', 'front.example:443'],
    ['a fragment', '/q#f'],
    ['a fragment in the query', '/q?a#f'],
    ['a space', '/a b'],
    ['a tab in the query', '/a?b\tc'],
    ['a NUL', '/a\0'],
    ['a DEL', '/a\x7f'],
    ['a character that no byte is', '/\u0101'],
    ['a scheme that is not HTTP', 'ftp://front.example/'],
    ['no host', 'http:///a'],
    ['no host but a port', 'http://:80/a'],
    ['user information', 'http://member@front.example/a'],
  ])('refuses %s', (_what, target) => {
    expect(splitTarget(target)).toEqual({ kind: 'problem', problem: expect.any(String) });
  });
});

describe('readPath', () => {
  test.each([
    ['', '/'],
    ['/', '/'],
    ['/foo', '/foo'],
    ['foo', '/foo'],
    ['//foo', '/foo'],
    ['////', '/'],
    ['/a//b///c/', '/a//b///c/'],
    ['/a%20b/%61/%2B%3b%7E', '/a%20b/%61/%2B%3b%7E'],
    ['/a%2Fb%2fc', '/a%2Fb%2fc'],
    ['/a\\b%5Cc', '/a\\b%5Cc'],
    ['/%252e%252ea/%25%32%66', '/%252e%252ea/%25%32%66'],
    ['/...', '/...'],
    ['/.../a%2f.../b', '/.../a%2f.../b'],
    ['/.hidden/..data/a..', '/.hidden/..data/a..'],
    ['/a..%2fb', '/a..%2fb'],
    ['/a;..', '/a;..'],
    ['/%E9/\xe9|{}', '/%E9/\xe9|{}'],
  ])('keeps %s but for its first slash', (raw, path) => {
    expect(readPath(raw)).toEqual({ path });
  });

  // RFC 3986 5.2.4, and 5.4's examples below a base.
  test.each([
    ['/a/b/c/./../../g', '/a/g'],
    ['/./a', '/a'],
    ['/a/.', '/a/'],
    ['/a/./', '/a/'],
    ['/a/..', '/'],
    ['/a/../', '/'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a/'],
    ['/a//../b', '/a/b'],
    ['.', '/'],
    ['./a', '/a'],
    ['/%2e/a', '/a'],
    ['/a/%2E%2e/b', '/b'],
    ['/a/.%2E/b', '/b'],
    ['/a/%2e./b/%2e', '/b/'],
    ['/a/..//b', '/b'],
    ['/.//a', '/a'],
    ['/.//', '/'],
    ['/a%2fb/../c', '/c'],
  ])('resolves %s to %s', (raw, path) => {
    expect(readPath(raw)).toEqual({ path });
  });

  test.each([
    '/..',
    '..',
    '/../a',
    '//../a',
    '/a/../..',
    '/a/../../b',
    '/a/..//..',
    '/%2e%2e/a',
    '/%2e%2E',
    '/.%2e/',
    '/a/%2e%2e/..',
  ])('refuses %s, which climbs above the start', (raw) => {
    expect(readPath(raw)).toEqual({ problem: 'the path climbs above its start' });
  });

  test.each([
    '/a/..;',
    '/a/..;/b',
    '/a/..;a=b/c',
    '/a/.;/b',
    '/a/%2e%2e;x',
    '/a/..%3bx',
    '/a/..%3B/b',
    '/a/..%2f',
    '/a/..%2Fb',
    '/a/%2f..',
    '/a%2f..%2fb',
    '/a%2F%2e%2E%2fb',
    '/a%2f.',
    '/a/.%2fb',
    '/a/..\\b',
    '/a/..\\',
    '/a/\\..',
    '/a%5c..',
    '/a/..%5Cb',
    '/a\\%2e%2e\\b',
    '/a%2f..;x%2fb',
  ])('refuses %s, which somebody may read as a dot segment', (raw) => {
    expect(readPath(raw)).toEqual({ problem: expect.stringContaining('dot segment') });
  });

  test.each(['/a%00b', '/a%zz', '/a%', '/a%2', '/%%41', '/a%u002e', '/a/%2', '/%2e%', '/%-1'])(
    'refuses the escape in %s',
    (raw) => {
      expect(readPath(raw)).toEqual({ problem: expect.stringMatching(/hexadecimal|NUL/) });
    },
  );

  test.each([
    ['slashes', '/'.repeat(65_536), '/'],
    ['dots', '/a/' + '.'.repeat(65_536), '/a/' + '.'.repeat(65_536)],
    ['segments that go up and down', '/a/..'.repeat(13_000), '/'],
    ['encoded dots in one segment', '/' + '%2e'.repeat(22_000), '/' + '%2e'.repeat(22_000)],
    ['parameters', '/.' + ';'.repeat(65_536), undefined],
    ['encoded slashes', '/x' + '%2f'.repeat(22_000), '/x' + '%2f'.repeat(22_000)],
    ['backslashes', '/' + '\\'.repeat(65_536), '/' + '\\'.repeat(65_536)],
  ])('reads 64 KiB of %s in linear time', (_what, raw, path) => {
    const before = process.cpuUsage();
    expect(readPath(raw)).toEqual(path === undefined ? { problem: expect.any(String) } : { path });
    // A quadratic reading takes thousands of times this.
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
  });
});

describe('readClientPath', () => {
  test.each([
    '/.',
    '/./',
    '/./a',
    '/a/.',
    '/a/..',
    '/a/../',
    '/x/../admin',
    '/admin/.',
    '/admin/./',
    '/admin/x/..',
    '/a//../b',
    '//./a',
    '//a/../b',
    '/%2e/a',
    '/x/%2e%2e/admin',
    '/x/.%2E/admin',
    '/x/%2e./admin',
    '/x/%2E',
    './a',
  ])('refuses %s, which is another path once resolved', (raw) => {
    expect(readPath(raw)).toEqual({ path: expect.any(String) });
    expect(readClientPath(raw)).toEqual({
      problem: 'the path holds a dot segment: send the path that it resolves to',
    });
  });

  test.each(['/../a', '/a/..;/b', '/a/..%2fb', '/a%00'])('says of %s what readPath says', (raw) => {
    expect(readPath(raw)).toEqual({ problem: expect.any(String) });
    expect(readClientPath(raw)).toEqual(readPath(raw));
  });

  test.each([
    ['', '/'],
    ['/', '/'],
    ['//a', '/a'],
    ['///a//b/', '/a//b/'],
    ['//a%20b', '/a%20b'],
    ['a', '/a'],
    ['/...', '/...'],
    ['/.well-known/a..b/c.', '/.well-known/a..b/c.'],
    ['/a%2Fb\\c%2e', '/a%2Fb\\c%2e'],
  ])('keeps %s but for its first slash', (raw, path) => {
    expect(readClientPath(raw)).toEqual({ path });
  });
});

describe('joinPath', () => {
  test.each([
    ['', '/', '/'],
    ['', '/a', '/a'],
    ['/media', '/', '/media/'],
    ['/media', '/a//b', '/media/a//b'],
  ])('joins %s and %s with one slash', (basePath, path, joined) => {
    expect(joinPath(basePath, path)).toBe(joined);
  });
});

describe('compilePathRewrite', () => {
  function rewrite(pathRewrite: Parameters<typeof compilePathRewrite>[0], path: string): unknown {
    return compilePathRewrite(pathRewrite)?.(path, req);
  }

  test('is nothing without rules', () => {
    expect(compilePathRewrite(undefined)).toBeUndefined();
    expect(compilePathRewrite({})).toBeUndefined();
  });

  test('replaces the first match of the first pattern that matches, as http-proxy-middleware does', () => {
    expect(rewrite({ '^/old': '/new', '^/new': '/never', b: 'c' }, '/old/old/b')).toEqual({
      path: '/new/old/b',
    });
    expect(rewrite({ '^/api/(\\w+)': '/$1/v2' }, '/api/users/1')).toEqual({ path: '/users/v2/1' });
    expect(rewrite({ '^/old': '/new' }, '/other')).toEqual({ path: '/other' });
  });

  test('begins the result with one slash', () => {
    expect(rewrite({ '^/api': '' }, '/api')).toEqual({ path: '/' });
    expect(rewrite({ '^/api/': '' }, '/api/a')).toEqual({ path: '/a' });
    expect(rewrite({ '^/api': '/' }, '/api/a')).toEqual({ path: '/a' });
  });

  test('hands path and request to a function', () => {
    const asked: unknown[] = [];
    const pathRewrite = compilePathRewrite((path, asker) => {
      asked.push(path, asker);
      return `/below${path}`;
    });
    expect(pathRewrite?.('/a', req)).toEqual({ path: '/below/a' });
    expect(asked).toEqual(['/a', req]);
  });

  test.each([
    ['climbs', '/../a', /climbs/],
    ['is ambiguous', '/a/..%2fb', /dot segment/],
    ['holds a bad escape', '/100%', /hexadecimal/],
  ])('refuses a result that %s', (_what, result, problem) => {
    expect(rewrite(() => result, '/x')).toEqual({ problem: expect.stringMatching(problem) });
    expect(rewrite({ '.*': result }, '/x')).toEqual({ problem: expect.stringMatching(problem) });
  });

  test.each([
    [{ '^/v1': '/v1/../v2' }, '/v1/a', '/v2/a'],
    [{ '^/v1/': '/%2E/' }, '/v1/a', '/a'],
    [() => '/v1/../v2', '/', '/v2'],
  ])('resolves what %j itself holds of dot segments', (rules, path, result) => {
    expect(rewrite(rules, path)).toEqual({ path: result });
  });

  test.each([
    [{ '^/static': '/assets/' }, '/static../secret'],
    [{ '^/static': '/assets/' }, '/static.%2e/secret'],
    [{ '^/at': '/x/.' }, '/at./secret'],
    [{ '^/(\\w+)-': '/$1/' }, '/a-./b'],
  ])('refuses what %j makes a dot segment of in %s', (rules, path) => {
    expect(readClientPath(path)).toEqual({ path });
    expect(rewrite(rules, path)).toEqual({
      problem: 'what pathRewrite makes of the path holds a dot segment',
    });
  });

  // The definition's mistake, not the client's: an error of 500.
  test.each([
    ['holds a query', '/a?b=c', /query/],
    ['holds a fragment', '/a#b', /fragment/],
    ['holds a space', '/a b', /space/],
    ['holds what is no byte', '/\u0101', /percent-encoded/],
  ])('throws at a result that %s', (_what, result, problem) => {
    expect(() => rewrite(() => result, '/x')).toThrow(problem);
    expect(() => rewrite({ '.*': result }, '/x')).toThrow(problem);
  });

  test('throws at what is no string, such as a promise', () => {
    const pathRewrite = (() => Promise.resolve('/a')) as unknown as () => string; // what JavaScript users may write
    expect(() => rewrite(pathRewrite, '/x')).toThrow(TypeError);
  });
});
