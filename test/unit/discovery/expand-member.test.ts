import { describe, expect, test } from '@jest/globals';
import { rebuildMember } from '../../../src/definition/build-member.ts';
import type { HealthSettings, MemberSettings } from '../../../src/definition/settings.ts';
import { expandMember } from '../../../src/discovery/expand-member.ts';
import { Status } from '../../../src/member/status.ts';
import { makeServer, makeTemplate } from './support.ts';

function expandOne(template: MemberSettings, ...server: Parameters<typeof makeServer>): MemberSettings {
  const [member, ...others] = expandMember(template, [makeServer(...server)]);
  expect(others).toEqual([]);
  return member!;
}

const health: HealthSettings = {
  request: { method: 'GET', version: '1.1' },
  target: '/base/healthy',
  headers: [
    ['Host', 'app.internal:3000'],
    ['X-Check', 'app.internal:3000'],
  ],
  intervalMs: 30_000,
  passes: 1,
  fails: 1,
  timeoutMs: 5_000,
  readsBody: false,
  isExpected: () => true,
  warmUp: [],
};

describe('a member that DNS tells', () => {
  test('is at its address, and is called by the name', () => {
    expect(expandOne(makeTemplate(), '10.0.0.7')).toEqual(
      makeTemplate({
        name: 'http://10.0.0.7:3000/base/',
        url: 'http://10.0.0.7:3000/base/',
        origin: 'http://10.0.0.7:3000',
        hostname: '10.0.0.7',
        resolve: undefined,
        definition: { url: 'http://10.0.0.7:3000/base/', retry: 60, loadfactor: 1, lbset: 0 },
      }),
    );
  });

  test('with an IPv6 address has brackets where a URL has them', () => {
    expect(expandOne(makeTemplate(), 'fd00::7')).toMatchObject({
      url: 'http://[fd00::7]:3000/base/',
      origin: 'http://[fd00::7]:3000',
      hostname: 'fd00::7',
      port: 3000,
      host: 'app.internal:3000',
    });
  });

  test('keeps everything else that its template says', () => {
    const template = makeTemplate({
      redirect: 'b',
      lbfactor: 250,
      lbset: 3,
      status: Status.hotStandby,
      slowStartMs: 5_000,
      max: 7,
    });
    const { redirect, lbfactor, lbset, status, slowStartMs, max } = template;
    expect(expandOne(template, '10.0.0.7')).toMatchObject({
      redirect,
      lbfactor,
      lbset,
      status,
      slowStartMs,
      max,
    });
  });

  test('stays where it is, under its name and its Host, when a parameter of it is changed', () => {
    const template = makeTemplate({
      protocol: 'https:',
      route: 'app',
      resolve: 'SRV',
      definition: { url: 'https://app.internal/base/', route: 'app', resolve: 'SRV', hcmethod: 'GET11' },
    });
    const member = expandOne(template, '10.0.0.7', { port: 4000, weight: 1, priority: 1 });
    const { origin, host, name, route, lbset, tls } = member;
    expect(rebuildMember(member, { ...member.definition, loadfactor: 3 })).toMatchObject({
      ...{ origin, host, name, route, lbset, tls },
      lbfactor: 300,
      resolve: undefined,
      health: { headers: expect.arrayContaining([['Host', 'app.internal:4000']]) },
    });
  });

  test('is frozen', () => {
    expect(Object.isFrozen(expandOne(makeTemplate(), '10.0.0.7'))).toBe(true);
  });
});

describe('the port', () => {
  test.each([
    ['http:', 80, 'app.internal', 'http://10.0.0.7'],
    ['http:', 8080, 'app.internal:8080', 'http://10.0.0.7:8080'],
    ['http:', 443, 'app.internal:443', 'http://10.0.0.7:443'],
    ['https:', 443, 'app.internal', 'https://10.0.0.7'],
    ['https:', 80, 'app.internal:80', 'https://10.0.0.7:80'],
  ] as const)('%s with the SRV port %d has the Host %s', (protocol, port, host, origin) => {
    const member = expandOne(makeTemplate({ protocol, resolve: 'SRV' }), '10.0.0.7', { port });
    expect(member).toMatchObject({ host, origin, port, url: `${origin}/base/` });
  });

  test('RFC 2782: what asks for the service is no part of the name that a server is called by', () => {
    const template = makeTemplate({
      protocol: 'https:',
      hostname: '_https._tcp.app.internal',
      host: '_https._tcp.app.internal',
      resolve: 'SRV',
    });
    expect(expandOne(template, '10.0.0.7', { port: 8443 })).toMatchObject({
      host: 'app.internal:8443',
      tls: { servername: 'app.internal' },
    });
  });
});

describe('TLS', () => {
  const template = makeTemplate({ protocol: 'https:', port: 443, host: 'app.internal' });

  test.each([
    ['no option', undefined, { servername: 'app.internal' }],
    ['others', { ca: 'pem' }, { ca: 'pem', servername: 'app.internal' }],
    ['a name of its own', { servername: 'other' }, { servername: 'other' }],
  ])('checks the name, not the address: %s', (_what, tls, expected) => {
    expect(expandOne({ ...template, tls }, '10.0.0.7').tls).toEqual(expected);
  });

  test('is not there for http', () => {
    expect(expandOne(makeTemplate(), '10.0.0.7').tls).toBeUndefined();
  });
});

describe('health checks', () => {
  test('call the server as requests do, with the port that is really used', () => {
    const member = expandOne(makeTemplate({ health, resolve: 'SRV' }), '10.0.0.7', { port: 4000 });
    expect(member.health).toEqual({
      ...health,
      headers: [
        ['Host', 'app.internal:4000'],
        ['X-Check', 'app.internal:3000'],
      ],
    });
  });

  test('call it as the definition says where it does', () => {
    const own: HealthSettings = { ...health, headers: [['Host', 'health.example']] };
    expect(expandOne(makeTemplate({ health: own }), '10.0.0.7').health).toEqual(own);
  });
});

describe('the route', () => {
  test('is the template’s and six digits that show no address', () => {
    const routes = expandMember(makeTemplate({ route: 'app' }), [
      makeServer('10.0.0.7'),
      makeServer('10.0.0.8'),
      makeServer('fd00::7'),
    ]).map(({ route }) => route);
    // Written down: cookies outlive the process that set them.
    expect(routes).toEqual(['app-gc9tty', 'app-q2x95o', 'app-aqwuxv']);
  });

  test('is the member’s name', () => {
    const { name, route } = expandOne(makeTemplate({ route: 'app' }), '10.0.0.7');
    expect(name).toBe(route);
  });

  test('differs by port, and by the name that was asked for', () => {
    const routes = [
      expandOne(makeTemplate({ route: 'app' }), '10.0.0.7'),
      expandOne(makeTemplate({ route: 'app' }), '10.0.0.7', { port: 4000 }),
      expandOne(makeTemplate({ route: 'app', hostname: 'other.internal' }), '10.0.0.7'),
    ].map(({ route }) => route);
    expect(new Set(routes).size).toBe(3);
  });

  test('two servers that share a hash have two, the same ones whatever the order of the answer', () => {
    const first = makeServer('10.0.18.204', { port: 3006 });
    const second = makeServer('10.0.34.135', { port: 3000 });
    const template = makeTemplate({ route: 'app' });
    const alone = [first, second].map((server) => expandMember(template, [server])[0]!.route);
    expect(alone).toEqual(['app-r4yyv8', 'app-r4yyv8']);
    const both = expandMember(template, [first, second]).map(({ route }) => route);
    expect(both[0]).toBe('app-r4yyv8');
    expect(both[1]).toMatch(/^app-[a-z\d]{6}$/);
    expect(both[1]).not.toBe(both[0]);
    expect(expandMember(template, [second, first]).map(({ route }) => route)).toEqual(both);
  });

  test('of a thousand servers is another one for each', () => {
    const servers = Array.from({ length: 1_000 }, (_, i) => makeServer(`10.0.${i >> 8}.${i & 255}`));
    const routes = expandMember(makeTemplate({ route: 'app' }), servers).map(({ route }) => route);
    expect(new Set(routes).size).toBe(1_000);
  });
});

describe('weights and priorities', () => {
  test.each([
    [100, [10, 30], [100, 300]],
    [250, [10, 30], [250, 750]],
    [5_000, [1, 3], [5_000, 10_000]],
    [100, [3, 7], [100, 233]],
  ])('a loadfactor of %d hundredths and weights of %j make %j', (lbfactor, weights, expected) => {
    const servers = weights.map((weight, i) => makeServer(`10.0.0.${i}`, { weight, priority: 0 }));
    expect(expandMember(makeTemplate({ lbfactor }), servers).map((member) => member.lbfactor)).toEqual(
      expected,
    );
  });

  test.each([
    [0, [10, 20, 10, 5], [1, 2, 1, 0]],
    [3, [0, 65_535], [3, 4]],
    [98, [1, 2, 3, 4], [98, 99, 99, 99]],
  ])('an lbset of %d and priorities of %j make the sets %j', (lbset, priorities, expected) => {
    const servers = priorities.map((priority, i) => makeServer(`10.0.0.${i}`, { weight: 0, priority }));
    expect(expandMember(makeTemplate({ lbset }), servers).map((member) => member.lbset)).toEqual(expected);
  });

  test('of two records for one server the one that goes first counts, then the weightier one', () => {
    const members = expandMember(makeTemplate(), [
      makeServer('10.0.0.2', { port: 80, priority: 1, weight: 1 }),
      makeServer('10.0.0.1', { port: 80, priority: 2, weight: 50 }),
      makeServer('10.0.0.1', { port: 80, priority: 1, weight: 2 }),
      makeServer('10.0.0.1', { port: 80, priority: 1, weight: 4 }),
    ]);
    expect(members.map(({ hostname, lbset, lbfactor }) => ({ hostname, lbset, lbfactor }))).toEqual([
      { hostname: '10.0.0.1', lbset: 0, lbfactor: 400 },
      { hostname: '10.0.0.2', lbset: 0, lbfactor: 100 },
    ]);
  });

  test('the port of the URL and the same one told are one server', () => {
    const servers = [makeServer('10.0.0.1'), makeServer('10.0.0.1', { port: 3000 })];
    expect(expandMember(makeTemplate(), servers)).toHaveLength(1);
  });
});

test('members come in the order of their addresses and ports, whatever that of the answer', () => {
  const servers = [
    makeServer('fd00::1'),
    makeServer('10.0.0.2', { port: 4000 }),
    makeServer('10.0.0.2'),
    makeServer('10.0.0.1'),
  ];
  const order = ['10.0.0.1:3000', '10.0.0.2:3000', '10.0.0.2:4000', 'fd00::1:3000'];
  for (const list of [servers, servers.toReversed()]) {
    expect(expandMember(makeTemplate(), list).map(({ hostname, port }) => `${hostname}:${port}`)).toEqual(
      order,
    );
  }
});
