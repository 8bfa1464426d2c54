import { describe, expect, test } from '@jest/globals';
import type { Settings } from '../../../src/definition/settings.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import { findSession } from '../../../src/request/session.ts';
import {
  watchCookiePath,
  watchCookieRoute,
  watchDomain,
  watchSecure,
} from '../../../src/warnings/cookies.ts';
import { publicHostOf } from '../../../src/warnings/host.ts';
import { readSetCookie } from '../../../src/warnings/read-set-cookie.ts';
import type { Surroundings, Watch, WatchedAnswer } from '../../../src/warnings/watch.ts';
import { build } from '../definition/support.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');

const sticky = build({
  stickysession: 'SID',
  members: [
    { url: 'http://a.test', route: 'app1' },
    { url: 'http://b.test', route: 'app2' },
  ],
});

type Given = Readonly<{
  inbound?: Partial<Inbound>;
  settings?: Settings;
  around?: Partial<Surroundings>;
}>;

/** What a watch says of one Set-Cookie in an answer to a request for `http://www.shop.test/`. */
function judge(
  watch: Watch<WatchedAnswer>,
  cookie: string,
  { inbound = {}, settings = sticky, around = {} }: Given = {},
): string | undefined {
  const routes = settings.members.map(({ route }) => route);
  const request = {
    inbound: {
      headers: [],
      host: 'www.shop.test',
      mountPath: '',
      protocol: 'http',
      trusted: false,
      parsedCookies: undefined,
      ...inbound,
    },
  };
  const reply = { status: 200, reason: 'OK', headers: ['Set-Cookie', cookie] };
  return watch.judge({ reply, request, member: settings.members[0]! } as unknown as WatchedAnswer, {
    settings,
    findSession,
    hasRoute: (route) => routes.includes(route),
    wasRoute: () => false,
    isDiscovering: () => false,
    now: () => nowMs,
    ...around,
  });
}

const forwarded = (...fields: string[]) => ({ headers: fields });

describe('a cookie of another domain', () => {
  test.each<[string, Given]>([
    ['SID=1; Domain=intern.test', {}],
    ['SID=1; Domain=hop.test', {}],
    ['SID=1; Domain=www.shop.test.evil.test', {}],
    // The last one counts.
    ['SID=1; Domain=shop.test; domain=intern.test', {}],
    ['SID=1; Domain=0.0.1', { inbound: { host: '127.0.0.1' } }],
    ['SID=1; Domain=intern.test', { inbound: { host: '[::1]:8080' } }],
    [
      'SID=1; Domain=intern.test',
      { inbound: { host: 'proxy', trusted: true, ...forwarded('X-Forwarded-Host', 'www.shop.test') } },
    ],
  ])('%s is warned of', (cookie, given) => {
    expect(judge(watchDomain, cookie, given)).toContain('browsers drop it');
  });

  test.each<[string, Given]>([
    ['SID=1', {}],
    ['SID=1; Domain=', {}],
    ['SID=1; Domain=www.shop.test', {}],
    ['SID=1; Domain=.SHOP.test', {}],
    ['other=1; Domain=intern.test', {}],
    [
      'SID=1; Domain=shop.test',
      {
        inbound: {
          host: 'proxy:80',
          trusted: true,
          ...forwarded('X-Forwarded-Host', 'www.shop.test:443, proxy'),
        },
      },
    ],
    // Nobody knows what the browser has asked for.
    [
      'SID=1; Domain=shop.test',
      { inbound: { host: 'proxy', ...forwarded('X-Forwarded-Host', 'www.shop.test') } },
    ],
    [
      'SID=1; Domain=shop.test',
      { inbound: { host: 'proxy', ...forwarded('Forwarded', 'host=www.shop.test') } },
    ],
    ['SID=1; Domain=shop.test', { inbound: { host: undefined } }],
    // A health check from outside asks by address.
    ['SID=1; Domain=shop.test', { inbound: { host: '10.0.0.5' } }],
    // It takes the cookie away.
    ['SID=; Domain=intern.test', {}],
  ])('%s is not', (cookie, given) => {
    expect(judge(watchDomain, cookie, given)).toBeUndefined();
  });
});

describe('a cookie of another path', () => {
  test.each<[string, string]>([
    ['SID=1; Path=/old', '/shop'],
    ['SID=1; Path=/sho', '/shop'],
    ['SID=1; Path=/shopping', '/shop'],
  ])('%s below %s is warned of', (cookie, mountPath) => {
    expect(judge(watchCookiePath, cookie, { inbound: { mountPath } })).toContain(
      'browsers do not send it there',
    );
  });

  test.each<[string, Partial<Inbound>]>([
    ['SID=1', { mountPath: '/shop' }],
    ['SID=1; Path=/', { mountPath: '/shop' }],
    ['SID=1; Path=/shop/', { mountPath: '/shop' }],
    ['SID=1; Path=/shop', { mountPath: '/shop/eu' }],
    ['SID=1; Path=/shop/admin', { mountPath: '/shop' }],
    ['SID=1; Path=nonsense', { mountPath: '/shop' }],
    ['SID=1; Path=/old', { mountPath: '' }],
    // A proxy in front has taken it off.
    ['SID=1; Path=/eu/shop', { mountPath: '/shop', ...forwarded('X-Forwarded-Prefix', '/eu') }],
  ])('%s below %j is not', (cookie, inbound) => {
    expect(judge(watchCookiePath, cookie, { inbound })).toBeUndefined();
  });
});

describe('a cookie for https', () => {
  test.each<[string, Partial<Inbound>]>([
    ['SID=1; Secure', {}],
    ['SID=1; SameSite=None; secure', {}],
    ['SID=1; SameSite=none', { protocol: 'https' }],
  ])('%s by %j is warned of', (cookie, inbound) => {
    expect(judge(watchSecure, cookie, { inbound })).toContain('browsers drop it');
  });

  test.each<[string, Partial<Inbound>]>([
    ['SID=1', {}],
    ['SID=1; Secure', { protocol: 'https' }],
    ['SID=1; SameSite=None; Secure', { protocol: 'https' }],
    ['SID=1; SameSite=Lax', {}],
    // Browsers take this machine for safe.
    ['SID=1; Secure', { host: 'localhost:8080' }],
    ['SID=1; Secure', { host: '127.0.0.1:8080' }],
    ['SID=1; Secure', { host: '[::1]' }],
    // Whether that is to be believed is another question.
    ['SID=1; Secure', forwarded('X-Forwarded-Proto', 'https')],
  ])('%s by %j is not', (cookie, inbound) => {
    expect(judge(watchSecure, cookie, { inbound })).toBeUndefined();
  });
});

describe('a cookie without a route', () => {
  const by = (options: Parameters<typeof build>[0]): Given => ({
    settings: build({
      members: sticky.members.map(({ url, route }) => ({ url, route: route! })),
      stickysession: 'SID',
      ...options,
    }),
  });

  test.each<[string, Given, string]>([
    ['SID=4711', {}, 'there is no route in it'],
    ['SID=4711.', {}, 'there is no route in it'],
    ['SID=4711.app9', {}, "is 'app9'"],
    ['SID=4711!app1', {}, 'there is no route in it'],
    ['SID=4711.app1', by({ stickysessionsep: '!' }), 'there is no route in it'],
    ['SID=4711.app1.x', {}, "is 'app1.x'"],
    ['SID=s%3A4711.signature', {}, "is 'signature'"],
    ['SID=4711.app9', by({ compat: 'httpd' }), "is 'app9'"],
  ])('%s is warned of', (cookie, given, words) => {
    expect(judge(watchCookieRoute, cookie, given)).toContain(words);
  });

  test.each<[string, Given]>([
    ['SID=4711.app1', {}],
    ['SID="4711.app2"; HttpOnly', {}],
    ['SID=4711%2Eapp2', {}],
    ['SID=4711!app2', by({ routeregex: /!(.*)$/ })],
    ['SID=app2', by({ stickysessionsep: 'Off' })],
    ['SID=4711.x.app2', by({ separatorMatch: 'last' })],
    ['SID=4711', by({ routeCookie: true })],
    ['other=4711', {}],
    // A logout.
    ['SID=', {}],
    ['SID=4711; Max-Age=0', {}],
    ['SID=4711; Expires=Thu, 01 Jan 1970 00:00:00 GMT', {}],
    // The member was taken away while it answered.
    ['SID=4711.app9', { around: { wasRoute: (route) => route === 'app9' } }],
    ['SID=4711.app9', { around: { isDiscovering: () => true } }],
    // The app's cookie-parser takes the signature off.
    ['SID=s%3A4711.app1.signature', { inbound: { parsedCookies: { cookies: {}, signedCookies: {} } } }],
    // One member has all sessions.
    [
      'SID=4711',
      { settings: build({ stickysession: 'SID', members: [{ url: 'http://a.test', route: 'app1' }] }) },
    ],
  ])('%s is not', (cookie, given) => {
    expect(judge(watchCookieRoute, cookie, given)).toBeUndefined();
  });

  test('tells of something long only how it begins: it may be a session', () => {
    const words = judge(watchCookieRoute, `SID=x.${'secret'.repeat(20)}`);
    expect(words).toContain("is 'secr…'");
  });
});

describe('a Set-Cookie is read as browsers do', () => {
  test.each([
    ['a=b=c ; Path=/x; PATH=/y ;Secure', { name: 'a', value: 'b=c', path: '/y', isSecure: true }],
    [
      'a=b; Domain=.X.test; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      { domain: 'x.test', isRemoval: false },
    ],
    ['a=b; Max-Age=-1', { isRemoval: true }],
    ['a=b; Max-Age=soon; Expires=nonsense', { isRemoval: false }],
    ['a=b; Expires=Fri, 02 Jan 2026 00:00:00 GMT', { isRemoval: false }],
    ['a=""', { isRemoval: true }],
  ])('%s', (text, expected) => {
    expect(readSetCookie(text, nowMs)).toMatchObject(expected);
  });

  test.each(['', 'nonsense', '=b', '; Path=/'])('%j is none', (text) => {
    expect(readSetCookie(text, nowMs)).toBeUndefined();
  });
});

test.each<[Partial<Inbound>, string | undefined]>([
  [{ host: 'Shop.test:8080' }, 'shop.test'],
  [{ host: '[2001:DB8::1]:80' }, '2001:db8::1'],
  [{ host: '' }, ''],
])('the host of %j is %s', (inbound, host) => {
  expect(publicHostOf({ headers: [], trusted: false, ...inbound } as unknown as Inbound)).toBe(host);
});
