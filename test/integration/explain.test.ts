import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { sign } from 'cookie-signature';
import type { Express } from 'express';
import type { BalancerDefinition, Explanation, MemberSnapshot } from '../../src/index.ts';
import { ask, type Asked } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import type { Front, FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';
import { createRandom, type Random } from '../support/seeded-random.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { viewStill } from '../support/view-still.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  jest.restoreAllMocks();
  await tidyUp();
});

/** A front that explains each request before its balancer gets it. */
type Explaining = Readonly<{
  front: ToldFront & Readonly<{ requests: IncomingMessage[] }>;
  explained: Explanation[];
  /** Whether explaining has ever changed what can be seen of the members. */
  hasChanged(): boolean;
}>;

async function startExplaining(
  definition: BalancerDefinition,
  options: FrontOptions = {},
  start: typeof startToldFront = startToldFront,
): Promise<Explaining> {
  const explained: Explanation[] = [];
  const requests: IncomingMessage[] = [];
  let hasChanged = false;
  const front: ToldFront = await start(definition, {
    ...options,
    before(app) {
      options.before?.(app);
      app.use(options.mount ?? '/', (req, _res, next) => {
        requests.push(req);
        const still = viewStill(front);
        explained.push(front.balancer.explain(req));
        hasChanged ||= !isDeepStrictEqual(viewStill(front), still);
        next();
      });
    },
  });
  return { front: { ...front, requests }, explained, hasChanged: () => hasChanged };
}

async function startBackends(...names: readonly string[]): Promise<readonly Backend[]> {
  return Promise.all(names.map((name) => startBackend(name)));
}

/** Who an explanation says would get it, and the reasons of all. */
function sum({ member, members }: Explanation): readonly unknown[] {
  return [member, members.map(({ name, why }) => `${name} ${why}`).join(', ')];
}

describe('explain in a route of the app', () => {
  /** `GET /why/…` tells who would get the request; all else is for the balancer. */
  async function startWhy(definition: Omit<BalancerDefinition, 'members'>) {
    const [a, b] = await startBackends('a', 'b');
    const backends = [a!, b!];
    const addWhy = (app: Express): unknown =>
      app.get('/why{/*rest}', (req, res) => {
        res.json(front.balancer.explain(req));
      });
    const front: Front = await startToldFront(
      {
        ...definition,
        members: [
          { url: a!.url, route: 'a' },
          { url: b!.url, route: 'b' },
        ],
      },
      { before: addWhy },
    );
    const why = async (path = '/why', headers: Record<string, string> = {}): Promise<Explanation> => {
      const { body } = await requestTarget(front.port, path, { headers });
      return JSON.parse(body) as Explanation;
    };
    return { front, backends, why };
  }

  test('tells who and why, and sends nothing', async () => {
    const { front, backends, why } = await startWhy({});
    front.balancer.change('b', '+D');
    const urls = backends.map(({ url }) => url);
    expect(await why()).toEqual({
      member: 'a',
      text: 'a: the method has chosen it (credit 0)',
      members: [
        { name: 'a', url: urls[0], why: 'method', text: 'the method has chosen it (credit 0)' },
        { name: 'b', url: urls[1], why: 'disabled', text: 'it is disabled (D)' },
      ],
    });
    expect(backends.map((backend) => backend.connections())).toEqual([0, 0]);
  });

  test.each<[from: string, path: string, headers: Record<string, string>, sticky: string]>([
    ['a cookie', '/why', { Cookie: 'SID=x.b' }, 'SID'],
    ['a path parameter', '/why/page;sid=x.b', {}, 'sid'],
    ['a query parameter', '/why?sid=x.b', {}, 'sid'],
  ])('knows a session by %s', async (_from, path, headers, sticky) => {
    const { why } = await startWhy({ stickysession: 'SID|sid' });
    const explanation = await why(path, headers);
    expect(explanation).toMatchObject({ route: 'b', sticky });
    expect(sum(explanation)).toEqual(['b', 'a bound-elsewhere, b route']);
    expect(explanation.text).toBe('b: the session is bound to it by route "b"');
  });

  test('knows a session by the balancer’s own cookie, and does not believe a wrong signature', async () => {
    const { why } = await startWhy({ routeCookie: { name: 'R', secret: 'hush' } });
    const right = await why('/why', { Cookie: `R=${encodeURIComponent(`s:${sign('b', 'hush')}`)}` });
    expect([right.sticky, ...sum(right)]).toEqual(['R', 'b', 'a bound-elsewhere, b route']);
    const wrong = await why('/why', { Cookie: `R=${encodeURIComponent(`s:${sign('b', 'guess')}`)}` });
    expect([wrong.sticky, ...sum(wrong)]).toEqual([undefined, 'a', 'a method, b not-preferred']);
    expect(JSON.stringify([right, wrong])).not.toContain('hush');
  });

  test('may be asked as often as one likes: nobody’s turn is taken', async () => {
    const { front, why } = await startWhy({});
    for (let i = 0; i < 5; i += 1) expect((await why()).member).toBe('a');
    expect((await ask(front.port)).text).toBe('a');
    for (let i = 0; i < 5; i += 1) expect((await why()).member).toBe('b');
    expect((await ask(front.port)).text).toBe('b');
  });
});

describe('explain before the balancer', () => {
  test('knows mounted requests as the balancer will', async () => {
    const [a, b] = await startBackends('a', 'b');
    const members = [
      { url: a!.url, route: 'a' },
      { url: b!.url, route: 'b' },
    ];
    const { front, explained } = await startExplaining(
      { members, stickysession: 'SID|sid', exclude: '/static' },
      { mount: '/shop', after: (app) => app.use((_req, res) => void res.send('app')) },
    );
    expect((await ask(front.port, { path: '/shop/page;sid=x.b' })).text).toBe('b');
    expect((await ask(front.port, { path: '/shop/static/x' })).text).toBe('app');
    expect((await ask(front.port, { path: '/static/x' })).text).toBe('app');
    expect(explained.map((each) => [each.member, each.text])).toEqual([
      ['b', 'b: the session is bound to it by route "b"'],
      [undefined, 'it is left to the app (exclude)'],
    ]);
    expect(explained[1]!.members).toEqual([]);
  });

  test.each<[what: string, lines: Asked, code: string | undefined, text: RegExp]>([
    ['a path that climbs', { path: '/../x' }, 'ERR_BALANCER_BAD_REQUEST', /^it is refused: the path climbs/],
    [
      'a Host that is none',
      { headers: { Host: 'a b' } },
      'ERR_BALANCER_BAD_REQUEST',
      /^it is refused: Host is no/,
    ],
    [
      'Max-Forwards at its end',
      { method: 'TRACE', headers: { 'Max-Forwards': '0' } },
      undefined,
      /^it is answered here/,
    ],
  ])('tells what is never forwarded: %s', async (_what, asked, code, text) => {
    const [a] = await startBackends('a');
    const { front, explained } = await startExplaining({ members: [a!.url] });
    expect((await ask(front.port, asked)).code).toBe(code);
    expect(explained).toEqual([
      {
        member: undefined,
        text: expect.stringMatching(text),
        sticky: undefined,
        route: undefined,
        members: [],
      },
    ]);
    expect(a!.begun).toEqual([]);
  });

  test('knows an upgrade for what it is', async () => {
    const [a, b] = [await startChat('a'), await startChat('b')];
    const members = [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ];
    const { front, explained } = await startExplaining(
      { members, stickysession: 'SID' },
      {},
      startUpgradeFront,
    );
    const { head } = await openWebSocket(front.port, '/', { headers: { Cookie: 'SID=x.b' } });
    expect(head.headers['x-backend']).toBe('b');
    expect((await readRefusal(front.port, '/%zz')).status).toBe(400);
    expect(explained.map(({ member, text }) => [member, text])).toEqual([
      ['b', 'b: the session is bound to it by route "b"'],
      [undefined, 'it is refused: the path holds a % without two hexadecimal digits'],
    ]);
    closeWebSockets();
  });

  test('tells of a balancer that is closed', async () => {
    const [a] = await startBackends('a');
    const { front, explained } = await startExplaining({ members: [a!.url] });
    await front.balancer.close();
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CLOSED');
    expect(explained).toMatchObject([
      { member: undefined, text: 'it is refused: the balancer is closed', members: [] },
    ]);
  });

  test('tells that a request would wait, and for whom', async () => {
    const held = await startHolding('a');
    const { front, explained } = await startExplaining({ members: [{ url: held.url, route: 'a', max: 1 }] });
    const first = ask(front.port);
    await until(() => held.held() === 1);
    const second = ask(front.port);
    await until(() => explained.length === 2);
    held.open();
    await Promise.all([first, second]);
    expect(explained[1]).toMatchObject({
      member: undefined,
      text: 'those who may be chosen serve their max: it would wait',
      members: [{ why: 'full', text: 'it serves 1 requests, as many as max allows' }],
    });
  });

  test('calls a function that chooses, and tells of its failure without failing', async () => {
    const [a, b] = await startBackends('a', 'b');
    let calls = 0;
    let isBroken = false;
    const lbmethod = (members: readonly MemberSnapshot[]): MemberSnapshot | undefined => {
      calls += 1;
      if (isBroken) throw new Error('broken');
      return members[1];
    };
    const { front, explained } = await startExplaining({
      lbmethod,
      members: [
        { url: a!.url, route: 'a' },
        { url: b!.url, route: 'b' },
      ],
    });
    expect((await ask(front.port)).text).toBe('b');
    expect(calls).toBe(2);
    isBroken = true;
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_LBMETHOD');
    expect(explained.map(({ member, text }) => [member, text])).toEqual([
      ['b', 'b: the method has chosen it'],
      [undefined, 'the balancing method has failed'],
    ]);
  });

  test('tells the app of a function of exclude that throws, as a request would', async () => {
    const [a] = await startBackends('a');
    const exclude = (): boolean => {
      throw new Error('no');
    };
    const { front } = await startExplaining({ members: [a!.url], exclude });
    expect((await ask(front.port)).status).toBe(500);
    expect(front.errors).toHaveLength(1);
    expect(front.errors[0]).toMatchObject({ message: 'no' });
  });
});

const routes = ['a', 'b', 'c', 'd'] as const;

const lbmethods: Readonly<Record<string, BalancerDefinition['lbmethod']>> = {
  byrequests: 'byrequests',
  bytraffic: 'bytraffic',
  bybusyness: 'bybusyness',
  byresponsetime: 'byresponsetime',
  random: 'random',
  byhash: 'byhash',
  'a function': (members, req) => members[(req.url ?? '').length % (members.length + 1)],
};

describe.each(Object.entries(lbmethods))('explain under %s', (name, lbmethod = 'byrequests') => {
  const definition = {
    lbmethod,
    ...(name === 'byhash' ? { hashKey: { header: 'x-key' } } : {}),
  } as Omit<BalancerDefinition, 'members'>;

  /** Flags, each set or cleared. */
  function drawFlags(random: Random): string {
    const role = random.oneOf(['', '', '', '+H', '+R']);
    return ['D', 'S', 'N', 'I', 'E', 'C']
      .map((letter) => `${random.happens(20) ? '+' : '-'}${letter}`)
      .join('')
      .concat('-H-R', role);
  }

  test('changes nothing and sends nothing', async () => {
    const backends = await startBackends('a', 'b');
    const members = backends.map(({ url }, i) => ({ url, route: 'ab'[i]! }));
    const { front, explained, hasChanged } = await startExplaining({ ...definition, members });
    for (let i = 0; i < 5; i += 1) await ask(front.port, { headers: { 'X-Key': String(i) } });
    const still = viewStill(front);
    const connections = backends.map((backend) => backend.connections());
    for (let i = 0; i < 20; i += 1) front.balancer.explain(front.requests.at(-1)!);
    expect(viewStill(front)).toEqual(still);
    expect(backends.map((backend) => backend.connections())).toEqual(connections);
    expect([explained.length, hasChanged()]).toEqual([5, false]);
  });

  test.each([1, 2, 3])(
    'says what then happens to the very same request, whatever the states (seed %i)',
    async (seed) => {
      const random = createRandom(seed * 1_000 + name.length);
      const held: ServerResponse[] = [];
      const backends = await Promise.all(
        routes.map((route) =>
          startBackend(route, (req, res) => {
            if (req.url === '/held') held.push(res);
            else res.end(route);
          }),
        ),
      );
      const chance = jest.spyOn(Math, 'random');
      const members = backends.map(({ url }, i) => ({
        url,
        route: routes[i]!,
        loadfactor: 1 + random.below(5),
        lbset: random.below(2),
        retry: random.happens(30) ? 0 : 60,
        ...(random.happens(40) ? { max: 1 } : {}),
        ...(random.happens(30) ? { redirect: routes[(i + 1 + random.below(3)) % 4]! } : {}),
      }));
      const isLimited = members.some((member) => 'max' in member);
      const { front, explained, hasChanged } = await startExplaining({
        ...definition,
        stickysession: 'SID',
        nofailover: random.happens(30),
        forcerecovery: random.happens(70),
        ...(isLimited ? { queueTimeout: '1ms' } : {}),
        members,
      });
      // Some are at work, and some of those are full.
      const atWork = routes.filter(() => random.happens(50));
      const working = atWork.map((route) =>
        ask(front.port, { path: '/held', headers: { Cookie: `SID=x.${route}` } }),
      );
      await until(() => held.length === atWork.length);

      const outcomes = new Set<string>();
      for (let i = 0; i < 60; i += 1) {
        chance.mockReturnValue(random.below(1_000) / 1_000);
        for (const route of routes) if (random.happens(50)) front.balancer.change(route, drawFlags(random));
        const headers: Record<string, string> = {};
        if (random.happens(50)) headers['Cookie'] = `SID=x.${random.oneOf([...routes, 'gone'])}`;
        if (random.happens(70)) headers['X-Key'] = String(random.below(100));
        await ask(front.port, { path: `/${'x'.repeat(random.below(6))}`, headers });

        const { member, members, route, text } = explained.at(-1)!;
        const { attempts, waitedMs, ...facts } = front.requests.at(-1)!.balancer!;
        const why = members.find((each) => each.name === member)?.why;
        outcomes.add(why ?? text);
        expect(facts.route).toBe(route);
        // Who would wait has waited, and may have been served by another in the end.
        if (member === undefined && waitedMs > 0) continue;
        expect([attempts[0]?.name, attempts[0]?.reason]).toEqual([member, why]);
      }
      expect(outcomes.size).toBeGreaterThan(2);
      expect(hasChanged()).toBe(false);
      for (const res of held) res.end();
      await Promise.all(working);
    },
  );
});
