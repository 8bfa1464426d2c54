import { afterEach, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import { sign } from 'cookie-signature';
import type { BalancerDefinition, RouteCookie } from '../../src/index.ts';
import { requestTarget, type Answered, type Wishes } from '../support/request-target.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { senders, startFront, type Front, type FrontOptions } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

/** `ROUTEID=s%3A…` as a client sends it back. */
function signedCookie(route: string, secret: string): string {
  return `ROUTEID=${encodeURIComponent(`s:${sign(route, secret)}`)}`;
}

/** What a client would send back of an answer's cookies. */
function cookiesOf({ headers }: Answered): string[] {
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]!);
}

describe.each(senders)('the route cookie over %s', (_name, sender) => {
  /** A front over members with routes `1` and `2`, which answer with these. */
  async function startPair(
    definition: Partial<BalancerDefinition>,
    options: FrontOptions = {},
  ): Promise<Readonly<{ front: Front; one: Backend; two: Backend }>> {
    const [one, two] = await Promise.all([startBackend('1'), startBackend('2')]);
    const members = [
      { url: one.url, route: '1' },
      { url: two.url, route: '2' },
    ];
    const front = await startFront({ ...sender, ...definition, members }, options);
    return { front, one, two };
  }

  /** `served, cookies`: who answers, and what cookies come with it. */
  async function tell({ port }: Front, cookie?: string, wishes: Wishes = {}): Promise<string> {
    const headers = { ...wishes.headers, ...(cookie === undefined ? {} : { Cookie: cookie }) };
    const answer = await requestTarget(port, '/', { ...wishes, headers });
    const who = answer.status === 200 ? answer.body : String(answer.status);
    return [who, ...(answer.headers['set-cookie'] ?? [])].join(', ');
  }

  describe('alone', () => {
    test('R14: is set when the route has changed, and only then', async () => {
      const { front } = await startPair({ routeCookie: true });
      expect(await tell(front)).toBe('1, ROUTEID=1; Path=/; HttpOnly; SameSite=Lax');
      expect(await tell(front, 'ROUTEID=1')).toBe('1');
      expect(await tell(front, 'ROUTEID=2')).toBe('2');
      expect(await tell(front, 'ROUTEID=2')).toBe('2');
      expect(await tell(front, 'ROUTEID=9')).toMatch(/^[12], ROUTEID=[12];/);
      expect(await tell(front, 'ROUTEID=')).toMatch(/^[12], ROUTEID=[12];/);
      expect(await tell(front, 'XROUTEID=1')).toMatch(/^[12], ROUTEID=[12];/);
    });

    test('keeps a client where it is, while others are balanced', async () => {
      const { front, one, two } = await startPair({ routeCookie: true });
      const [cookie] = cookiesOf(await requestTarget(front.port, '/'));
      for (let i = 0; i < 6; i += 1) {
        expect(await tell(front, cookie)).toBe('1');
        await tell(front);
      }
      expect([one.received.length + two.received.length, two.received.length > 0]).toEqual([13, true]);
    });

    test('R14: is the new route after failover, and that route holds when the first is back', async () => {
      const { front, one } = await startPair({ routeCookie: true, memberDefaults: { retry: 0 } });
      await one.stop();
      expect(await tell(front, 'ROUTEID=1')).toBe('2, ROUTEID=2; Path=/; HttpOnly; SameSite=Lax');
      await one.start();
      expect(await tell(front, 'ROUTEID=2')).toBe('2');
    });

    test('comes with a member’s error page too', async () => {
      const failing = await startBackend('failing', (_req, res) => res.writeHead(500).end());
      const front = await startFront({
        ...sender,
        routeCookie: true,
        members: [{ url: failing.url, route: '1' }],
      });
      expect(await tell(front)).toBe('500, ROUTEID=1; Path=/; HttpOnly; SameSite=Lax');
    });

    test('comes with an error page of the app that stands for a member’s', async () => {
      const failing = await startBackend('failing', (_req, res) => res.writeHead(500).end());
      const members = [{ url: failing.url, route: '1' }];
      const front = await startFront({ ...sender, routeCookie: true, proxyerroroverride: true, members });
      expect(await tell(front)).toBe('500, ROUTEID=1; Path=/; HttpOnly; SameSite=Lax');
      expect(front.errors).toMatchObject([{ code: 'ERR_BALANCER_MEMBER_STATUS' }]);
    });

    test('does not come with an error page when nobody has answered', async () => {
      const members = [{ url: await deadUrl(), route: '1' }];
      const front = await startFront({ ...sender, routeCookie: true, members });
      expect(await tell(front)).toBe('503');
    });

    test('is not set for a member without a route', async () => {
      const [one, two] = await Promise.all([startBackend('1'), startBackend('none')]);
      const members = [{ url: one.url, route: '1' }, { url: two.url }];
      const front = await startFront({ ...sender, routeCookie: true, members });
      expect(await tell(front)).toMatch(/^1, ROUTEID=1;/);
      expect(await tell(front)).toBe('none');
    });

    test('stands beside the cookies of member and app', async () => {
      const backend = await startBackend('1', (_req, res) => {
        res.setHeader('Set-Cookie', ['theirs=1; HttpOnly', 'theirs=2']);
        res.end('1');
      });
      const front = await startFront(
        { ...sender, routeCookie: true, members: [{ url: backend.url, route: '1' }] },
        {
          before: (app) =>
            app.use((_req, res, next) => {
              res.cookie('app', 'x');
              next();
            }),
        },
      );
      const names = cookiesOf(await requestTarget(front.port, '/'));
      expect(names).toEqual(['app=x', 'theirs=1', 'theirs=2', 'ROUTEID=1']);
    });

    test('is read from every cookie of the name, and from the second line', async () => {
      const { front } = await startPair({ routeCookie: true });
      expect(await tell(front, 'ROUTEID=9; ROUTEID=2')).toBe('2');
      expect(
        await requestTarget(front.port, '/', { headers: { Cookie: ['a=1', 'ROUTEID="2"'] } }),
      ).toMatchObject({
        body: '2',
      });
    });

    test('tells the app of the route', async () => {
      const seen: unknown[] = [];
      const { front } = await startPair(
        { name: 'pair', routeCookie: { name: 'R' } },
        {
          before: (app) =>
            app.use((req, res, next) => {
              res.once('finish', () => seen.push(req.balancer));
              next();
            }),
        },
      );
      await tell(front, 'R=2');
      await tell(front, 'R=9');
      expect(seen).toMatchObject([
        { name: 'pair', sticky: 'R', route: '2', memberRoute: '2', routeChanged: false },
        { name: 'pair', sticky: 'R', route: '9', routeChanged: true },
      ]);
    });

    test('holds with nofailover', async () => {
      const { front, one } = await startPair({ routeCookie: true, nofailover: true });
      await one.stop();
      expect(await tell(front, 'ROUTEID=1')).toBe('503');
      expect(await tell(front, 'ROUTEID=1')).toBe('503');
      expect(await tell(front, 'ROUTEID=2')).toBe('2');
    });
  });

  describe('beside stickysession', () => {
    const both = { stickysession: 'SID', routeCookie: true } as const;

    test('the application’s session comes first', async () => {
      const { front } = await startPair(both);
      expect(await tell(front, 'SID=x.2; ROUTEID=1')).toMatch(/^2, ROUTEID=2;/);
      expect(await tell(front, 'SID=x.2; ROUTEID=2')).toBe('2');
      expect(await tell(front, 'SID=x.1; ROUTEID=2')).toMatch(/^1, ROUTEID=1;/);
    });

    test('the route cookie decides where there is no session, or one that leads nowhere', async () => {
      const { front } = await startPair(both);
      for (const session of ['', 'SID=new; ', 'SID=x.gone; ']) {
        expect(await tell(front, `${session}ROUTEID=2`)).toBe('2');
        expect(await tell(front, `${session}ROUTEID=1`)).toBe('1');
      }
    });

    test('a request that nothing binds is balanced, and bound', async () => {
      const { front } = await startPair(both);
      expect(await tell(front, 'SID=x.gone; ROUTEID=gone')).toBe(
        '1, ROUTEID=1; Path=/; HttpOnly; SameSite=Lax',
      );
      expect(await tell(front)).toBe('2, ROUTEID=2; Path=/; HttpOnly; SameSite=Lax');
    });
  });

  describe('has the attributes of the definition', () => {
    const expires = new Date(Date.UTC(2100, 0, 1));

    test.each<[routeCookie: RouteCookie, cookie: string]>([
      [{}, 'ROUTEID=1; Path=/; HttpOnly; SameSite=Lax'],
      [{ name: 'WHO' }, 'WHO=1; Path=/; HttpOnly; SameSite=Lax'],
      [{ path: '/elsewhere' }, 'ROUTEID=1; Path=/elsewhere; HttpOnly; SameSite=Lax'],
      [{ domain: 'front.example' }, 'ROUTEID=1; Domain=front.example; Path=/; HttpOnly; SameSite=Lax'],
      [{ httpOnly: false, sameSite: false }, 'ROUTEID=1; Path=/'],
      [{ sameSite: 'strict' }, 'ROUTEID=1; Path=/; HttpOnly; SameSite=Strict'],
      [{ sameSite: 'none', secure: true }, 'ROUTEID=1; Path=/; HttpOnly; Secure; SameSite=None'],
      [{ maxAge: 90_000 }, 'ROUTEID=1; Max-Age=90; Path=/; HttpOnly; SameSite=Lax'],
      [{ expires }, 'ROUTEID=1; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT; HttpOnly; SameSite=Lax'],
      [
        { partitioned: true, priority: 'high', secure: true },
        'ROUTEID=1; Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=Lax',
      ],
    ])('%j', async (routeCookie, cookie) => {
      const { front } = await startPair({ routeCookie });
      expect(await tell(front)).toBe(`1, ${cookie}`);
    });

    test.each([
      ['/shop', '/shop/a', '/shop'],
      ['/shop/', '/shop/a', '/shop'],
      ['/t/:tenant', '/t/blue/a', '/t/blue'],
      ['/', '/a', '/'],
    ])('Path is the mount path: %s, for %s', async (mount, target, path) => {
      const { front } = await startPair({ routeCookie: true }, { mount });
      const { headers } = await requestTarget(front.port, target);
      expect(headers['set-cookie']).toEqual([`ROUTEID=1; Path=${path}; HttpOnly; SameSite=Lax`]);
    });

    const https = { headers: { 'X-Forwarded-Proto': 'https' } };

    test.each<[routeCookie: boolean | RouteCookie, isTrusted: boolean, wishes: Wishes, isSecure: boolean]>([
      [true, true, https, true],
      [true, true, {}, false],
      [true, false, https, false],
      [{ secure: 'auto' }, true, https, true],
      [{ secure: true }, false, {}, true],
      [{ secure: false }, true, https, false],
    ])('Secure: %j, peer trusted %s, asked with %j: %s', async (routeCookie, isTrusted, wishes, isSecure) => {
      const { front } = await startPair(
        { routeCookie },
        { before: (app) => app.set('trust proxy', isTrusted) },
      );
      expect((await tell(front, undefined, wishes)).includes('; Secure')).toBe(isSecure);
    });
  });

  describe('signed', () => {
    const rotated = { routeCookie: { secret: ['new', 'old'] } } as const;

    test('carries a signature that cookie-parser verifies', async () => {
      const { front } = await startPair({ routeCookie: { secret: 'only' } });
      const [cookie] = cookiesOf(await requestTarget(front.port, '/'));
      expect(cookie).toBe(signedCookie('1', 'only'));
      const value = decodeURIComponent(cookie!.slice('ROUTEID='.length));
      expect(cookieParser.signedCookie(value, 'only')).toBe('1');
      expect([await tell(front, cookie), await tell(front, cookie)]).toEqual(['1', '1']);
    });

    test('is signed with the first secret and verified with all', async () => {
      const { front } = await startPair(rotated);
      expect(cookiesOf(await requestTarget(front.port, '/'))).toEqual([signedCookie('1', 'new')]);
      expect(await tell(front, signedCookie('2', 'new'))).toBe('2');
      expect(await tell(front, signedCookie('2', 'old'))).toBe('2');
    });

    test.each([
      ['unsigned', 'ROUTEID=2'],
      ['forged with another secret', signedCookie('2', 'guessed')],
      ['signed with a secret that is gone', signedCookie('2', 'older')],
      ['signed for another route', signedCookie('1', 'new').replace('s%3A1.', 's%3A2.')],
      ['without its signature', 'ROUTEID=s%3A2'],
      ['with an empty signature', 'ROUTEID=s%3A2.'],
      ['signed, but for nothing', signedCookie('', 'new')],
    ])('one that is %s is no route, and a new one is set', async (_what, cookie) => {
      const { front } = await startPair(rotated);
      // The first to be served is 1, so a cookie that names 2 has had no effect.
      const answer = await requestTarget(front.port, '/', { headers: { Cookie: cookie } });
      expect([answer.body, cookiesOf(answer)]).toEqual(['1', [signedCookie('1', 'new')]]);
    });

    test('a forged one beside a good one does no harm', async () => {
      const { front } = await startPair(rotated);
      expect(await tell(front, `ROUTEID=2; ${signedCookie('1', 'new')}`)).toBe('1');
      expect(await tell(front, `ROUTEID=1; ${signedCookie('2', 'old')}`)).toBe('2');
    });

    test('is the signed new route after failover', async () => {
      const { front, one } = await startPair(rotated);
      await one.stop();
      const answer = await requestTarget(front.port, '/', { headers: { Cookie: signedCookie('1', 'new') } });
      expect([answer.body, cookiesOf(answer)]).toEqual(['2', [signedCookie('2', 'new')]]);
    });

    test.each([
      ['the same secret', 'new'],
      ['another secret', 'else'],
      ['no secret', undefined],
    ])('is read beside a cookie-parser with %s', async (_what, secret) => {
      const { front } = await startPair(rotated, { before: (app) => app.use(cookieParser(secret)) });
      expect(await tell(front, signedCookie('2', 'new'))).toBe('2');
      expect(await tell(front, signedCookie('2', 'guessed'))).toMatch(/^[12], ROUTEID=s%3A[12]\./);
    });
  });
});
