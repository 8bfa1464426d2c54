import { describe, expect, test } from '@jest/globals';
import type { MemberDefinition } from '../../../src/index.ts';
import { watchRoute, watchRoutes } from '../../../src/warnings/routes.ts';
import { watchTrust } from '../../../src/warnings/trust-proxy.ts';
import type { Surroundings, WatchedRequest } from '../../../src/warnings/watch.ts';
import { build } from '../definition/support.ts';

const routed = [
  { url: 'http://a.test', route: 'app1' },
  { url: 'http://b.test', route: 'app2' },
] as const;

function around(
  members: readonly (string | MemberDefinition)[],
  other: Partial<Surroundings> = {},
): Surroundings {
  const settings = build({ stickysession: 'SID', members });
  return {
    settings,
    findSession: () => undefined,
    hasRoute: (route) => settings.members.some((member) => member.route === route),
    wasRoute: () => false,
    isDiscovering: () => false,
    now: () => 0,
    ...other,
  };
}

const bound = (route: string | undefined) =>
  ({ session: { route, sticky: route === undefined ? undefined : 'SID' } }) as unknown as WatchedRequest;

describe('a session of an unknown route', () => {
  const fromDns = [{ url: 'http://app.internal:3000', route: 'app', resolve: 'A' }] as const;

  test.each<[string, string | undefined, Surroundings]>([
    ['that names a member', 'app1', around(routed)],
    ['that names nobody', undefined, around(routed)],
    ['that names a member that was there', 'app9', around(routed, { wasRoute: () => true })],
    ['while DNS has not told who is there', 'app9', around(routed, { isDiscovering: () => true })],
    // A server that DNS told once, before this process began.
    ['of a server that DNS told of', 'app-1x9f3c', around(fromDns)],
  ])('%s is not warned of', (_what, route, surroundings) => {
    expect(watchRoute.judge(bound(route), surroundings)).toBeUndefined();
  });

  test('is warned of, beside members that DNS tells, too', () => {
    expect(watchRoute.judge(bound('node7'), around(fromDns))).toContain("the route 'node7'");
  });

  test('tells eight of the routes that there are', () => {
    const members = Array.from({ length: 9 }, (_, i) => ({ url: `http://a${i}.test`, route: `r${i}` }));
    expect(watchRoute.judge(bound('app9'), around(members))).toContain(
      "there are 'r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', …. ",
    );
  });

  test('is not looked for where nothing binds', () => {
    expect(watchRoute.isNeeded(build({ members: ['http://a.test'] }))).toBe(false);
    expect(watchRoute.isNeeded(around(routed).settings)).toBe(true);
  });
});

describe('a member without a route', () => {
  const [a] = routed;

  test.each<[string, MemberDefinition | string, boolean]>([
    ['that serves', 'http://b.test', true],
    ['that drains', { url: 'http://b.test', status: 'N' }, true],
    ['that is a hot standby', { url: 'http://b.test', status: 'H' }, false],
    ['that is a hot spare', { url: 'http://b.test', status: 'R' }, false],
    ['that is disabled', { url: 'http://b.test', status: 'D' }, false],
    ['that is a function', { handler: () => undefined }, false],
  ])('%s: is looked for or not', (_what, member, expected) => {
    expect(watchRoutes.isNeeded(build({ stickysession: 'SID', members: [a, member] }))).toBe(expected);
  });
});

describe('a field of another proxy', () => {
  const headers = { 'x-forwarded-for': '10.1.2.3' };
  const undecided = { '@@symbol:trust_proxy_default': true };
  const decided = { '@@symbol:trust_proxy_default': false };
  const ask = (app: unknown, trusted = false) =>
    watchTrust.judge(
      {
        origin: { req: { headers, app } },
        inbound: { trusted, remoteAddress: '::ffff:10.0.0.9' },
      } as unknown as WatchedRequest,
      around(routed),
    );

  test('is warned of with the words of Express, or of the definition where there is none', () => {
    expect(ask({ settings: undecided })).toContain("app.set('trust proxy', 1)");
    expect(ask(undefined)).toContain("trustProxy: (address) => address === '…' in the definition");
    expect(ask(undefined)).toContain('a request from 10.0.0.9 has the field X-Forwarded-For');
  });

  test.each([
    ['the peer is trusted', undefined, true],
    ['the app has decided', { settings: decided }, false],
    [
      'the app that it is mounted in has decided',
      { settings: undecided, parent: { settings: decided } },
      false,
    ],
  ])('is not where %s', (_where, app, trusted) => {
    expect(ask(app, trusted)).toBeUndefined();
  });

  test('is not looked for where nothing is told to members, or the definition says whom to trust', () => {
    const members = ['http://a.test'];
    expect(watchTrust.isNeeded(build({ members }))).toBe(true);
    expect(watchTrust.isNeeded(build({ members, proxyaddheaders: false }))).toBe(false);
    expect(watchTrust.isNeeded(build({ members, trustProxy: true }))).toBe(false);
  });
});
