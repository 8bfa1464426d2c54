import { describe, expect, test } from '@jest/globals';
import { buildSettings } from '../../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../../src/index.ts';
import { showMember, showOptions } from '../../../../src/manager/survey/show-options.ts';

function showOf(definition: BalancerDefinition) {
  const read = readDefinition(definition);
  const { members } = buildSettings(read, { hostname: 'here', instance: 'x' });
  return { options: showOptions(read), member: showMember(members[0]!.definition) };
}

const key = '-----BEGIN PRIVATE KEY-----\nkeykeykey\n-----END PRIVATE KEY-----';

describe('what is shown of a definition', () => {
  test.each<[what: string, options: Omit<BalancerDefinition, 'members'>, shown: object]>([
    ['nothing of what is at its default', {}, {}],
    [
      'options as they are written',
      { timeout: '5s', forcerecovery: false, failonstatus: [502] },
      { timeout: '5s', forcerecovery: false, failonstatus: [502] },
    ],
    [
      'a function as a word',
      { lbmethod: ([first]) => first, exclude: ['/a', /b/, () => true] },
      { lbmethod: 'function', exclude: ['/a', '/b/', 'function'] },
    ],
    [
      'a pattern as its text',
      { stickysession: 'S', routeregex: /!(.*)$/ },
      { stickysession: 'S', routeregex: '/!(.*)$/' },
    ],
    [
      'a route cookie without its secret',
      { routeCookie: { secret: ['s3cret', 'older'], maxAge: 5000 } },
      { routeCookie: { secret: '…', maxAge: 5000 } },
    ],
    [
      'a route cookie with its date',
      { routeCookie: { expires: new Date(0) } },
      { routeCookie: { expires: '1970-01-01T00:00:00.000Z' } },
    ],
    ['a table', { pathRewrite: { '^/a': '/b' } }, { pathRewrite: { '^/a': '/b' } }],
    [
      'nothing that no change can set',
      {
        name: 'app',
        proxytimeout: 5,
        upgrade: false,
        memberDefaults: { retry: 5 },
        httpProxyMiddleware: { auth: 'user:pass' },
        logger: false,
      },
      {},
    ],
  ])('%s', (_what, options, shown) => {
    expect(showOf({ members: [{ url: 'http://a:1', route: 'a' }], ...options }).options).toEqual(shown);
  });

  test('of a member what a change can set, those of memberDefaults too', () => {
    const { member } = showOf({
      members: [
        {
          url: 'http://a:1',
          route: 'a',
          loadfactor: 2,
          lbset: 1,
          max: 5,
          retry: '30s',
          hcmethod: 'GET',
          hcexpect: /up/,
          status: 'D',
        },
      ],
      memberDefaults: { timeout: 7, ttl: 20, keepalive: true },
    });
    expect(member).toEqual({
      parameters: { retry: '30s', timeout: 7, hcmethod: 'GET', hcexpect: '/up/' },
      fixed: { ttl: 20, keepalive: true },
    });
  });

  test.each([
    ['statuses', [200, 204], [200, 204]],
    ['a function', () => true, 'function'],
    ['both', { status: [200], body: /ok/i }, { status: [200], body: '/ok/i' }],
  ])('hcexpect as %s', (_what, hcexpect, shown) => {
    const { member } = showOf({ members: [{ url: 'http://a:1', hcmethod: 'GET', hcexpect }] });
    expect(member.parameters['hcexpect']).toEqual(shown);
  });

  test('no key, passphrase, secret or credential', () => {
    const shown = [
      showMember({
        url: 'https://a:1',
        tls: { key, cert: key, passphrase: 'passphrase!' },
        hcmethod: 'GET',
        hcheaders: { Authorization: 'Bearer t0ken', Host: 'inner' },
      }),
      showOptions({ routeCookie: { secret: 's3cret' } }),
    ] as const;
    expect(shown[0].parameters['hcheaders']).toEqual({ Authorization: '…', Host: '…' });
    const text = JSON.stringify(shown);
    for (const secret of ['keykeykey', 'passphrase', 't0ken', 's3cret', 'inner'])
      expect(text).not.toContain(secret);
  });

  test('no user part of a URL', () => {
    const shown = showOptions({ proxypassreverse: ['http://user:pass@old.site.com/x'] });
    expect(shown).toEqual({ proxypassreverse: ['http://…@old.site.com/x'] });
  });

  test('is JSON, whatever stands there', () => {
    const hostile = {
      exclude: ['x'.repeat(9_999)],
      pathRewrite: { ['k'.repeat(9_999)]: Infinity, deep: { a: { b: { c: { d: 1n } } } } },
    };
    const shown = showOptions(hostile as never);
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    expect(JSON.stringify(shown).length).toBeLessThan(4_000);
  });
});
