import { expect, test } from '@jest/globals';
import { compileHttpdSetCookie } from '../../../src/rewrite/httpd-set-cookie.ts';
import type { CookieSettings } from '../../../src/rewrite/set-cookie.ts';
import { createInbound, createMember } from './support.ts';

const settings: CookieSettings = {
  cookieDomain: [
    ['backend.example', 'public.example'],
    ['internal.local', '.pub.example'],
  ],
  cookiePath: [
    ['/', '/mirror/foo/'],
    ['/app', '/m2'],
  ],
};

function rewrite(cookie: string, given: CookieSettings = settings): string {
  const member = createMember('http://backend.example/base');
  return compileHttpdSetCookie(given)!(cookie, createInbound({ mountPath: '/m' }), member);
}

// Reference 15.8, to the letter; C10 is in rewrite-answer.test.ts.
test.each([
  ['C1', 'a=1; Path=/', 'a=1; Path=/mirror/foo/'],
  ['C2', 'a=1; path=/app/x', 'a=1; path=/mirror/foo/'],
  [
    'C3',
    'a=1; Domain=backend.example; Path=/x; HttpOnly',
    'a=1; Domain=public.example; Path=/mirror/foo/; HttpOnly',
  ],
  [
    'C3, the other way round',
    'a=1; Path=/x; Domain=backend.example',
    'a=1; Path=/mirror/foo/; Domain=public.example',
  ],
  ['C4', 'a=1; domain=.backend.example', 'a=1; domain=.backend.example'],
  ['C5', 'a=1; domain=BACKEND.EXAMPLE', 'a=1; domain=public.example'],
  ['C5', 'a=1; domain=backend.example.org', 'a=1; domain=public.example'],
  ['C6', 'a=1; domain=internal.local', 'a=1; domain=.pub.example'],
  ['C7', 'a=1', 'a=1'],
  ['C7', 'a=1; path=foo', 'a=1; path=foo'],
  ['C7', 'a=1; path="/"', 'a=1; path="/"'],
  ['C7', 'a=1; Path = /', 'a=1; Path = /'],
  ['C8', 'a=1; Path=/; Path=/b', 'a=1; Path=/; Path=/mirror/foo/'],
  ['C9', 'a=1; PATH=/ ;x', 'a=1; PATH=/mirror/foo/;x'],
  ['no blank before it', 'a=1;Path=/x;', 'a=1;Path=/mirror/foo/;'],
  ['a name that ends like one', 'a=1; xpath=/x', 'a=1; xpath=/x'],
])('%s: %s becomes %s', (_id, cookie, expected) => {
  expect(rewrite(cookie)).toBe(expected);
});

test('paths are compared with their case, and the first rule of the table counts', () => {
  const paths: CookieSettings = {
    cookieDomain: true,
    cookiePath: [
      ['/app', '/m2'],
      ['/', '/other'],
    ],
  };
  expect(rewrite('a=1; path=/application; domain=backend.example', paths)).toBe(
    'a=1; path=/m2; domain=backend.example',
  );
  expect(rewrite('a=1; path=/APP', paths)).toBe('a=1; path=/other');
});

test('without tables nothing is derived', () => {
  expect(compileHttpdSetCookie({ cookieDomain: true, cookiePath: false })).toBeUndefined();
});
