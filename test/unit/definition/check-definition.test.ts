import { describe, expect, test } from '@jest/globals';
import { printProblem } from '../../../src/definition/problem.ts';
import { linesFor, members, problemsOf, sticky } from './support.ts';

describe('a right definition', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['two members by URL', { members: ['http://static1.site.com/media/', 'http://static2.site.com/media/'] }],
    ["Ape's sessions", { ...sticky, routeregex: /!(.*)$/, separatorMatch: 'last' }],
    [
      "httpd's sessions",
      {
        stickysession: 'JSESSIONID | jsessionid',
        scolonpathdelim: true,
        stickysessionsep: '!',
        nofailover: true,
      },
    ],
    ['a value that is the route', { ...sticky, stickysessionsep: 'Off' }],
    ['a cookie of its own', { routeCookie: true, nofailover: true }],
    [
      'a cookie beside another',
      { ...sticky, routeCookie: { name: '__Host-R', path: '/', secret: ['new', 'old'], secure: true } },
    ],
    ['a cookie switched off', { routeCookie: false, members: ['http://a'] }],
    [
      'all options of the cookie',
      {
        routeCookie: {
          domain: '.example.com',
          path: '/a',
          httpOnly: false,
          sameSite: 'none',
          secure: 'auto',
          maxAge: 60_000,
          expires: new Date(),
          partitioned: true,
          priority: 'high',
          secret: 's',
        },
      },
    ],
    ['times', { timeout: 0, proxytimeout: '500ms', deadline: '24h', upgradeTimeout: 3600 }],
    ['statuses', { failonstatus: 503, proxyerroroverride: [404, 503], failoverOn: [502, 503, 504] }],
    [
      'more statuses',
      {
        failonstatus: [100, 599],
        proxyerroroverride: true,
        failoverOn: { status: [503], methods: ['POST'], idempotencyKey: 'X-Id' },
      },
    ],
    ['paths', { exclude: ['/balancer-manager', /^\/x/i, () => true], pathRewrite: { '^/a': '/b' } }],
    ['functions', { exclude: () => false, pathRewrite: () => '/', trustProxy: () => true }],
    ['headers', { proxypreservehost: true, proxyaddheaders: 'both', proxyvia: 'Block', trustProxy: false }],
    [
      'the way back',
      {
        proxypassreverse: ['http://old:80/x', '/y'],
        proxypassreversecookiedomain: { '.a.internal': 'a.example', b: '' },
        proxypassreversecookiepath: { '/': '/m' },
      },
    ],
    [
      'the way back by table',
      {
        name: 'One',
        proxypassreverse: {
          'http://old:80/x': '/',
          'https://[::1]': 'https://public.example:8443/x/',
          '/y%20z': '/a;b=c',
          'balancer://one': '/o',
          'BALANCER://ONE/sub/': '/s',
        },
      },
    ],
    ['httpd’s letter', { compat: 'httpd', proxypassreverse: { 'balancer://balancer/': '/' } }],
    ['httpd’s letter, with what has no effect then', { compat: 'httpd', proxypassreverse: true }],
    ['hops', { proxymaxforwards: 0 }],
    ['no hops', { proxymaxforwards: -1 }],
    [
      'the way back switched off',
      { proxypassreverse: false, proxypassreversecookiedomain: false, proxypassreversecookiepath: false },
    ],
    ['upgrades', { upgrade: ['websocket', 'chat/1.1'] }],
    ['no upgrades', { upgrade: false }],
    ['any upgrade', { upgrade: 'ANY' }],
    [
      'http-proxy-middleware',
      {
        httpProxyMiddleware: {
          changeOrigin: true,
          on: {},
          hostRewrite: 'x',
          cookieDomainRewrite: '',
          later: 1,
        },
      },
    ],
    ['its Host', { proxypreservehost: true, httpProxyMiddleware: { changeOrigin: false } }],
    ['loggers', { logger: console }],
    ['no logger', { logger: false }],
    [
      'options that are there but undefined',
      { timeout: undefined, stickysession: undefined, memberDefaults: undefined },
    ],
    [
      'numbers',
      {
        maxattempts: 0,
        replayBytes: 67_108_864,
        forcerecovery: false,
        failontimeout: true,
        name: 'a_b',
        lbmethod: 'byrequests',
      },
    ],
    [
      'defaults of members',
      {
        memberDefaults: {
          retry: 0,
          timeout: '1s',
          ttl: 5,
          connectiontimeout: '50ms',
          loadfactor: 1.5,
          lbset: 99,
          status: '+H-E',
        },
      },
    ],
    [
      'two members with one route',
      { ...sticky, members: [...members, { url: 'http://b', route: 'app1', redirect: 'app2', status: 'H' }] },
    ],
    ['one server at two base paths', { members: ['http://a/x', 'http://a/y', 'http://a'] }],
    ['one host at two sockets', { members: ['unix:/a|http://h/', 'unix:/b|http://h/'] }],
    [
      'an addressable member',
      {
        members: [
          {
            url: 'https://[::1]/',
            disablereuse: true,
            keepalive: true,
            responsefieldsize: 8192,
            tls: { servername: 'h', rejectUnauthorized: false },
          },
        ],
      },
    ],
  ])('passes: %s', (_what, options) => {
    expect(linesFor(options)).toEqual([]);
  });
});

describe('a definition', () => {
  test.each([null, undefined, 5, 'http://a', [], () => undefined, Symbol('x')])(
    'is a record: %p is none',
    (value) => {
      expect(problemsOf(value)).toEqual([
        expect.objectContaining({ path: 'definition', advice: "write { members: ['http://host:3000'] }" }),
      ]);
    },
  );

  test('without members is told how to write them', () => {
    expect(problemsOf({}).map(printProblem)).toEqual([
      "members is missing: it must be a list of URLs or of { url, … }; write ['http://host:3000']",
    ]);
  });

  test('is told all its faults at once, wherever they are', () => {
    const paths = problemsOf({
      members: ['x', { url: 'http://a', loadfactor: 0, status: 'x', weigth: 2 }],
      memberDefaults: { retry: -1, route: 'a' },
      timeout: 30_000,
      failoverOn: { status: [1, 503, 2], method: 'POST' },
      routeCookie: { sameSite: 'no', secret: '' },
      stickysesion: 'x',
    }).map(({ path }) => path);
    expect(paths).toEqual([
      'members[0]',
      'members[1].loadfactor',
      'members[1].status',
      'members[1].weigth',
      'memberDefaults.retry',
      'memberDefaults.route',
      'timeout',
      'failoverOn.status[0]',
      'failoverOn.status[2]',
      'failoverOn.method',
      'routeCookie.sameSite',
      'routeCookie.secret',
      'stickysesion',
      'routeCookie',
    ]);
  });
});
