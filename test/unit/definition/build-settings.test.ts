import { describe, expect, jest, test } from '@jest/globals';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import type { BalancerDefinition, HashKey } from '../../../src/definition/definition.ts';
import type { Settings } from '../../../src/definition/settings.ts';
import { build } from './support.ts';

describe('the settings of a balancer', () => {
  test('have every default', () => {
    const { members, errorOverride, logger, ...rest } = build();
    expect(rest).toEqual({
      name: 'balancer',
      compat: undefined,
      lbmethod: 'byrequests',
      hashKey: 'ip',
      hashBalance: 1.25,
      ejection: undefined,
      holdMs: 0,
      queueLength: 1000,
      queueTimeoutMs: 10_000,
      resolver: [],
      serverTiming: false,
      sticky: undefined,
      routeCookie: undefined,
      nofailover: false,
      maxattempts: undefined,
      waitMs: 0,
      deadlineMs: undefined,
      failonstatus: new Set(),
      failontimeout: false,
      forcerecovery: true,
      failover: { status: new Set(), methods: new Set(), idempotencyKey: undefined },
      replayBytes: 65_536,
      exclude: [],
      pathRewrite: undefined,
      proxypreservehost: false,
      xForwarded: true,
      forwarded: false,
      trustProxy: undefined,
      proxyvia: 'Off',
      proxymaxforwards: -1,
      pseudonym: 'front+balancer+1a2b',
      reverse: true,
      reverseUrls: [],
      reverseTable: [],
      cookieDomain: true,
      cookiePath: true,
      upgrade: new Set(['websocket']),
      upgradeTimeoutMs: undefined,
      httpProxyMiddleware: undefined,
      silenced: new Set(),
    });
    expect(members).toHaveLength(1);
    expect([399, 400, 503].map(errorOverride)).toEqual([false, false, false]);
    expect(logger).toBe(console);
  });

  test.each<[Partial<BalancerDefinition>, object]>([
    [
      { timeout: 2, deadline: '1m', upgradeTimeout: 1.5 },
      { waitMs: 2000, deadlineMs: 60_000, upgradeTimeoutMs: 1500 },
    ],
    [
      { hold: '90s', queueLength: 0, queueTimeout: 2, memberDefaults: { max: 1 }, serverTiming: true },
      { holdMs: 90_000, queueLength: 0, queueTimeoutMs: 2000, serverTiming: true },
    ],
    [
      { lbmethod: 'byhash', hashKey: { cookie: 'user' }, hashBalance: false },
      { lbmethod: 'byhash', hashKey: { cookie: 'user' }, hashBalance: Infinity },
    ],
    [
      { ejection: true },
      {
        ejection: {
          consecutive: 5,
          rate: 0.5,
          windowMs: 30_000,
          minRequests: 20,
          maxEjected: 0.5,
          timeMs: 30_000,
        },
      },
    ],
    [
      { ejection: { rate: false, window: 5, minRequests: 3, maxEjected: 1, time: '1m' } },
      {
        ejection: {
          consecutive: 5,
          rate: Infinity,
          windowMs: 5000,
          minRequests: 3,
          maxEjected: 1,
          timeMs: 60_000,
        },
      },
    ],
    [{ ejection: { consecutive: false } }, { ejection: { consecutive: Infinity, rate: 0.5 } }],
    [{ ejection: false }, { ejection: undefined }],
    [
      { resolver: '10.0.0.2', members: [{ url: 'http://a', route: 'a', resolve: 'A' }] },
      { resolver: ['10.0.0.2'] },
    ],
    [{ failonstatus: 503 }, { failonstatus: new Set([503]) }],
    [{ failonstatus: [500, 503] }, { failonstatus: new Set([500, 503]) }],
    [
      { failoverOn: [502, 503] },
      { failover: { status: new Set([502, 503]), methods: new Set(), idempotencyKey: undefined } },
    ],
    [
      { failoverOn: { methods: ['POST'], idempotencyKey: true } },
      { failover: { status: new Set(), methods: new Set(['POST']), idempotencyKey: 'idempotency-key' } },
    ],
    [
      { failoverOn: { idempotencyKey: 'X-Once' } },
      { failover: { status: new Set(), methods: new Set(), idempotencyKey: 'x-once' } },
    ],
    [
      { failoverOn: { idempotencyKey: false } },
      { failover: { status: new Set(), methods: new Set(), idempotencyKey: undefined } },
    ],
    [{ exclude: '/a' }, { exclude: ['/a'] }],
    [{ exclude: ['/a', /b/i] }, { exclude: ['/a', /b/i] }],
    [{ pathRewrite: { '^/a': '/b' } }, { pathRewrite: { '^/a': '/b' } }],
    [{ proxyaddheaders: false }, { xForwarded: false, forwarded: false }],
    [{ proxyaddheaders: 'x-forwarded' }, { xForwarded: true, forwarded: false }],
    [{ proxyaddheaders: 'forwarded' }, { xForwarded: false, forwarded: true }],
    [{ proxyaddheaders: 'both' }, { xForwarded: true, forwarded: true }],
    [{ proxypassreverse: false }, { reverse: false, reverseUrls: [] }],
    [
      { proxypassreverse: ['http://old/'] },
      { reverse: true, reverseUrls: ['http://old/'], reverseTable: [] },
    ],
    [
      { proxypassreverse: { 'http://old/': '/b/', '/x': '/a' } },
      {
        reverse: true,
        reverseUrls: [],
        reverseTable: [
          ['http://old/', '/b/'],
          ['/x', '/a'],
        ],
      },
    ],
    [
      { compat: 'httpd', proxymaxforwards: 10 },
      { compat: 'httpd', proxymaxforwards: 10 },
    ],
    [
      { proxypassreversecookiedomain: { b: 'x', a: 'y' }, proxypassreversecookiepath: false },
      {
        cookieDomain: [
          ['b', 'x'],
          ['a', 'y'],
        ],
        cookiePath: false,
      },
    ],
    [
      { lbmethod: 'byhash', hashKey: { header: undefined, cookie: 'user' } as unknown as HashKey },
      { hashKey: { cookie: 'user' } },
    ],
    [{ upgrade: false }, { upgrade: new Set() }],
    [{ upgrade: ['WebSocket', 'any'] }, { upgrade: new Set(['websocket', '*']) }],
    [{ httpProxyMiddleware: { changeOrigin: true } }, { httpProxyMiddleware: { changeOrigin: true } }],
    [
      { nofailover: true, routeCookie: true, maxattempts: 0, replayBytes: 0 },
      { nofailover: true, maxattempts: 0, replayBytes: 0 },
    ],
  ])('for %j', (definition, settings) => {
    expect(build(definition)).toMatchObject(settings);
  });

  test.each<[Partial<BalancerDefinition>, Settings['sticky']]>([
    [
      { stickysession: 'sid' },
      {
        cookie: 'sid',
        parameter: 'sid',
        separator: '.',
        separatorMatch: 'first',
        routeregex: undefined,
        scolonpathdelim: false,
      },
    ],
    [
      { stickysession: ' JSESSIONID | jsessionid ', stickysessionsep: 'Off', scolonpathdelim: true },
      {
        cookie: 'JSESSIONID',
        parameter: 'jsessionid',
        separator: undefined,
        separatorMatch: 'first',
        routeregex: undefined,
        scolonpathdelim: true,
      },
    ],
    [
      { stickysession: 'sid', stickysessionsep: '!', separatorMatch: 'last', routeregex: /!(.*)$/ },
      {
        cookie: 'sid',
        parameter: 'sid',
        separator: '!',
        separatorMatch: 'last',
        routeregex: /!(.*)$/,
        scolonpathdelim: false,
      },
    ],
  ])('bind sessions for %j', (definition, sticky) => {
    expect(build(definition).sticky).toEqual(sticky);
  });

  test("have the balancer's cookie with its defaults", () => {
    expect(build({ routeCookie: true }).routeCookie).toEqual({
      name: 'ROUTEID',
      prefix: '',
      secrets: [],
      path: undefined,
      secure: 'auto',
      attributes: { httpOnly: true, sameSite: 'lax' },
    });
    const expires = new Date(0);
    expect(
      build({
        routeCookie: {
          name: 'R',
          secret: 's',
          path: '/x',
          secure: true,
          httpOnly: false,
          sameSite: 'none',
          expires,
          maxAge: 5000,
        },
      }).routeCookie,
    ).toEqual({
      name: 'R',
      prefix: '',
      secrets: ['s'],
      path: '/x',
      secure: true,
      attributes: { httpOnly: false, sameSite: 'none', expires, maxAge: 5000 },
    });
    expect(build({ routeCookie: { secret: ['new', 'old'] } }).routeCookie?.secrets).toEqual(['new', 'old']);
    expect(build({ routeCookie: false }).routeCookie).toBeUndefined();
  });

  test('say whose forwarding headers are believed', () => {
    expect(build({ trustProxy: true }).trustProxy?.('1.2.3.4')).toBe(true);
    expect(build({ trustProxy: false }).trustProxy?.('1.2.3.4')).toBe(false);
    const trustProxy = (address: string): boolean => address === '::1';
    expect(build({ trustProxy }).trustProxy).toBe(trustProxy);
  });

  test('say which answers become errors', () => {
    expect([200, 399, 400, 599].map(build({ proxyerroroverride: true }).errorOverride)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([404, 500, 503].map(build({ proxyerroroverride: [404, 503] }).errorOverride)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('name the balancer in Via by a token that no other balancer of the machine has', () => {
    const nameOf = (name: string, hostname: string): string => build({ name }, hostname).pseudonym;
    expect(nameOf('app-balancer', 'web1.example')).toBe('web1.example+app-balancer+1a2b');
    const names = ['a b', 'a-b', 'a(b)', 'ä', 'a/b', 'a+b', 'a,b'].map((name) => nameOf(name, 'Büro (1)'));
    expect(new Set(names).size).toBe(7);
    for (const name of names) expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
  });

  test('have a logger that is silent where none is wanted', () => {
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    expect(build({ logger }).logger).toBe(logger);
    const { logger: silent } = build({ logger: false });
    expect(silent).not.toBe(console);
    silent.info('x');
    silent.warn('x');
    silent.error('x');
  });

  test('are frozen throughout, and leave what is the user’s as it was', () => {
    const ca = Buffer.from('x');
    const definition: BalancerDefinition = {
      members: [
        {
          url: 'https://a',
          route: 'a',
          tls: { ca: [ca] },
          resolve: 'A',
          hcmethod: 'GET',
          hcheaders: { A: 'b' },
          hcexpect: { status: [200], body: /z/ },
          warmUp: ['/w'],
        },
      ],
      lbmethod: 'byhash',
      hashKey: { header: 'x-user' },
      ejection: { consecutive: 1 },
      resolver: ['10.0.0.2'],
      stickysession: 'sid',
      routeregex: /x/,
      routeCookie: { secret: ['s'] },
      exclude: [/y/],
      pathRewrite: { a: 'b' },
      proxypassreverse: ['/x'],
      proxypassreversecookiepath: { '/a': '/b' },
      httpProxyMiddleware: { headers: { a: 'b' } },
      logger: { info: jest.fn(), warn: jest.fn(), error: jest.fn() },
    };
    const settings = buildSettings(definition, { hostname: 'front', instance: '1a2b' });
    const { sticky, routeCookie, members, exclude, httpProxyMiddleware } = settings;
    const ours: readonly unknown[] = [
      settings,
      sticky,
      routeCookie,
      routeCookie?.secrets,
      routeCookie?.attributes,
      members,
      members[0],
      members[0]?.tls,
      members[0]?.tls?.ca,
      members[0]?.definition,
      members[0]?.health,
      members[0]?.health?.request,
      members[0]?.health?.headers,
      members[0]?.health?.headers[0],
      members[0]?.health?.warmUp,
      settings.hashKey,
      settings.ejection,
      settings.resolver,
      settings.failover,
      exclude,
      settings.pathRewrite,
      settings.reverseUrls,
      settings.cookiePath,
      (settings.cookiePath as readonly unknown[])[0],
      httpProxyMiddleware,
    ];
    expect(ours.map((each) => typeof each === 'object' && Object.isFrozen(each))).toEqual(
      ours.map(() => true),
    );
    const theirs: readonly unknown[] = [definition, ...Object.values(definition), definition.members[0], ca];
    expect(theirs.filter((each) => typeof each === 'object' && Object.isFrozen(each))).toEqual([]);
    expect(sticky?.routeregex).not.toBe(definition.routeregex);
    expect((members[0]?.tls?.ca as Buffer[])[0]).toBe(ca);
    expect(httpProxyMiddleware?.headers).toBe(definition.httpProxyMiddleware?.headers);
  });
});
