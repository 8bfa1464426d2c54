import { describe, expect, test } from '@jest/globals';
import type { StickySettings } from '../../../src/definition/settings.ts';
import { compileFindHttpdSession } from '../../../src/request/httpd-session.ts';
import { findSession, type SessionFacts } from '../../../src/request/session.ts';

const SID: StickySettings = {
  cookie: 'SID',
  parameter: 'SID',
  separator: '.',
  separatorMatch: 'first',
  routeregex: /!(.*)$/s,
  scolonpathdelim: false,
};

function factsOf(...cookies: readonly string[]): SessionFacts {
  const headers = cookies.flatMap((cookie) => ['Cookie', `SID=${cookie}`]);
  return { path: '/', pathToMember: '/', query: '', headers, parsedCookies: undefined };
}

const finders = [
  ['by itself', findSession],
  ["with compat: 'httpd'", compileFindHttpdSession('shop')],
] as const;

describe.each(finders)('a routeregex, %s', (_name, find) => {
  const findRoute = (routeregex: RegExp, ...cookies: readonly string[]): string | undefined =>
    find(factsOf(...cookies), { ...SID, routeregex }, (route) => route === 'a')?.route;

  test('reads a value of 4,096 letters, and binds nobody by a longer one, not by a part of it either', () => {
    const pattern = /^x*!(\w)/;
    expect(findRoute(pattern, `${'x'.repeat(4_094)}!a`)).toBe('a');
    expect(findRoute(pattern, `${'x'.repeat(4_095)}!a`)).toBeUndefined();
    expect(findRoute(pattern, `!a${'x'.repeat(4_095)}`)).toBeUndefined();
  });

  test.each([
    ['in two ways', /(a+)+$/, `${'a'.repeat(60)}!`],
    ['in any way', /^(?:\w+\s?)*$/, `${'a'.repeat(60)}!`],
    ['five at once', /^.*a.*b.*c.*d.*e$/, 'abcd'.repeat(1_000)],
  ])(
    'that may be had %s binds nobody where it takes too long, and a session that fits as ever',
    (_way, pattern, slow) => {
      expect(findRoute(pattern, slow)).toBeUndefined();
      expect(findRoute(/!(a+)+$/, 'x!a')).toBe('a');
    },
  );
});

test('is asked of no more than 8,192 letters of a request', () => {
  const long = 'x'.repeat(4_000);
  const findRoute = (...cookies: readonly string[]): string | undefined =>
    findSession(factsOf(...cookies), SID, () => true)?.route;
  expect(findRoute(long, long, 'x!a')).toBe('a');
  expect(findRoute(long, long, `${'x'.repeat(191)}!a`)).toBeUndefined();
});

test('is asked of nothing more of a request once it was given up', () => {
  const slow = `${'a'.repeat(60)}!`;
  const routeregex = /^(?:\w+\s?)*$/;
  const session = findSession(factsOf(slow, 'b'), { ...SID, routeregex }, () => true);
  expect(session).toBeUndefined();
});
