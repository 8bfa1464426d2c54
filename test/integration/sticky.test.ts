import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import type { Express, RequestHandler } from 'express';
import type { BalancerDefinition, BalancerFacts, MemberParameters } from '../../src/index.ts';
import { requestTarget, type Wishes } from '../support/request-target.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

/** A front over members of these names, and what it was seen to do. */
type Cluster = Readonly<{
  front: Front;
  backends: ReadonlyMap<string, Backend>;
  /** `req.balancer` of each request, in the order in which they came. */
  facts: () => (BalancerFacts | undefined)[];
  /** Who answers: a backend's name, or a status. */
  served(target: string, ...cookies: string[]): Promise<string>;
}>;

/** Parameters of a member; `dead`: its port refuses. The route is its name, unless another one, or none (''), is given. */
type Parameters = MemberParameters & Readonly<{ dead?: boolean }>;

const abc = { a: {}, b: {}, c: {} } as const;

describe.each(senders)('sticky sessions over %s', (_name, sender) => {
  async function startCluster(
    members: Readonly<Record<string, Parameters>>,
    definition: Partial<BalancerDefinition>,
    before: (app: Express) => void = () => undefined,
  ): Promise<Cluster> {
    const backends = new Map<string, Backend>();
    const requests: IncomingMessage[] = [];
    const note: RequestHandler = (req, _res, next) => {
      requests.push(req);
      next();
    };
    const list = await Promise.all(
      Object.entries(members).map(async ([name, { dead = false, route = name, ...parameters }]) => {
        const url = dead ? await deadUrl() : (await startNamed(name, backends)).url;
        return { url, ...parameters, ...(route === '' ? {} : { route }) };
      }),
    );
    const front = await startFront(
      { ...sender, ...definition, members: list },
      {
        before(app) {
          before(app);
          app.use(note);
        },
      },
    );
    return {
      front,
      backends,
      facts: () => requests.map(({ balancer }) => balancer),
      async served(target, ...cookies) {
        const { status, body } = await requestTarget(
          front.port,
          target,
          cookies.length === 0 ? {} : { headers: { Cookie: cookies } },
        );
        return status === 200 ? body : String(status);
      },
    };
  }

  async function startNamed(name: string, backends: Map<string, Backend>): Promise<Backend> {
    const backend = await startBackend(name);
    backends.set(name, backend);
    return backend;
  }

  const SID = { stickysession: 'SID' } as const;
  const twoNames = { stickysession: 'JSESSIONID|jsessionid' } as const;
  const parsed = { stickysession: 'SID', separatorMatch: 'last' } as const;

  // The ids are those of the reference's section 15.2, where all values stand; here is one of each kind, over the wire.
  test.each<
    [
      id: string,
      definition: Partial<BalancerDefinition>,
      target: string,
      cookies: string[],
      member: string,
      sticky: string,
    ]
  >([
    ['S2, a cookie', SID, '/', ['SID=abc.b'], 'b', 'SID'],
    ['S6, among other cookies', SID, '/', ['XSID=abc.c; a=1; SID=abc.b; SIDX=abc.c'], 'b', 'SID'],
    ['S10 N, quoted', SID, '/', ['SID="abc.c"'], 'c', 'SID'],
    ['S11 N, encoded', SID, '/', ['SID=abc%2Ec'], 'c', 'SID'],
    ['S12, the first of two cookies', SID, '/', ['SID=abc.c; SID=abc.b'], 'c', 'SID'],
    [
      'S13 N, the second of two cookies, the first has no route',
      SID,
      '/',
      ['SID=abc; SID=abc.b'],
      'b',
      'SID',
    ],
    [
      'S13 N, the second of two cookies, the first has an old one',
      SID,
      '/',
      ['SID=x.zz; SID=x.b'],
      'b',
      'SID',
    ],
    ['S19, the second of two lines', SID, '/', ['a=1', 'SID=z.b'], 'b', 'SID'],
    ['S20, the query before the cookie', SID, '/?SID=q.b', ['SID=abc.c'], 'b', 'SID'],
    ['S21 N, the cookie where the query has no route', SID, '/?SID=q', ['SID=abc.c'], 'c', 'SID'],
    ['S24, a parameter of a query', SID, '/?a=1&SID=q.b&z=1', [], 'b', 'SID'],
    ['S26, a path parameter', SID, '/p;SID=q.b?x=1', [], 'b', 'SID'],
    ['S27 N, a path parameter of a segment within', SID, '/p;SID=q.b/foo', [], 'b', 'SID'],
    ['S28 N, an encoded parameter', SID, '/?SID=q%2Eb', [], 'b', 'SID'],
    ['S29, the other name in the path', twoNames, '/p;jsessionid=abc.b;foo=1', [], 'b', 'jsessionid'],
    ['S31, the first name in a cookie', twoNames, '/p', ['JSESSIONID=abc.c'], 'c', 'JSESSIONID'],
    [
      'S32, the path before the cookie',
      twoNames,
      '/p;jsessionid=x.b',
      ['JSESSIONID=abc.c'],
      'b',
      'jsessionid',
    ],
    ['the other name in the query', twoNames, '/p?jsessionid=abc.b', [], 'b', 'jsessionid'],
    ['the last separator', parsed, '/', ['SID=x.y.b'], 'b', 'SID'],
    ['S35, another separator', { ...SID, stickysessionsep: '!' }, '/', ['SID=d.a!c'], 'c', 'SID'],
    ['S36, no separator', { ...SID, stickysessionsep: 'Off' }, '/', ['SID=b'], 'b', 'SID'],
    ['S40, a pattern', { ...SID, routeregex: /!(.*)$/ }, '/', ['SID=data!b'], 'b', 'SID'],
    ['S42, a pattern for the last part', { ...SID, routeregex: /!([^!]*)$/ }, '/', ['SID=a!b!c'], 'c', 'SID'],
    ['a pattern without a group', { ...SID, routeregex: /[abc]$/ }, '/', ['SID=12c'], 'c', 'SID'],
  ])('%s leads to its member, every time', async (_id, definition, target, cookies, member, sticky) => {
    const { served, facts } = await startCluster(abc, definition);
    const answers = [
      await served(target, ...cookies),
      await served(target, ...cookies),
      await served(target, ...cookies),
    ];
    expect(answers).toEqual([member, member, member]);
    expect(facts()[0]).toMatchObject({ sticky, route: member, memberRoute: member, routeChanged: false });
  });

  test.each<
    [
      id: string,
      definition: Partial<BalancerDefinition>,
      target: string,
      cookies: string[],
      route: string | undefined,
    ]
  >([
    ['S1, nothing', SID, '/', [], undefined],
    ['S3, a value without separator', SID, '/', ['SID=b'], undefined],
    ['S5, a route that nobody has', SID, '/', ['SID=x.b.y'], 'b.y'],
    ['S6, a route in another case', SID, '/', ['SID=abc.B'], 'B'],
    ['S6, a name in another case', SID, '/', ['sid=abc.b'], undefined],
    ['S17, an empty route', SID, '/', ['SID=abc.'], undefined],
    ['S23 N, a part of a name', SID, '/SID=q.b?xSID=q.b&a=SID=q.b', [], undefined],
    ['S30, names the wrong way round', twoNames, '/p;JSESSIONID=abc.b', ['jsessionid=abc.c'], undefined],
    ['S36, no separator but one in the value', { ...SID, stickysessionsep: 'Off' }, '/', ['SID=x.b'], 'x.b'],
    ['S41, a pattern that takes too much', { ...SID, routeregex: /!(.*)$/ }, '/', ['SID=a!b!c'], 'b!c'],
  ])('%s is balanced, and the route has changed', async (_id, definition, target, cookies, route) => {
    const { served, facts } = await startCluster(abc, definition);
    const answers = [
      await served(target, ...cookies),
      await served(target, ...cookies),
      await served(target, ...cookies),
    ];
    expect(answers).toEqual(['a', 'b', 'c']);
    expect(facts()).toMatchObject(Array(3).fill({ route, routeChanged: true }));
  });

  test('S39: without stickysession nothing is sticky and no route changes', async () => {
    const { served, facts } = await startCluster(abc, {});
    expect([await served('/?SID=x.b', 'SID=x.b'), await served('/', 'SID=x.b')]).toEqual(['a', 'b']);
    expect(facts()[0]).toMatchObject({
      sticky: undefined,
      route: undefined,
      memberRoute: 'a',
      routeChanged: false,
    });
  });

  test('S19 N: the member gets several lines of cookies as one, with semicolons', async () => {
    const { served, backends } = await startCluster({ b: {} }, SID);
    await served('/', 'a=1', 'SID=z.b');
    expect(backends.get('b')!.received[0]!.headers.cookie).toBe('a=1; SID=z.b');
  });

  test('scolonpathdelim ends a parameter of the query at a semicolon too', async () => {
    const target = '/?SID=q.b;z=1';
    const on = await startCluster(abc, { ...SID, scolonpathdelim: true });
    const off = await startCluster(abc, SID);
    expect([await on.served(target), await on.served(target)]).toEqual(['b', 'b']);
    expect([await off.served(target), await off.served(target)]).toEqual(['a', 'b']);
  });

  test('S37: a route may hold the separator', async () => {
    const { served } = await startCluster({ one: { route: 'b.x' }, two: { route: 'x' } }, SID);
    expect([await served('/', 'SID=abc.b.x'), await served('/', 'SID=abc.x')]).toEqual(['one', 'two']);
  });

  test('S38: of several members with one route the first serves, and a standby when it is down', async () => {
    const { served, backends } = await startCluster(
      { a: { route: 'n' }, b: { route: 'n', status: 'H' }, c: { route: 'n', status: 'H' } },
      SID,
    );
    expect([await served('/', 'SID=1.n'), await served('/', 'SID=1.n')]).toEqual(['a', 'a']);
    await backends.get('a')!.stop();
    expect([await served('/', 'SID=1.n'), await served('/', 'SID=1.n')]).toEqual(['b', 'b']);
  });

  test('the session beats the route in the path of a mounted balancer only below its mount path', async () => {
    const backend = await startBackend('b');
    const front = await startFront(
      {
        ...sender,
        ...SID,
        members: [
          { url: await deadUrl(), route: 'a' },
          { url: backend.url, route: 'b' },
        ],
      },
      { mount: '/app' },
    );
    expect(await requestTarget(front.port, '/app;SID=x.b')).toMatchObject({ status: 404 });
    expect(await requestTarget(front.port, '/app/;SID=x.b')).toMatchObject({ status: 200, body: 'b' });
  });

  describe('goes where httpd sends it', () => {
    const off = { status: 'D' } as const;
    const nofailover = { ...SID, nofailover: true } as const;

    // Section 15.3 of the reference, measured on httpd 2.4.71. `!` behind a name: the route has changed.
    test.each<
      [
        id: string,
        members: Readonly<Record<string, Parameters>>,
        definition: Partial<BalancerDefinition>,
        routes: string,
        served: string,
      ]
    >([
      ['R1', { a: { ...off, redirect: 'b' }, b: {}, c: {} }, nofailover, 'a a - - -', 'b! b! c! c! b!'],
      ['R2', { a: { status: 'N' }, b: {} }, SID, 'a a - - -', 'a a b! b! b!'],
      ['R3', { a: { status: 'H' }, b: {} }, SID, 'a a - - -', 'a a b! b! b!'],
      ['R4', { a: { lbset: 1 }, b: {} }, SID, 'a a - - -', 'a a b! b! b!'],
      ['R5', { a: { status: 'R' }, b: {} }, SID, 'a a - - -', 'a a b! b! b!'],
      [
        'R6',
        { m1: { route: 'a', ...off }, m2: { route: 'a', status: 'H' }, m3: { route: 'c' } },
        nofailover,
        'a a - - -',
        'm2 m2 m3! m3! m3!',
      ],
      ['R7', { a: off, b: {} }, SID, 'a a - - -', 'b! b! b! b! b!'],
      ['R8', { a: off, b: {} }, nofailover, 'a a - - -', '503 503 b! b! b!'],
      ['R9', { x: { dead: true }, b: {} }, nofailover, 'x x x - -', '503 503 503 b! b!'],
      ['R10', { x: { dead: true }, b: {} }, nofailover, 'x zz zz', '503 b! b!'],
      ['R11', { x: { dead: true }, b: {} }, SID, 'x x', 'b! b!'],
      [
        'R12, its redirect left out',
        { m1: { route: '' }, b: {}, c: {} },
        SID,
        'a a - - -',
        'm1! b! c! m1! b!',
      ],
      ['R13', { m1: { route: '' }, m2: { route: 'r' } }, SID, '- - -', 'm1! m2! m1!'],
      ['R15', { m1: { route: 'http1' }, m2: { route: 'http2' } }, SID, 'http2 http2', 'm2 m2'],
    ])('%s: %j', async (_id, members, definition, routes, expected) => {
      const { served, facts } = await startCluster(members, definition);
      const answers: string[] = [];
      for (const route of routes.split(' ')) {
        answers.push(route === '-' ? await served('/') : await served('/', `SID=1.${route}`));
      }
      const told = answers.map((answer, i) =>
        answer !== '503' && facts()[i]!.routeChanged ? `${answer}!` : answer,
      );
      expect(told.join(' ')).toBe(expected);
    });

    test('R9: the member of the session is in error after the first, and is not asked again', async () => {
      const { front, served, facts } = await startCluster({ x: { dead: true }, b: {} }, nofailover);
      await served('/', 'SID=1.x');
      await served('/', 'SID=1.x');
      expect(front.balancer.view()).toMatchObject([
        { route: 'x', inError: true, elected: 1 },
        { route: 'b', inError: false, elected: 0 },
      ]);
      expect(front.errors.map(({ code, status }) => [code, status])).toEqual([
        ['ERR_BALANCER_CONNECT', 503],
        ['ERR_BALANCER_NO_FAILOVER', 503],
      ]);
      expect(facts()[1]).toMatchObject({ route: 'x', member: undefined, attempts: [] });
    });

    test('a redirect takes sessions only while their member is unusable', async () => {
      const { served, backends } = await startCluster({ a: { redirect: 'c', retry: 0 }, b: {}, c: {} }, SID);
      expect(await served('/', 'SID=1.a')).toBe('a');
      await backends.get('a')!.stop();
      expect([await served('/', 'SID=1.a'), await served('/', 'SID=1.a')]).toEqual(['c', 'c']);
      await backends.get('a')!.start();
      expect(await served('/', 'SID=1.a')).toBe('a');
    });
  });

  describe('with cookie-parser mounted before', () => {
    const signed = (value: string, secret: string): string => {
      const mac = createHmac('sha256', secret).update(value).digest('base64').replace(/=+$/, '');
      return `SID=${encodeURIComponent(`s:${value}.${mac}`)}`;
    };
    const mountParser = (app: Express): void => {
      app.use(cookieParser('secret'));
    };
    const threeTimes = async ({ served }: Cluster, cookie: string): Promise<string> =>
      [await served('/', cookie), await served('/', cookie), await served('/', cookie)].join(' ');

    test('plain cookies lead to their members', async () => {
      const cluster = await startCluster(abc, SID, mountParser);
      expect(await threeTimes(cluster, 'SID=abc.b')).toBe('b b b');
      expect(await threeTimes(cluster, 'SID=abc; SID=abc.c')).toBe('c c c');
    });

    test('what it has parsed is used, rather than the header', async () => {
      const cluster = await startCluster(abc, SID, (app) => {
        mountParser(app);
        app.use((req, _res, next) => {
          (req.cookies as Record<string, string>)['SID'] = 'mine.c';
          next();
        });
      });
      expect(await threeTimes(cluster, 'SID=abc.b')).toBe('c c c');
    });

    test('a signed cookie counts without its signature', async () => {
      const cluster = await startCluster(abc, SID, mountParser);
      expect(await threeTimes(cluster, signed('abc.b', 'secret'))).toBe('b b b');
      expect(cluster.facts()[0]).toMatchObject({ sticky: 'SID', route: 'b', routeChanged: false });
    });

    test.each([
      ['with another secret', signed('abc.b', 'guessed')],
      ['with another value', signed('abc.a', 'secret').replace('abc.a', 'abc.b')],
      ['with another value, and a plain one beside it', `${signed('abc.b', 'guessed')}; SID=abc.b`],
    ])('a cookie that was signed %s is no route', async (_what, cookie) => {
      const cluster = await startCluster(abc, SID, mountParser);
      expect(await threeTimes(cluster, cookie)).toBe('a b c');
      expect(cluster.facts()[0]).toMatchObject({ sticky: undefined, route: undefined, routeChanged: true });
    });

    test('without it a signature is a part of the value', async () => {
      const cluster = await startCluster(abc, { ...SID, routeregex: /^s:\w+\.([^.]*)/ });
      expect(await threeTimes(cluster, signed('abc.b', 'secret'))).toBe('b b b');
    });
  });

  test('a client without cookies is not served from what cookie-parser has seen of others', async () => {
    const cookie: Wishes = { headers: { Cookie: 'SID=abc.c' } };
    const { front, served } = await startCluster(abc, SID, (app) => app.use(cookieParser()));
    expect((await requestTarget(front.port, '/', cookie)).body).toBe('c');
    expect([await served('/'), await served('/')]).toEqual(['a', 'b']);
  });
});
