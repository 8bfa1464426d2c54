import { describe, expect, test } from '@jest/globals';
import { buildMember, type MemberContext } from '../../../src/definition/build-member.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import type { MemberDefinition } from '../../../src/definition/member-definition.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { Status } from '../../../src/member/status.ts';
import { build } from './support.ts';

function member(
  definition: string | MemberDefinition,
  more: Partial<BalancerDefinition> = {},
): MemberSettings {
  return build({ ...more, members: [definition] }).members[0]!;
}

describe('the settings of a member', () => {
  test('have every default', () => {
    expect(member('http://App1.site.com/media/')).toEqual({
      name: 'http://App1.site.com/media/',
      url: 'http://app1.site.com/media/',
      origin: 'http://app1.site.com',
      protocol: 'http:',
      hostname: 'app1.site.com',
      port: 80,
      host: 'app1.site.com',
      socketPath: undefined,
      basePath: '/media',
      path: '/media/',
      route: undefined,
      redirect: undefined,
      lbfactor: 100,
      lbset: 0,
      status: 0,
      retryMs: 60_000,
      retryMaxMs: 600_000,
      slowStartMs: 0,
      max: Infinity,
      acquireMs: undefined,
      timeoutMs: 60_000,
      connectTimeoutMs: 60_000,
      ttlMs: undefined,
      disablereuse: false,
      keepalive: false,
      maxHeadBytes: 16_384,
      tls: undefined,
      health: undefined,
      resolve: undefined,
      handler: undefined,
      definition: { url: 'http://App1.site.com/media/' },
      inherited: { parameters: {}, proxytimeoutMs: 60_000 },
    });
  });

  test.each([
    [{ loadfactor: 1.999 }, { lbfactor: 199 }],
    [{ loadfactor: 20.15 }, { lbfactor: 2015 }],
    [{ loadfactor: 100 }, { lbfactor: 10_000 }],
    [{ status: '+H-E' }, { status: Status.hotStandby }],
    [{ status: 'hot-standby, -drain' }, { status: Status.hotStandby }],
    [{ retry: 0 }, { retryMs: 0, retryMaxMs: 0 }],
    [{ retry: 5 }, { retryMs: 5000, retryMaxMs: 50_000 }],
    [{ retry: '596h' }, { retryMaxMs: 2 ** 31 - 1 }],
    [
      { retry: 5, retryMax: 20 },
      { retryMs: 5000, retryMaxMs: 20_000 },
    ],
    [
      { retry: 5, retryMax: false },
      { retryMs: 5000, retryMaxMs: 5000 },
    ],
    [{ slowStart: 30 }, { slowStartMs: 30_000 }],
    [{ max: 3 }, { max: 3, acquireMs: undefined }],
    // httpd's unit for it, and for no other.
    [
      { max: 3, acquire: 200 },
      { max: 3, acquireMs: 200 },
    ],
    [{ max: 3, acquire: '2s' }, { acquireMs: 2000 }],
    [{ max: 3, acquire: 0 }, { acquireMs: 0 }],
    [{ resolve: 'SRV' }, { resolve: 'SRV' }],
    [{ timeout: '5s' }, { timeoutMs: 5000, connectTimeoutMs: 5000 }],
    [
      { timeout: 5, connectiontimeout: '50ms' },
      { timeoutMs: 5000, connectTimeoutMs: 50 },
    ],
    [{ ttl: 3 }, { ttlMs: 3000 }],
    [
      { lbset: 3, disablereuse: true, keepalive: true },
      { lbset: 3, disablereuse: true, keepalive: true },
    ],
    [{ responsefieldsize: 8192 }, { maxHeadBytes: 8192 }],
    [{ route: 'b' }, { name: 'b', route: 'b' }],
  ] as const)('for %j', (parameters, settings) => {
    expect(member({ url: 'http://b', ...parameters })).toMatchObject(settings);
  });

  test('take over the defaults of all members, and of the balancer', () => {
    const memberDefaults = { retry: 5, timeout: 7, loadfactor: 2, status: 'D' };
    expect(member('http://a', { memberDefaults })).toMatchObject({
      retryMs: 5000,
      timeoutMs: 7000,
      lbfactor: 200,
      status: Status.disabled,
    });
    expect(member({ url: 'http://a', retry: 0, status: '' }, { memberDefaults })).toMatchObject({
      retryMs: 0,
      timeoutMs: 7000,
      status: 0,
    });
    expect(member('http://a', { proxytimeout: '9s' })).toMatchObject({
      timeoutMs: 9000,
      connectTimeoutMs: 9000,
    });
    expect(member('http://a', { proxytimeout: '9s', memberDefaults: { timeout: 1 } })).toMatchObject({
      timeoutMs: 1000,
    });
  });

  test('keep a default that is there but undefined', () => {
    const hidden = { url: 'http://a', retry: undefined } as unknown as MemberDefinition;
    expect(member(hidden, { memberDefaults: { retry: 5 } }).retryMs).toBe(5000);
  });

  test('join their TLS options with those of all members, and only where TLS is spoken', () => {
    const tls = { servername: 'all', rejectUnauthorized: false };
    const definition = {
      memberDefaults: { tls },
      members: ['http://a', 'https://b', { url: 'https://c', tls: { servername: 'c' } }],
    };
    expect(build(definition).members.map((each) => each.tls)).toEqual([
      undefined,
      tls,
      { servername: 'c', rejectUnauthorized: false },
    ]);
    expect(member({ url: 'https://a', tls: {} }).tls).toBeUndefined();
  });

  test('name them by their routes, and by their URLs, as written, where a route is taken', () => {
    const definition = {
      members: [
        { url: 'http://a/', route: 'x' },
        { url: 'http://B:80', route: 'x', lbset: 1 },
        { url: 'unix:/c.sock|http://c', route: 'x', lbset: 2 },
        { url: 'http://d', route: 'd' },
        'http://e/f/',
        'http://g/',
      ],
    };
    expect(build(definition).members.map(({ name }) => name)).toEqual([
      'x',
      'http://B:80',
      'unix:/c.sock|http://c',
      'd',
      'http://e/f/',
      'http://g/',
    ]);
  });

  test('can be built for one that comes later', () => {
    const context: MemberContext = {
      memberDefaults: { retry: 1 },
      proxytimeoutMs: 50,
      taken: new Set(['a']),
    };
    expect(buildMember({ url: 'http://b', route: 'a' }, context)).toMatchObject({
      name: 'http://b',
      retryMs: 1000,
      timeoutMs: 50,
    });
    expect(() => buildMember('b', context)).toThrow("its scheme is missing; write 'http://b'");
  });
});

describe('a handler as a member', () => {
  const handler = (): void => undefined;

  test('has no address, and what any member has', () => {
    expect(member({ handler })).toEqual({
      name: 'handler',
      url: 'local:handler',
      origin: 'http://local.invalid',
      protocol: 'http:',
      hostname: 'local.invalid',
      port: 80,
      host: '',
      socketPath: undefined,
      basePath: '',
      path: '/',
      route: undefined,
      redirect: undefined,
      lbfactor: 100,
      lbset: 0,
      status: 0,
      retryMs: 60_000,
      retryMaxMs: 600_000,
      slowStartMs: 0,
      max: Infinity,
      acquireMs: undefined,
      timeoutMs: 60_000,
      connectTimeoutMs: 60_000,
      ttlMs: undefined,
      disablereuse: false,
      keepalive: false,
      maxHeadBytes: 16_384,
      tls: undefined,
      health: undefined,
      resolve: undefined,
      handler,
      definition: { handler },
      inherited: { parameters: {}, proxytimeoutMs: 60_000 },
    });
  });

  test('takes over those defaults of all members that fit', () => {
    const memberDefaults = {
      lbset: 3,
      loadfactor: 2,
      status: 'H',
      max: 5,
      acquire: 7,
      retry: 1,
      slowStart: 9,
      hcmethod: 'GET',
    } as const;
    expect(member({ handler, lbset: 4 }, { memberDefaults })).toMatchObject({
      lbset: 4,
      lbfactor: 200,
      status: Status.hotStandby,
      max: 5,
      acquireMs: 7,
      retryMs: 60_000,
      slowStartMs: 0,
      health: undefined,
    });
  });

  test('is named by its route, or counted', () => {
    const members = [
      { handler },
      { handler, route: 'a' },
      { handler },
      { handler, route: 'a', status: 'H' },
      { url: 'http://h', route: 'handler-4' },
      { handler },
    ];
    expect(build({ members }).members.map(({ name, url }) => `${name} ${url}`)).toEqual([
      'handler local:handler',
      'a local:a',
      'handler-2 local:handler-2',
      'handler-3 local:handler-3',
      'handler-4 http://h',
      'handler-5 local:handler-5',
    ]);
  });
});
