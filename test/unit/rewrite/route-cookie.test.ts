import { describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import type { RouteCookieSettings } from '../../../src/definition/settings.ts';
import { buildRouteCookie, readRouteCookie } from '../../../src/rewrite/route-cookie.ts';

const settings: RouteCookieSettings = {
  name: 'ROUTEID',
  prefix: '',
  secrets: [],
  path: undefined,
  secure: 'auto',
  attributes: { httpOnly: true, sameSite: 'lax' },
};
const signed: RouteCookieSettings = { ...settings, secrets: ['new', 'old'] };

function valueOf(setCookie: string): string {
  return setCookie.slice('ROUTEID='.length, setCookie.indexOf(';'));
}

describe('building', () => {
  test.each<[Partial<RouteCookieSettings>, string, boolean, string]>([
    [{}, '', false, 'ROUTEID=app1; Path=/; HttpOnly; SameSite=Lax'],
    [{}, '/static', true, 'ROUTEID=app1; Path=/static; HttpOnly; Secure; SameSite=Lax'],
    [{ secure: true, path: '/x' }, '/static', false, 'ROUTEID=app1; Path=/x; HttpOnly; Secure; SameSite=Lax'],
    [{ secure: false, attributes: {} }, '', true, 'ROUTEID=app1; Path=/'],
    [
      {
        name: 'R',
        attributes: { maxAge: 90_500, domain: 'pub.example', sameSite: 'none', partitioned: true },
      },
      '',
      true,
      'R=app1; Max-Age=90; Domain=pub.example; Path=/; Secure; Partitioned; SameSite=None',
    ],
    [
      { attributes: { expires: new Date(0), priority: 'high' } },
      '',
      false,
      'ROUTEID=app1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Priority=High',
    ],
    [{ attributes: {} }, '/a;Domain=evil', false, 'ROUTEID=app1; Path=/'],
    [{ attributes: {} }, '/é', false, 'ROUTEID=app1; Path=/'],
    [{ prefix: '.', attributes: {} }, '', false, 'ROUTEID=.app1; Path=/'],
  ])('%j at %j, https %s: %s', (changes, mountPath, isSecure, expected) => {
    expect(buildRouteCookie({ ...settings, ...changes }, 'app1', mountPath, isSecure)).toBe(expected);
  });

  test('encodes what a cookie value cannot hold', () => {
    expect(valueOf(buildRouteCookie(settings, 'a;b "c"', '', false))).toBe('a%3Bb%20%22c%22');
  });

  test('signs with the first secret, as cookie-parser does', () => {
    const value = decodeURIComponent(valueOf(buildRouteCookie(signed, 'app1', '', false)));
    expect(value).toMatch(/^s:app1\.[\w+/]{43}$/);
    expect(cookieParser.signedCookie(value, 'new')).toBe('app1');
    expect(cookieParser.signedCookie(value, 'old')).toBe(false);
  });
});

describe('reading', () => {
  const decodedOf = (each: RouteCookieSettings, route: string): string =>
    decodeURIComponent(valueOf(buildRouteCookie(each, route, '', false)));
  const value = decodedOf(signed, 'app1');
  const older = decodedOf({ ...signed, secrets: ['old'] }, 'app2');
  const forged = decodedOf({ ...signed, secrets: ['guess'] }, 'app3');

  test('gives every route that any of the secrets verifies, in order', () => {
    expect(readRouteCookie([forged, value, 'app1', older, value], signed)).toEqual(['app1', 'app2', 'app1']);
  });

  test('a signature is for one route only', () => {
    expect(readRouteCookie([value.replace('app1', 'app2')], signed)).toEqual([]);
  });

  test.each([['app1'], ['s:app1'], ['s:'], ['s:.'], [''], ['s:app1.']])(
    'without a good signature, %j is no route',
    (unsigned) => {
      expect(readRouteCookie([unsigned], signed)).toEqual([]);
    },
  );

  test('without secrets, every value but an empty one is a route', () => {
    expect(readRouteCookie(['app1', '', 's:x', '50%'], settings)).toEqual(['app1', 's:x', '50%']);
  });

  test('a prefix is no part of the route, and may be missing', () => {
    expect(readRouteCookie(['.app1', 'app2', '.', '..a'], { ...settings, prefix: '.' })).toEqual([
      'app1',
      'app2',
      '.a',
    ]);
  });

  test('reads what was built', () => {
    for (const each of [settings, signed, { ...settings, prefix: 'x.' }, { ...signed, prefix: '.' }]) {
      expect(readRouteCookie([decodedOf(each, 'a;b 50%')], each)).toEqual(['a;b 50%']);
    }
  });
});
