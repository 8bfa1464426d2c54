import { describe, expect, test } from '@jest/globals';
import { readDefinition } from '../../../../src/definition/check-definition.ts';
import type { RouteCookie } from '../../../../src/definition/definition.ts';
import type { RouteCookieSettings, StickySettings } from '../../../../src/definition/settings.ts';
import type { Argument, Directive } from '../../../../src/httpd-conf/syntax/directive.ts';
import { readHeaderCookie, type HeaderCookie } from '../../../../src/httpd-conf/translate/header-cookie.ts';
import { bindSession } from '../../../../src/request/bind-session.ts';
import type { Inbound } from '../../../../src/request/inbound.ts';
import { compileFindHttpdSession } from '../../../../src/request/httpd-session.ts';
import { findSession } from '../../../../src/request/session.ts';

const place = { file: 'httpd.conf', line: 1 };

function toArgument(text: string): Argument {
  return { text, place, column: 1, length: text.length, lineText: text };
}

/** A directive from a line, as the syntax reads it: quotes taken away. */
function parse(line: string): Directive {
  const [name = '', ...args] = Array.from(line.matchAll(/"((?:\\"|[^"])*)"|(\S+)/g), (match) =>
    (match[1] ?? match[2]!).replaceAll('\\"', '"'),
  );
  const head = toArgument(name);
  return {
    kind: 'directive',
    name,
    key: name.toLowerCase(),
    args: args.map(toArgument),
    text: line,
    place,
    head,
  };
}

type Cookie = Extract<HeaderCookie, { kind: 'cookie' }>;

function readCookie(line: string, compat?: 'httpd'): Cookie {
  const read = readHeaderCookie(parse(line), { compat });
  if ('kind' in read && read.kind === 'cookie') return read;
  throw new Error(`${line}: ${JSON.stringify(read)}`);
}

const changed = 'env=BALANCER_ROUTE_CHANGED';
const recipe = `Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" ${changed}`;

describe('the recipe', () => {
  test.each<[string, string, RouteCookie]>([
    [recipe, '.', { name: 'ROUTEID', path: '/' }],
    [`header always ADD set-cookie "SRV=.%{BALANCER_WORKER_ROUTE}e" ${changed}`, '.', { name: 'SRV' }],
    [
      `Header onsuccess set Set-Cookie: "R=sess.%{BALANCER_WORKER_ROUTE}e" ${changed}`,
      'sess.',
      { name: 'R' },
    ],
    [`Header append Set-Cookie "R=%{BALANCER_WORKER_ROUTE}e;" ${changed}`, '', { name: 'R' }],
    [`Header merge Set-Cookie "R=100%%.%{BALANCER_WORKER_ROUTE}e" ${changed}`, '100.', { name: 'R' }],
    [`Header add Set-Cookie "R=%{UNIQUE_ID}e.%{BALANCER_WORKER_ROUTE}e" ${changed}`, '.', { name: 'R' }],
    [
      `Header add Set-Cookie "R=\\".%{BALANCER_WORKER_ROUTE}e\\"; Path=/a" ${changed}`,
      '.',
      { name: 'R', path: '/a' },
    ],
    [
      `Header add Set-Cookie "expr=R=.%{env:BALANCER_WORKER_ROUTE}; path=/" ${changed}`,
      '.',
      { name: 'R', path: '/' },
    ],
    [`Header add Set-Cookie "expr=R=.%{reqenv:BALANCER_WORKER_ROUTE}" ${changed}`, '.', { name: 'R' }],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; Domain=.example.com; Max-Age=3600; HttpOnly; Secure; SameSite=None" ${changed}`,
      '.',
      {
        name: 'R',
        domain: '.example.com',
        maxAge: 3_600_000,
        httpOnly: true,
        secure: true,
        sameSite: 'none',
      },
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e;expires=Fri, 01 Jan 2100 00:00:00 GMT;partitioned;priority=High" ${changed}`,
      '.',
      { name: 'R', expires: new Date('2100-01-01T00:00:00Z'), partitioned: true, priority: 'high' },
    ],
  ])('%s', (line, prefix, routeCookie) => {
    expect(readCookie(line).routeCookie).toEqual(prefix === '' ? routeCookie : { ...routeCookie, prefix });
  });

  test.each([
    [recipe, { name: 'ROUTEID', path: '/', httpOnly: false, sameSite: false, secure: false }],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly; Secure; SameSite=Strict" ${changed}`,
      { name: 'R', path: '/', httpOnly: true, sameSite: 'strict', secure: true },
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; SameSite=None" ${changed}`,
      { name: 'R', path: '/', httpOnly: false, sameSite: 'none' },
    ],
    [
      `Header add Set-Cookie "__Host-R=.%{BALANCER_WORKER_ROUTE}e; path=/" ${changed}`,
      { name: '__Host-R', path: '/', httpOnly: false, sameSite: false },
    ],
  ])('with compat, %s has the attributes that are written', (line, routeCookie) => {
    expect(readCookie(line, 'httpd').routeCookie).toEqual({ ...routeCookie, prefix: '.' });
  });

  test.each([undefined, 'httpd' as const])('makes what a definition takes (compat %s)', (compat) => {
    const lines = [
      recipe,
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=x y; domain=a:80; Max-Age=0; Max-Age=x; SameSite=Off; Expires=never; Version=1; SameSite=%{S}e" ${changed}`,
      `Header add Set-Cookie "__Secure-R=.%{BALANCER_WORKER_ROUTE}e; Partitioned" ${changed}`,
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; SameSite=None" ${changed}`,
    ];
    for (const line of lines) {
      const { routeCookie } = readCookie(line, compat);
      const members = [{ url: 'http://a', route: '1' }];
      expect(readDefinition({ members, routeCookie })).toMatchObject({ routeCookie });
    }
  });
});

describe('tells the difference', () => {
  test.each<[string, 'httpd' | undefined, string]>([
    [
      recipe,
      undefined,
      'the cookie is also HttpOnly, SameSite=Lax, over https Secure, unless routeCookie says httpOnly: false, sameSite: false, secure: false',
    ],
    [recipe, 'httpd', ''],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly; Secure; SameSite=Lax" ${changed}`,
      undefined,
      '',
    ],
    [
      'Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly"',
      'httpd',
      'without env=BALANCER_ROUTE_CHANGED httpd sends it with every answer',
    ],
    [
      `Header set Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e" ${changed}`,
      'httpd',
      'cookies of members stay, where set would touch them; it is for the mount path, not for the folder of the request',
    ],
    [
      'Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/" env=!HAS_ROUTE',
      'httpd',
      "'env=!HAS_ROUTE' does not decide about it",
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/" "expr=-n reqenv('BALANCER_ROUTE_CHANGED')"`,
      'httpd',
      '',
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/" "expr=-z %{reqenv:BALANCER_ROUTE_CHANGED}"`,
      'httpd',
      "'expr=-z %{reqenv:BALANCER_ROUTE_CHANGED}' does not decide about it",
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; Max-Age=0; Version=1; domain=a:80" ${changed}`,
      'httpd',
      "'Max-Age=0' is left out: the browser would drop the cookie at once; 'Version=1' is left out: browsers know no such attribute; 'domain=a:80' is left out: it must be a domain, without scheme or port",
    ],
    [
      `Header add Set-Cookie "R=%{UNIQUE_ID}e.%{BALANCER_WORKER_ROUTE}e; path=/" ${changed}`,
      'httpd',
      'what httpd puts in before the route is left out, which no route is found by',
    ],
    [
      `Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e; path=/; SameSite=None" ${changed}`,
      'httpd',
      'it is Secure over https, without which browsers refuse it',
    ],
  ])('%s (compat %s)', (line, compat, why) => {
    const read = readCookie(line, compat);
    expect(read.why).toBe(why);
  });
});

describe('is something else', () => {
  test.each([
    ['RequestHeader set X-Forwarded-Proto "https"', 'no Header directive'],
    ['Header always set Strict-Transport-Security "max-age=1"', 'middleware of the app'],
    ['Header set Set-Cookie "a=b"', 'middleware of the app'],
    ['Header unset Set-Cookie', 'middleware of the app'],
    ['Header echo ^TS', 'middleware of the app'],
    ['Header edit Set-Cookie ^(.*)$ $1;HttpOnly;Secure', 'proxypassreversecookiepath'],
    [
      'Header edit* Set-Cookie "(JSESSIONID=[^;]+)" "$1.%{BALANCER_WORKER_ROUTE}e"',
      "a cookie of the balancer's own",
    ],
    ['Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e" early', 'no member is chosen yet'],
    ['Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e" env=!BALANCER_ROUTE_CHANGED', 'write env='],
    ['Header add Set-Cookie "R=.%{BALANCER_WORKER_ROUTE}e.x" env=A', 'behind the route'],
    ['Header add Set-Cookie "R=%{BALANCER_WORKER_ROUTE}e%{BALANCER_WORKER_ROUTE}e" env=A', 'the route once'],
    ['Header add Set-Cookie ".%{BALANCER_WORKER_ROUTE}e" env=A', 'the route once'],
    ['Header add Set-Cookie "R=1; path=/%{BALANCER_WORKER_ROUTE}e" env=A', 'the route once'],
    ['Header add Set-Cookie "R I=.%{BALANCER_WORKER_ROUTE}e" env=A', 'no name of a cookie'],
    [
      'Header add Set-Cookie "__Host-R=.%{BALANCER_WORKER_ROUTE}e; path=/a" env=A',
      "browsers want a __Host- cookie to be for '/', so that nobody would be bound by it; write '/'",
    ],
    ['Header add Set-Cookie "%{N}e=.%{BALANCER_WORKER_ROUTE}e" env=A', 'no name of a cookie'],
  ])('%s', (line, why) => {
    expect(readHeaderCookie(parse(line))).toEqual({ kind: 'other', why: expect.stringContaining(why) });
  });
});

describe('is wrong, so that httpd would not start', () => {
  test.each([
    ['Header', 'it says nothing', 'write add'],
    ['Header always', 'it says nothing', 'write add'],
    ['Header insert Set-Cookie x', "no action 'insert'", 'write add'],
    ['Header add', 'name of the header', 'write Header add Name value'],
    ['Header add Set-Cookie', 'needs a value', 'write Header add Name value'],
    ['Header edit Set-Cookie a', 'needs a value', 'write Header edit Name value value'],
    ['Header add Set-Cookie R=.%{BALANCER_WORKER_ROUTE}e; path=/', "'path=/' is no condition", 'in quotes'],
    ['Header add Set-Cookie a b c', 'more arguments', 'in quotes'],
  ])('%s', (line, problem, advice) => {
    expect(readHeaderCookie(parse(line))).toEqual({
      problem: expect.stringContaining(problem),
      advice: expect.stringContaining(advice),
    });
  });
});

/** The recipe's stickysession reads the same cookie. */
describe("httpd's cookie", () => {
  const sticky: StickySettings = {
    cookie: 'ROUTEID',
    parameter: 'ROUTEID',
    separator: '.',
    separatorMatch: 'first',
    routeregex: undefined,
    scolonpathdelim: false,
  };
  const routeCookie: RouteCookieSettings = {
    name: 'ROUTEID',
    prefix: '.',
    secrets: [],
    path: '/',
    secure: false,
    attributes: {},
  };
  const hasRoute = (route: string): boolean => ['1', '2'].includes(route);

  test.each([
    ['ROUTEID=.2', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=2', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=.9; ROUTEID=.2', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=.9', { route: '9', cookieRoute: '9' }],
    ['a=b', { route: undefined, cookieRoute: undefined }],
  ])('%s binds as with httpd, with stickysession beside it and without', (cookie, expected) => {
    const facts = {
      path: '/',
      pathToMember: '/',
      query: '',
      headers: ['Cookie', cookie],
      parsedCookies: undefined,
    };
    for (const settings of [
      { sticky, routeCookie, compat: undefined },
      { sticky: undefined, routeCookie, compat: undefined },
    ]) {
      // What binds a request is all that is looked at.
      const { route, cookieRoute } = bindSession(
        facts as unknown as Inbound,
        settings,
        findSession,
        hasRoute,
      );
      expect({ route, cookieRoute }).toEqual(expected);
    }
  });

  test.each([
    ['ROUTEID=.2', '', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=2', '', { route: undefined, cookieRoute: undefined }],
    ['ROUTEID=.9; ROUTEID=.2', '', { route: '9', cookieRoute: '9' }],
    ['ROUTEID=x.2', '', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=.1', '?ROUTEID=.2', { route: '2', cookieRoute: '2' }],
    ['ROUTEID=.1', '?ROUTEID=2', { route: undefined, cookieRoute: undefined }],
  ])('%s with %j binds as by stickysession alone in compat', (cookie, query, expected) => {
    const facts = {
      path: '/',
      pathToMember: '/',
      query,
      headers: ['Cookie', cookie],
      parsedCookies: undefined,
    };
    const { route, cookieRoute } = bindSession(
      facts as unknown as Inbound,
      { sticky, routeCookie, compat: 'httpd' },
      compileFindHttpdSession('c'),
      hasRoute,
    );
    expect({ route, cookieRoute }).toEqual(expected);
  });
});
