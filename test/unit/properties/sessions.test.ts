import { serialize } from 'cookie';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { RouteCookieSettings, StickySettings } from '../../../src/definition/settings.ts';
import { valuesOfCookie } from '../../../src/request/cookies.ts';
import { compileFindHttpdSession } from '../../../src/request/httpd-session.ts';
import { findSession, type SessionFacts } from '../../../src/request/session.ts';
import { buildRouteCookie, readRouteCookie } from '../../../src/rewrite/route-cookie.ts';
import { hold } from '../../support/runs.ts';
import { anyToken, anyValue } from './any-http.ts';

const sticky: StickySettings = {
  cookie: 'sid',
  parameter: 'psid',
  separator: '.',
  separatorMatch: 'first',
  routeregex: undefined,
  scolonpathdelim: false,
};

const nothingAsked: SessionFacts = {
  path: '/',
  pathToMember: '/',
  query: '',
  headers: [],
  parsedCookies: undefined,
};

const anyLetter = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.constantFrom('.', '!', 'a', ';', '=', ' ', '%', '"', ',', '&', '+', '/'),
);

/** A text that a URI can say: without half of a pair. */
const anyText = fc
  .string({ unit: anyLetter, minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed());
const anyRoute = anyText.filter((route) => !/[!\n\r\u2028\u2029]/.test(route));

/** How a session's value may hold its route. */
const anyHolding = fc
  .tuple(anyText, anyRoute, fc.constantFrom('first', 'last', 'regex', 'alone'))
  .map(([id, route, how]): Readonly<{ value: string; route: string; sticky: StickySettings }> => {
    const plain = id.replaceAll(/[.!]/g, '-');
    switch (how) {
      case 'first':
        return { value: `${plain}.${route}`, route, sticky };
      case 'last': {
        const own = route.replaceAll('.', '-');
        return { value: `${id}.${own}`, route: own, sticky: { ...sticky, separatorMatch: 'last' } };
      }
      case 'regex':
        return { value: `${plain}!${route}`, route, sticky: { ...sticky, routeregex: /!(.*)$/ } };
      case 'alone':
        return { value: route, route, sticky: { ...sticky, separator: undefined } };
    }
  });

const anyJunkCookie = fc
  .tuple(anyToken, anyValue)
  .map(([name, value]) => `${name}x=${value.replaceAll(/[;,]/g, '')}`);

describe('a session finds its member again', () => {
  const ways: readonly Readonly<
    [string, (value: string, junk: readonly string[]) => Partial<SessionFacts>]
  >[] = [
    ['a cookie', (value, junk) => ({ headers: ['Cookie', [...junk, serialize('sid', value)].join('; ')] })],
    [
      'a cookie among lines of others',
      (value, junk) => ({
        headers: [...junk, serialize('sid', value), ...junk].flatMap((line) => ['cookie', line]),
      }),
    ],
    ['the query', (value) => ({ query: `?a=b&psid=${encodeURIComponent(value)}&c=d` })],
    ['a path parameter', (value) => ({ path: `/a/b;x=y;psid=${encodeURIComponent(value)}/c` })],
    [
      'what cookie-parser has left',
      (value) => ({ parsedCookies: { cookies: { sid: value }, signedCookies: {} } }),
    ],
  ];

  test.each(ways)('by %s', (_how, write) => {
    hold(
      500,
      fc.property(anyHolding, fc.array(anyJunkCookie, { maxLength: 4 }), (holding, junk) => {
        const facts = { ...nothingAsked, ...write(holding.value, junk) };
        const found = findSession(facts, holding.sticky, (route) => route === holding.route);
        expect(found?.route).toBe(holding.route);
      }),
    );
  });
});

describe('whatever a client sends', () => {
  const anyFacts: fc.Arbitrary<SessionFacts> = fc.record({
    path: anyValue.map((text) => `/${text.replaceAll('?', '')};psid=${text}`),
    pathToMember: anyValue.map((text) => `/${text}`),
    query: fc.oneof(
      fc.constant(''),
      anyValue.map((text) => `?${text}&psid=${text}`),
    ),
    headers: fc
      .array(
        fc.oneof(
          anyValue,
          anyValue.map((text) => `sid=${text}, sid="${text}`),
        ),
        { maxLength: 3 },
      )
      .map((lines) => lines.flatMap((line) => ['Cookie', line])),
    parsedCookies: fc.option(
      fc.record({
        cookies: fc.dictionary(fc.constantFrom('sid', '__proto__', 'x'), fc.anything()),
        signedCookies: fc.dictionary(fc.constantFrom('sid', 'toString'), fc.anything()),
      }),
      { nil: undefined },
    ),
  });
  const anySticky = fc.record({
    cookie: fc.constantFrom('sid', 's'),
    parameter: fc.constantFrom('psid', '', 'd'),
    separator: fc.constantFrom('.', '!!', undefined),
    separatorMatch: fc.constantFrom('first', 'last'),
    routeregex: fc.constantFrom(undefined, /!(.*)$/, /[^.]*/, /^(?:a|(b))/),
    scolonpathdelim: fc.boolean(),
  });

  test.each([
    ['ours', findSession],
    ['httpd’s', compileFindHttpdSession('b')],
  ])('by %s reading it is bound to a route that it has sent, or to nobody', (_whose, find) => {
    let bound = 0;
    hold(
      1_500,
      fc.property(anyFacts, anySticky, (facts, settings) => {
        const session = find(facts, settings, () => false);
        if (!session) return;
        bound += 1;
        expect(session.route).not.toBe('');
        expect([settings.cookie, settings.parameter]).toContain(session.sticky);
        expect(session.id).not.toBe('');
      }),
    );
    expect(bound).toBeGreaterThan(100);
  });
});

describe('the balancer’s own cookie', () => {
  const plain: RouteCookieSettings = {
    name: 'route',
    prefix: '',
    secrets: [],
    path: undefined,
    secure: 'auto',
    attributes: {},
  };
  const anySecrets = fc.array(fc.string({ minLength: 1 }), { maxLength: 2 });

  test('holds the route that it was made for, and with a secret no other', () => {
    hold(
      500,
      fc.property(anyText, anySecrets, anyText, fc.webPath(), (route, secrets, other, mountPath) => {
        const settings = { ...plain, secrets };
        const written = buildRouteCookie(settings, route, mountPath, false);
        const pair = written.split(';', 1)[0]!;
        expect(readRouteCookie(valuesOfCookie(['Cookie', pair], 'route'), settings)).toEqual([route]);
        if (secrets.length === 0 || other === route) return;
        const forged = pair.replace(encodeURIComponent(route), () => encodeURIComponent(other));
        const read = readRouteCookie(valuesOfCookie(['Cookie', forged], 'route'), settings);
        expect(read.filter((each) => each !== route)).toEqual([]);
      }),
    );
  });
});
