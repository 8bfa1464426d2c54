import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Inbound } from '../../../src/request/inbound.ts';
import { compileRewriteSetCookie, type CookieSettings } from '../../../src/rewrite/set-cookie.ts';
import { createInbound, createMember } from './support.ts';

function rewrite(
  cookie: string,
  settings: CookieSettings,
  url: string,
  facts: Partial<Inbound> = {},
): string {
  const members = [createMember(url), createMember('http://other.internal:81/')];
  return compileRewriteSetCookie(settings, members)!(cookie, createInbound(facts), members[0]!);
}

// Reference 15.8. Where ours differs: prefixes end at a boundary and only they are replaced, names are whole.
describe('by table', () => {
  const domains = [
    ['backend.example', 'public.example'],
    ['internal.local', '.pub.example'],
    ['gone.local', ''],
  ] as const;
  const paths = [
    ['/', '/mirror/foo/'],
    ['/app', '/m2'],
  ] as const;
  const settings: CookieSettings = { cookieDomain: domains, cookiePath: paths };
  test.each([
    ['C1', 'a=1; Path=/', 'a=1; Path=/mirror/foo/'],
    ['C2 N, the first rule though a later is longer', 'a=1; path=/app/x', 'a=1; path=/mirror/foo/app/x'],
    [
      'C3 N',
      'a=1; Domain=backend.example; Path=/x; HttpOnly',
      'a=1; Domain=public.example; Path=/mirror/foo/x; HttpOnly',
    ],
    ['C4 N', 'a=1; domain=.backend.example', 'a=1; domain=public.example'],
    ['C5', 'a=1; domain=BACKEND.EXAMPLE', 'a=1; domain=public.example'],
    ['C5 N', 'a=1; domain=backend.example.org', 'a=1; domain=backend.example.org'],
    ['C6', 'a=1; domain=internal.local', 'a=1; domain=.pub.example'],
    ['an empty name removes it', 'a=1; domain=gone.local; Secure', 'a=1; Secure'],
    ['C7', 'a=1', 'a=1'],
    ['C7', 'a=1; path=foo', 'a=1; path=foo'],
    ['C7 differs: quotes', 'a=1; path="/"', 'a=1; path="/mirror/foo/"'],
    ['C7 differs: blanks', 'a=1; Path = /', 'a=1; Path = /mirror/foo/'],
    ['C8 N', 'a=1; Path=/; Path=/b', 'a=1; Path=/; Path=/mirror/foo/b'],
    ['C9 differs: blanks stay', 'a=1; PATH=/ ;x', 'a=1; PATH=/mirror/foo/ ;x'],
    ['a value is no attribute', 'path=/; x', 'path=/; x'],
  ])('%s: %s becomes %s', (_, cookie, expected) => {
    expect(rewrite(cookie, settings, 'http://backend.example/app')).toBe(expected);
  });

  test.each([
    ['/app', '/m2'],
    ['/app/', '/m2'],
    ['/app/x', '/m2/x'],
    ['/application', '/application'],
    ['/up/x', '/x'],
    ['/other', '/other'],
  ])('path %s becomes %s', (path, expected) => {
    const table = {
      cookieDomain: false,
      cookiePath: [
        ['/app/', '/m2'],
        ['/up', '/'],
      ],
    } as const;
    expect(rewrite(`a=1; Path=${path}`, table, 'http://b/')).toBe(`a=1; Path=${expected}`);
  });
});

describe('derived', () => {
  const derived: CookieSettings = { cookieDomain: true, cookiePath: true };

  test.each<[string, string, string, Partial<Inbound>]>([
    ['a member’s own name goes', 'a=1; Domain=app.internal; Secure', 'a=1; Secure', {}],
    ['with a dot and in another case too', 'a=1;domain = .APP.internal', 'a=1', {}],
    ['any member’s', 'a=1; Domain=other.internal', 'a=1', {}],
    ['every one of them, lest an earlier one count', 'a=1; Domain=x.example; Domain=app.internal', 'a=1', {}],
    ['an empty one behind it does not hide it', 'a=1; Domain=app.internal; Domain=', 'a=1; Domain=', {}],
    [
      'the last one counts',
      'a=1; Domain=app.internal; Domain=x.example',
      'a=1; Domain=app.internal; Domain=x.example',
      {},
    ],
    ['the public host’s stays', 'a=1; Domain=front.example', 'a=1; Domain=front.example', {}],
    ['so does a name that it lies within', 'a=1; Domain=.example', 'a=1; Domain=.example', {}],
    [
      'even if it is a member’s',
      'a=1; Domain=app.internal',
      'a=1; Domain=app.internal',
      { host: 'www.App.internal:80' },
    ],
    ['or the host itself', 'a=1; Domain=app.internal', 'a=1; Domain=app.internal', { host: 'app.internal' }],
    ['not if only the letters are alike', 'a=1; Domain=app.internal', 'a=1', { host: 'myapp.internal' }],
    ['not for an address', 'a=1; Domain=app.internal', 'a=1', { host: '[::1]:80' }],
    ['not for a client without Host', 'a=1; Domain=app.internal', 'a=1', { host: undefined }],
    ['a longer name stays', 'a=1; Domain=x.app.internal', 'a=1; Domain=x.app.internal', {}],
    [
      'both attributes change at once',
      'a=1; Path=/x; Domain=app.internal; b',
      'a=1; Path=/p/x; b',
      { mountPath: '/p' },
    ],
    ['in either order', 'a=1; Domain=app.internal; Path=/x', 'a=1; Path=/p/x', { mountPath: '/p' }],
  ])('domain, %s: %s becomes %s', (_, cookie, expected, facts) => {
    expect(rewrite(cookie, derived, 'http://app.internal/', facts)).toBe(expected);
  });

  test.each([
    ['', '', '/', '/'],
    ['', '', '/x', '/x'],
    ['', '/p', '/', '/p'],
    ['', '/p', '/x', '/p/x'],
    ['', '/p', '/p/x', '/p/x'],
    ['', '/p', '/p', '/p'],
    ['', '/p', '/px', '/p/px'],
    ['/media', '/static', '/media', '/static'],
    ['/media', '/static', '/media/', '/static'],
    ['/media', '/static', '/media/x', '/static/x'],
    ['/media', '/static', '/mediator', '/mediator'],
    ['/media', '/static', '/', '/'],
    ['/media', '', '/media', '/'],
    ['/media', '', '/media/', '/'],
    ['/media', '/media', '/media/x', '/media/x'],
    ['', '/p;x=1', '/x', '/x'],
    ['', '/p', 'foo', 'foo'],
  ])('path, base %j at %j: %s becomes %s', (base, mountPath, path, expected) => {
    expect(rewrite(`a=1; path=${path}`, derived, `http://b${base}`, { mountPath })).toBe(
      `a=1; path=${expected}`,
    );
  });

  // RFC 6265bis 4.1.3.2: with another path browsers would drop it.
  test.each([
    ['__Host-a=1; Path=/; Secure', '__Host-a=1; Path=/; Secure'],
    ['__host-a=1; Path=/; Secure', '__host-a=1; Path=/; Secure'],
    ['__Secure-a=1; Path=/; Secure', '__Secure-a=1; Path=/p; Secure'],
    ['a=__Host-; Path=/', 'a=__Host-; Path=/p'],
  ])('a name that is for the whole host keeps its path: %s becomes %s', (cookie, expected) => {
    expect(rewrite(cookie, derived, 'http://b', { mountPath: '/p' })).toBe(expected);
  });

  test('either can be off by itself, and both', () => {
    const cookie = 'a=1; Domain=b; Path=/x';
    const facts = { mountPath: '/p' };
    expect(rewrite(cookie, { cookieDomain: false, cookiePath: true }, 'http://b', facts)).toBe(
      'a=1; Domain=b; Path=/p/x',
    );
    expect(rewrite(cookie, { cookieDomain: true, cookiePath: false }, 'http://b', facts)).toBe(
      'a=1; Path=/x',
    );
    expect(compileRewriteSetCookie({ cookieDomain: false, cookiePath: false }, [])).toBeUndefined();
  });
});

// A member chooses how long its heads are, and everybody else waits while one is read.
describe('of megabytes takes no longer than reading it', () => {
  const much = 'x'.repeat(4_000_000);
  const many = 50_000;
  const own = 'Domain=app.internal;'.repeat(many);

  test.each<[what: string, cookie: string, expected: string]>([
    ['nothing but semicolons', `a=1${';'.repeat(4_000_000)}`, `a=1${';'.repeat(4_000_000)}`],
    ['the member’s own Domain, again and again', `a=1;${own}${much}`, `a=1;${much}`],
    [
      'both, and what stays between them',
      `a=1;${'Domain=app.internal;b;Path=/x;'.repeat(many)}${much}`,
      `a=1;${'b;Path=/x;'.repeat(many - 1)}b;Path=/p/x;${much}`,
    ],
  ])('%s', async (_what, cookie, expected) => {
    const derived: CookieSettings = { cookieDomain: true, cookiePath: true };
    const rewritten = rewrite(cookie, derived, 'http://app.internal/', { mountPath: '/p' });
    expect(rewritten === expected).toBe(true);
    // Jest's own limit is looked at between two turns of the loop only.
    await turn();
    await turn();
  });
});

describe('below the members’ own paths', () => {
  const derived: CookieSettings = { cookieDomain: true, cookiePath: true };
  test.each([
    ['a=1; Path=/base/store', 'a=1; Path=/shop'],
    ['a=1; Path=/base/store/cart', 'a=1; Path=/shop/cart'],
    ['a=1; Path=/base', 'a=1; Path=/base'],
    ['a=1; Path=/base/stores', 'a=1; Path=/base/stores'],
  ])('%s becomes %s', (cookie, expected) => {
    const facts = { mountPath: '/shop', memberPath: '/store' };
    expect(rewrite(cookie, derived, 'http://backend.example/base/', facts)).toBe(expected);
  });
});
