import { describe, expect, test } from '@jest/globals';
import type { HcAnswer, ServerMember } from '../../../src/definition/member-definition.ts';
import type { HealthSettings } from '../../../src/definition/settings.ts';
import { build } from './support.ts';

function healthOf(member: ServerMember): HealthSettings {
  return build({ members: [member] }).members[0]!.health!;
}

function answer(status: number, body = ''): HcAnswer {
  return { status, headers: {}, body };
}

describe('how the health of a member is checked', () => {
  test('has every default', () => {
    const { isExpected, ...rest } = healthOf({ url: 'http://a:81/app/', hcmethod: 'GET' });
    expect(rest).toEqual({
      request: { method: 'GET', version: '1.0' },
      target: '/app/',
      headers: [['Host', 'a:81']],
      intervalMs: 30_000,
      passes: 1,
      fails: 1,
      timeoutMs: 5000,
      readsBody: false,
      warmUp: [],
    });
    expect([199, 200, 399, 400].map((status) => isExpected(answer(status)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('is not at all without a method, or with NONE', () => {
    const members = ['http://a', { url: 'http://b', hcmethod: 'NONE', hcuri: '/x' }] as const;
    expect(build({ members }).members.map(({ health }) => health)).toEqual([undefined, undefined]);
  });

  test.each([
    ['TCP', undefined],
    ['GET', { method: 'GET', version: '1.0' }],
    ['GET11', { method: 'GET', version: '1.1' }],
    ['HEAD', { method: 'HEAD', version: '1.0' }],
    ['HEAD11', { method: 'HEAD', version: '1.1' }],
    ['OPTIONS', { method: 'OPTIONS', version: '1.0' }],
    ['OPTIONS11', { method: 'OPTIONS', version: '1.1' }],
  ] as const)('%s asks with %j', (hcmethod, request) => {
    expect(healthOf({ url: 'http://a', hcmethod }).request).toEqual(request);
  });

  // The reference's K1 to K4, with one slash where httpd writes two or none.
  test.each([
    ['http://a', 'GET', undefined, '/'],
    ['http://a', 'GET', '', '/'],
    ['http://a', 'GET', '/h', '/h'],
    ['http://a/', 'GET', '/h', '/h'],
    ['http://a/app', 'GET', '/h', '/app/h'],
    ['http://a/app/', 'GET', '/h?x=1', '/app/h?x=1'],
    ['http://a/app', 'HEAD11', undefined, '/app'],
    ['http://a/app/', 'HEAD', undefined, '/app/'],
    ['unix:/s|http://a/app/', 'GET', '/h', '/app/h'],
    ['http://a/app', 'OPTIONS', undefined, '*'],
    ['http://a/app', 'OPTIONS', '', '*'],
    ['http://a/app', 'OPTIONS11', '/h', '/app/h'],
  ] as const)('a check of %s by %s with hcuri %s asks for %s', (url, hcmethod, hcuri, target) => {
    expect(healthOf({ url, hcmethod, ...(hcuri === undefined ? {} : { hcuri }) }).target).toBe(target);
  });

  test.each([
    [{}, [['Host', 'a']]],
    [
      { 'X-A': '1', hOST: 'b:1', 'x-b': '' },
      [
        ['Host', 'b:1'],
        ['X-A', '1'],
        ['x-b', ''],
      ],
    ],
  ])('sends Host first, then %j', (hcheaders, headers) => {
    expect(healthOf({ url: 'http://a', hcmethod: 'GET', hcheaders }).headers).toEqual(headers);
  });

  test.each<[Partial<ServerMember>, Partial<HealthSettings>]>([
    [{ hcinterval: 2 }, { intervalMs: 2000, timeoutMs: 2000 }],
    [{ hcinterval: '1m' }, { intervalMs: 60_000, timeoutMs: 5000 }],
    [
      { hcinterval: '100ms', hctimeout: 1 },
      { intervalMs: 100, timeoutMs: 1000 },
    ],
    [
      { hcpasses: 2, hcfails: 3 },
      { passes: 2, fails: 3 },
    ],
    [{ warmUp: '/w' }, { warmUp: ['/app/w'] }],
    [{ warmUp: ['/w', '/v?x'] }, { warmUp: ['/app/w', '/app/v?x'] }],
    [{ hcexpect: [200] }, { readsBody: false }],
    [{ hcexpect: { status: [200] } }, { readsBody: false }],
    [{ hcexpect: /x/ }, { readsBody: true }],
    [{ hcexpect: { body: /x/ } }, { readsBody: true }],
    [{ hcexpect: () => true }, { readsBody: true }],
    [{ hcmethod: 'HEAD', hcexpect: () => true }, { readsBody: false }],
  ])('for %j', (parameters, settings) => {
    expect(healthOf({ url: 'http://a/app/', hcmethod: 'GET', ...parameters })).toMatchObject(settings);
  });

  test.each<[ServerMember['hcexpect'], HcAnswer, boolean]>([
    [[404], answer(404), true],
    [[404], answer(200), false],
    [/ready/, answer(200, 'all ready'), true],
    [/ready/, answer(200, 'no'), false],
    [/ready/, answer(500, 'ready'), false],
    [{ body: /x/ }, answer(302, 'x'), true],
    [{ status: [500], body: /x/ }, answer(500, 'x'), true],
    [{ status: [500], body: /x/ }, answer(200, 'x'), false],
    [{ status: [500], body: /x/ }, answer(500, 'y'), false],
    [({ body }) => body === 'x', answer(500, 'x'), true],
  ])('%p of %j is %p', (hcexpect, given, passes) => {
    const { isExpected } = healthOf({ url: 'http://a', hcmethod: 'GET', hcexpect: hcexpect! });
    expect(isExpected(given)).toBe(passes);
  });

  test('takes over the defaults of all members', () => {
    const memberDefaults = { hcmethod: 'GET', hcuri: '/h', hcinterval: 5 } as const;
    const members = [
      'http://a',
      { url: 'http://b', hcuri: '/x' },
      { url: 'http://c', hcmethod: 'NONE' },
    ] as const;
    expect(build({ members, memberDefaults }).members.map(({ health }) => health?.target)).toEqual([
      '/h',
      '/x',
      undefined,
    ]);
  });
});
