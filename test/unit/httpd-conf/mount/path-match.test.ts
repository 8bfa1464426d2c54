import { describe, expect, test } from '@jest/globals';
import { readAskedPath } from '../../../../src/httpd-conf/mount/asked-path.ts';
import { readAsked } from '../../../../src/httpd-conf/mount/asked.ts';
import { decodeBytes } from '../../../../src/httpd-conf/mount/decode.ts';
import { readEncodedGroups } from '../../../../src/httpd-conf/mount/join-pattern.ts';
import { compileMatcher } from '../../../../src/httpd-conf/mount/path-match.ts';

/** The path as a request has it, normalised. */
function normalize(url: string): string | undefined {
  const reading = readAsked({ url });
  return reading.kind === 'asked' ? reading.asked.path.raw : undefined;
}

describe('a prefix', () => {
  test.each<[at: string, path: string, rest: string | undefined]>([
    ['/m1/', '/m1/foo', 'foo'],
    ['/m1/', '/m1/', ''],
    ['/m1/', '/m1', undefined],
    ['/m1/', '/m1foo', undefined],
    ['/m2', '/m2', ''],
    ['/m2', '/m2/', '/'],
    ['/m2', '/m2/foo', '/foo'],
    ['/m2', '/m2foo', undefined],
    ['/m2', '/M2/foo', undefined],
    ['/m2', '/m', undefined],
    ['/m2', '/', undefined],
    ['/', '/', ''],
    ['/', '/foo', 'foo'],
    ['//a///b', '/a/b/c', '/c'],
    // On the decoded path, byte for byte.
    ['/app', '/%61%70%70/x', '/x'],
    ['/app', '/%61%70%70', ''],
    ['/é', '/%C3%A9/x', '/x'],
    ['/é', '/%c3%a9', ''],
    ['/é', '/\u00c3\u00a9/x', '/x'],
    ['/é', '/%E9', undefined],
    ['/€', '/%E2%82%AC/x', '/x'],
    ['/a b', '/a%20b', ''],
    ['/a%b', '/a%25b', ''],
    // An encoded slash ends no segment, and is none of the prefix.
    ['/static', '/static%2Fx', undefined],
    ['/static/', '/static%2Fx', undefined],
    ['/a/b', '/a%2Fb', undefined],
    ['/a/b', '/a%2fb/c', undefined],
    ['/', '/%2Fx', '%2Fx'],
    ['/static', '/static\\x', undefined],
    ['/static', '/static%5Cx', undefined],
    ['/static', '/static;v=1/x', undefined],
    ['/static', '/static%3B/x', undefined],
  ])('%s in %s: %p is behind it', (at, path, rest) => {
    const fit = compileMatcher(at)(readAskedPath(path));
    expect(fit && path.slice(fit.end)).toBe(rest);
  });
});

describe('a pattern', () => {
  test.each<[at: RegExp, path: string, groups: readonly (string | undefined)[] | undefined]>([
    [/^\/m7\/(.*)$/, '/m7/foo%20bar', ['/m7/foo%20bar', 'foo%20bar']],
    [/foo bar/, '/m7/foo%20bar', ['foo%20bar']],
    [/^\/m9\/(a|b)(\/.*)?$/, '/m9/a', ['/m9/a', 'a', undefined]],
    [/\.png$/, '/x.pn%67', ['.pn%67']],
    [/^\/([^/]*)$/, '/a%2Fb', ['/a%2Fb', 'a%2Fb']],
    [/^\/a\/b/, '/a%2Fb', undefined],
    [/^\/é(.)/, '/%C3%A9%C3%BC', ['/%C3%A9%C3%BC', '%C3%BC']],
    [/^\/(.)x/u, '/%F0%9F%98%80x', ['/%F0%9F%98%80x', '%F0%9F%98%80']],
    [/^\/(.)(.)$/, '/%FF%FE', ['/%FF%FE', '%FF', '%FE']],
    [/^\/(.)(.)$/, '/\u00ff%c3', ['/%FF%c3', '%FF', '%c3']],
    [/^\/(.*)$/, '/%2525', ['/%2525', '%2525']],
    [/^\/A$/i, '/a', ['/a']],
  ])('%p in %s: %p', (at, path, groups) => {
    const asked = readAskedPath(path);
    const fit = compileMatcher(at)(asked);
    expect(fit && readEncodedGroups(asked, fit)).toEqual(groups);
  });

  test('that must not fit has no groups', () => {
    const match = compileMatcher(/^\/public\//, true);
    expect(match(readAskedPath('/public/x'))).toBeUndefined();
    expect(match(readAskedPath('/x'))).toEqual({ end: 0, groups: undefined });
  });
});

describe('a path is decoded once', () => {
  test.each<[path: string, text: string]>([
    ['/a%20b', '/a b'],
    ['/a%2520b', '/a%20b'],
    ['/a%2Fb%2fc', '/a%2Fb%2fc'],
    ['/%C3%A9%E2%82%AC%F0%9F%98%80', '/é€😀'],
    ['/%C3', '/\ufffd'],
    ['/%C3%28', '/\ufffd('],
    // RFC 3629 3: too long a form, a surrogate, and above the last character.
    ['/%C0%AF', '/\ufffd\ufffd'],
    ['/%ED%A0%80', '/\ufffd\ufffd\ufffd'],
    ['/%F5%80%80%80', '/\ufffd\ufffd\ufffd\ufffd'],
    ['/%5C', '/\\'],
  ])('%s is %s', (path, text) => {
    expect(decodeBytes(path).text).toBe(text);
  });

  test('and every character knows where it comes from', () => {
    const path = '/%C3%A9a%20\u00c3\u00bc%2F';
    const { text, rawIndex } = decodeBytes(path);
    expect(text).toBe('/éa ü%2F');
    expect(Array.from({ length: text.length + 1 }, (_, i) => rawIndex(i))).toEqual([
      0, 1, 7, 8, 11, 13, 14, 15, 16,
    ]);
  });
});

describe('a request is for one path', () => {
  test.each<[url: string, path: string | undefined]>([
    ['/a/b', '/a/b'],
    ['//a///b//', '/a/b/'],
    ['/a/../b', '/b'],
    ['/a//../b', '/b'],
    ['/a/%2E%2e/b', '/b'],
    ['/a/./b/.', '/a/b/'],
    ['/%2e%2e/', undefined],
    ['/../a', undefined],
    ['/a/..%2fb', undefined],
    ['/a/..\\b', undefined],
    ['/a/..;/b', undefined],
    ['http://other.example/a/../b?c', '/b'],
    ['http://other.example', '/'],
    ['*', undefined],
    ['/a%0', undefined],
    ['/a%00', undefined],
  ])('%s: %p', (url, path) => {
    expect(normalize(url)).toBe(path);
  });

  test.each<[path: string, loose: string | undefined]>([
    ['/a/b', undefined],
    ['/a%2Fb', '/a/b'],
    ['/a/%2f%5cb', '/a/b'],
    ['/a\\b', '/a/b'],
    ['/a%252Fb', undefined],
  ])('%s may be read as %p', (path, loose) => {
    expect(readAskedPath(path).loose?.raw).toBe(loose);
  });
});
