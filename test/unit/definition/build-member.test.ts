import { describe, expect, test } from '@jest/globals';
import { buildMember, type MemberContext } from '../../../src/definition/build-member.ts';
import type { BalancerDefinition, MemberDefinition } from '../../../src/definition/definition.ts';
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
      timeoutMs: 60_000,
      connectTimeoutMs: 60_000,
      ttlMs: undefined,
      disablereuse: false,
      keepalive: false,
      maxHeadBytes: 16_384,
      tls: undefined,
    });
  });

  test.each([
    [{ loadfactor: 1.999 }, { lbfactor: 199 }],
    [{ loadfactor: 100 }, { lbfactor: 10_000 }],
    [{ status: '+H-E' }, { status: Status.hotStandby }],
    [{ retry: 0 }, { retryMs: 0 }],
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
        { url: 'http://B:80', route: 'x' },
        { url: 'unix:/c.sock|http://c', route: 'x' },
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
