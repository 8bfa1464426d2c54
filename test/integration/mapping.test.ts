import { Agent } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { Router, type Request, type RequestHandler } from 'express';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import { requestTarget, untilIdle } from '../support/request-target.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { exchangeBytes, senders, silent, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

const balancers: Balancer[] = [];

afterEach(async () => {
  await untilIdle(balancers);
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
  await tidyUp();
});

/** What a later middleware sees of a request. */
type Place = Readonly<{ url: string; originalUrl: string; baseUrl: string }>;

function placeOf({ url, originalUrl, baseUrl }: Request): Place {
  return { url, originalUrl, baseUrl };
}

describe.each(senders)('mapping over %s', (_name, sender) => {
  type Mounted = Readonly<{ mount?: string | RegExp | (string | RegExp)[]; base?: string }> &
    Partial<BalancerDefinition>;

  /** A front with one member, whose own path is `base`. */
  async function map({ mount = '/', base = '', ...definition }: Mounted): Promise<[Front, Backend]> {
    const backend = await startBackend();
    const front = await startFront({ ...sender, ...definition, members: [backend.url + base] }, { mount });
    return [front, backend];
  }

  function create(definition: BalancerDefinition): Balancer {
    const balancer: Balancer = createBalancer({ ...silent, ...sender, ...definition });
    balancers.push(balancer);
    return balancer;
  }

  describe('joins what is below the mount path to the path of the member with one slash', () => {
    // The ids are those of the reference's section 15.1; N marks what httpd has otherwise.
    test.each<[id: string, mount: string, base: string, target: string, upstream: string]>([
      ['U1', '/m1', '/t/', '/m1/foo', '/t/foo'],
      ['U3', '/m2', '/t', '/m2/foo', '/t/foo'],
      ['U3', '/m2', '/t', '/m2/', '/t/'],
      ['U3 N: Express has no empty path', '/m2', '/t', '/m2', '/t/'],
      ['U5', '/m2', '/t', '/m2//foo', '/t/foo'],
      ['U6 N', '/m3', '/t/', '/m3/foo', '/t/foo'],
      ['U6', '/m3', '/t/', '/m3', '/t/'],
      ['U7 N', '/m4/', '/t', '/m4/foo', '/t/foo'],
      ['U15 N', '/static', '/media/', '/static/foo/1.css?v=2', '/media/foo/1.css?v=2'],
      ['U16', '/static/', '/media', '/static/foo', '/media/foo'],
      ['U17 N', '/sc', '/media/sub/', '/sc', '/media/sub/'],
      ['U18', '/se', '/media', '/se', '/media/'],
      ['U19', '/sg', '', '/sg/foo', '/foo'],
      ['U19', '/sg', '', '/sg', '/'],
      ['U20 N', '/sh', '/', '/sh/foo', '/foo'],
      ['U21 N', '/si/', '', '/si/foo', '/foo'],
      ['U22', '/', '', '/', '/'],
      ['U22 N', '/', '/', '/foo', '/foo'],
      ['U22 with a path', '/', '/media/', '/', '/media/'],
      ['U27 N: Express has no empty path', '/q', '/q', '/q?', '/q/?'],
      ['U27', '/q', '/q', '/q/?', '/q/?'],
      ['U27', '/q', '/q', '/q/a?b?c', '/q/a?b?c'],
      ['two slashes further in', '/q', '/q', '/q/a//b/', '/q/a//b/'],
    ])('%s: %s, member %s: %s is %s', async (_id, path, base, target, upstream) => {
      const [front, backend] = await map({ mount: path, base });
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 200, body: 'backend' });
      expect(backend.received.map(({ url }) => url)).toEqual([upstream]);
    });
  });

  test('U4: leaves a path that only begins like the mount path to the app', async () => {
    const [front, backend] = await map({ mount: '/m2' });
    expect(await requestTarget(front.port, '/m2foo')).toMatchObject({ status: 404 });
    expect(backend.received).toEqual([]);
  });

  // U28 to U30, U32 and U35: where httpd decodes or encodes, this does not.
  test.each([
    '/q/a%20b',
    '/q/a%25b',
    '/q/a%3Fb',
    '/q/a%5Cb',
    '/q/a%5cb',
    '/q/a%0Ab',
    '/q/a%3Bb;c',
    '/q/a%2Bb+c',
    '/q/a%26b%3Dc',
    '/q/%41a',
    '/q/a~b%7Eb',
    '/q/a|b',
    '/q/a{b}^`"<>[]',
    '/q/%C3%A9%c3%a9',
    '/q/a%2Fb',
    '/q/a%2fb%20c',
    '/q/a%252Fb',
    '/q/%252e%252ea',
    '/q/?',
    '/q/a?',
    '/q/a??',
    '/q/a?b?c',
    '/q/?a?b/../c',
    '/q/a?x=a%20b&y=%2F&z=a+b',
    '/q/a?x=a|b"<>',
    '/q/a?x={}[]^`\\',
    '/q/a?%e9=%E9%zz%',
    '/q/a?/..%2f..;',
  ])('keeps %s byte for byte', async (target) => {
    const [front, backend] = await map({ mount: '/q', base: '/q' });
    const text = await exchangeBytes(
      front.port,
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: front.example\r\nConnection: close\r\n\r\n`, 'latin1'),
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(backend.received.map(({ url }) => url)).toEqual([target]);
  });

  describe('answers 400 and asks nobody for', () => {
    test.each([
      ['U31 N: a dot segment', '/q/./a'],
      ['U31 N: a dot segment that goes up', '/q/a/../b'],
      ['U31 N: encoded dot segments', '/q/a/%2e%2e/b'],
      ['a dot segment at the end', '/q/a/.'],
      ['a dot segment in an absolute target', 'http://front.example/q/a/../b'],
      ['a NUL', '/q/a%00b'],
      ['half an escape', '/q/a%2'],
      ['an escape without digits', '/q/a%zz'],
      ['a fragment', '/q/a#f'],
      ['a fragment in the query', '/q/a?b#f'],
      ['user information in an absolute target', 'http://member@front.example/q/a'],
      ['an absolute target that climbs into its host', 'http://front.example/q/../../etc/passwd'],
    ])('%s: %s', async (_what, target) => {
      const [front, backend] = await map({ mount: '/q', base: '/q' });
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 400 });
      expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_BAD_REQUEST']);
      expect(backend.received).toEqual([]);
    });
  });

  describe('never lets a path out of the base of the member', () => {
    const starts = ['', '/', './', 'a/', 'a/b/', 'a/../', '%2f', '%5C', 'a%2F', '\\', 'a\\', 'a;x/', ';'];
    const dots = ['..', '%2e%2e', '%2E.', '.%2e', '..;', '..;x=1', '%2e%2e%3b', '.;', '%2e', '...'];
    const ends = [
      '',
      '/',
      '/secret',
      '%2fsecret',
      '%2F',
      '\\secret',
      '%5csecret',
      '%5C',
      '/../secret',
      '%2f..',
    ];

    /** How far above its start a reader gets who resolves dot segments. */
    function findLowest(path: string, separators: RegExp, nameOf: (segment: string) => string): number {
      let depth = 0;
      let lowest = 0;
      for (const segment of path.split(separators)) {
        const name = nameOf(segment);
        if (name === '..') depth -= 1;
        else if (name !== '' && name !== '.') depth += 1;
        lowest = Math.min(lowest, depth);
      }
      return lowest;
    }

    /** As RFC 3986 has it. */
    const climbs = (path: string): boolean =>
      findLowest(path, /\//, (segment) => segment.replaceAll(/%2e/gi, '.')) < 0;

    /** For the most careless backend: it decodes first, takes backslashes for slashes and drops parameters. */
    const mayClimb = (path: string): boolean => {
      const decoded = path.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );
      return findLowest(decoded, /[/\\]/, (segment) => segment.split(';', 1)[0]!) < 0;
    };

    test.each(starts)('after %j, in every spelling', async (start) => {
      const [front, backend] = await map({ mount: '/app', base: '/base/' });
      const agent = new Agent({ keepAlive: true });
      for (const path of dots.flatMap((dot) => ends.map((end) => start + dot + end))) {
        backend.received.splice(0);
        const { status } = await requestTarget(front.port, `/app/${path}?q`, { agent });
        const urls = backend.received.map(({ url }) => url);
        if (status === 200 && !climbs(path)) {
          // `/base..` would begin like the base and lie outside of it.
          expect([path, urls]).toEqual([path, [expect.stringMatching(/^\/base\/.*\?q$/)]]);
          expect([path, mayClimb(urls[0]!.slice('/base'.length, -'?q'.length))]).toEqual([path, false]);
        } else {
          expect([path, status, urls]).toEqual([path, 400, []]);
        }
      }
      agent.destroy();
    });

    test.each([
      '/..',
      '/../',
      '/%2e%2e',
      '/%2E%2E/secret',
      '/..%2f',
      '/..%2Fsecret',
      '/..;',
      '/..;/secret',
      '/..%3b/secret',
      '/..\\secret',
      '/..%5csecret',
      '/a/../../secret',
      '/a%2f..%2f..%2fsecret',
      '/./../secret',
      '//../secret',
      '/.;/secret',
      '/a/..;/secret',
    ])('%s is answered with 400, also at the root of host and member', async (target) => {
      const [front, backend] = await map({});
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 400 });
      expect(backend.received).toEqual([]);
    });
  });

  describe('takes an absolute target', () => {
    test.each([
      ['/', '', 'http://shop.example:8080/a?b', '/a?b'],
      ['/', '/media/', 'http://shop.example:8080//a//b', '/media/a//b'],
      ['/static', '/media/', 'http://shop.example:8080/static/a%2Fb?', '/media/a%2Fb?'],
      ['/static', '', 'http://shop.example:8080/static', '/'],
      ['/', '', 'http://shop.example:8080', '/'],
      ['/', '', 'http://shop.example:8080?a', '/?a'],
    ])('mounted at %s, member %s: %s is %s', async (path, base, target, upstream) => {
      const [front, backend] = await map({ mount: path, base });
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 200 });
      expect(backend.received).toMatchObject([
        // RFC 9112 3.2.2: its host counts, not the one in Host.
        { url: upstream, headers: { 'x-forwarded-host': 'shop.example:8080' } },
      ]);
    });
  });

  test('leaves OPTIONS * to the app', async () => {
    const [front, backend] = await map({});
    expect(await requestTarget(front.port, '*', { method: 'OPTIONS' })).toMatchObject({ status: 404 });
    expect(backend.received).toEqual([]);
  });

  describe('serves where it is mounted', () => {
    const redirect = async (): Promise<Backend> =>
      startBackend('backend', (req, res) => {
        res.setHeader('Location', `http://${req.headers.host}/base/next`);
        res.writeHead(302).end();
      });

    test.each<[what: string, mount: string | RegExp | (string | RegExp)[], target: string, prefix: string]>([
      ['a path', '/app', '/app/x', '/app'],
      ['a path of two segments', '/a/b', '/a/b/x', '/a/b'],
      ['a path with a parameter in it', '/t/:tenant', '/t/blue/x', '/t/blue'],
      ['the first of several paths', ['/one', '/two'], '/one/x', '/one'],
      ['the second of several paths', ['/one', '/two'], '/two/x', '/two'],
      ['a pattern', /^\/v\d+/, '/v42/x', '/v42'],
      ['a pattern among paths', ['/one', /^\/v\d+/], '/v1/x', '/v1'],
      ['the root', '/', '/x', ''],
    ])('%s', async (_what, path, target, prefix) => {
      const backend = await redirect();
      const front = await startFront({ ...sender, members: [`${backend.url}/base/`] }, { mount: path });
      const { headers } = await requestTarget(front.port, target);
      expect(headers.location).toBe(`http://front.example${prefix}/next`);
      expect(backend.received).toMatchObject([{ url: '/base/x' }]);
      expect(backend.received[0]!.headers['x-forwarded-prefix']).toBe(prefix === '' ? undefined : prefix);
    });

    test('a Router in a Router', async () => {
      const backend = await redirect();
      const outer = Router();
      const inner = Router();
      outer.use('/inner', inner);
      inner.use('/app', create({ members: [`${backend.url}/base/`] }));
      const front = await startFront(
        { ...sender, members: [backend.url] },
        { mount: '/elsewhere', before: (app) => app.use('/outer', outer) },
      );
      const { headers } = await requestTarget(front.port, '/outer/inner/app/x?y');
      expect(headers.location).toBe('http://front.example/outer/inner/app/next');
      expect(backend.received).toMatchObject([
        { url: '/base/x?y', headers: { 'x-forwarded-prefix': '/outer/inner/app' } },
      ]);
    });

    test('an app in an app', async () => {
      const backend = await redirect();
      const inner = express();
      inner.use('/app', create({ members: [`${backend.url}/base/`] }));
      const front = await startFront(
        { ...sender, members: [backend.url] },
        { mount: '/elsewhere', before: (app) => app.set('trust proxy', true).use('/inner', inner) },
      );
      const wishes = { headers: { 'X-Forwarded-Proto': 'https' } };
      const { headers } = await requestTarget(front.port, '/inner/app/x', wishes);
      expect(headers.location).toBe('https://front.example/inner/app/next');
      expect(backend.received).toMatchObject([{ url: '/base/x' }]);
    });

    test('several balancers in one app, each with its own members', async () => {
      const [one, two, rest] = await Promise.all(['one', 'two', 'rest'].map((name) => startBackend(name)));
      const front = await startFront(
        { ...sender, members: [rest!.url] },
        {
          before(app) {
            app.use('/one', create({ name: 'one', members: [one!.url] }));
            app.use('/one/two', create({ name: 'hidden', members: [rest!.url] }));
            app.use('/two', create({ name: 'two', members: [two!.url] }));
          },
        },
      );
      const answers = ['/one/a', '/two/b', '/onetwo', '/one/two'].map((path) =>
        requestTarget(front.port, path),
      );
      expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['one', 'two', 'rest', 'one']);
      expect(one!.received.map(({ url }) => url).sort()).toEqual(['/a', '/two']);
      expect(rest!.received.map(({ url }) => url)).toEqual(['/onetwo']);
    });
  });

  describe('leaves url, originalUrl and baseUrl as they were', () => {
    /** Notes the place of each request before and after what is mounted between. */
    function watch(places: Place[]): RequestHandler {
      return (req, res, next) => {
        places.push(placeOf(req));
        res.once('close', () => places.push(placeOf(req)));
        next();
      };
    }

    test.each(['/static/a%20b//c?x', '/static', '/static?x'])(
      'of %s, when a member has answered',
      async (target) => {
        const places: Place[] = [];
        const backend = await startBackend();
        const front = await startFront(
          { ...sender, members: [`${backend.url}/media/`], pathRewrite: { '^/': '/new/' } },
          { mount: '/static', before: (app) => app.use('/static', watch(places)) },
        );
        await requestTarget(front.port, target);
        await tidyUp();
        expect(places).toHaveLength(2);
        expect(places[1]).toEqual(places[0]);
        expect(places[0]).toMatchObject({ originalUrl: target, baseUrl: '/static' });
      },
    );

    test('of a request that is left to the app', async () => {
      const places: Place[] = [];
      const backend = await startBackend();
      const front = await startFront(
        { ...sender, members: [backend.url], exclude: '/mine', pathRewrite: { '^/': '/new/' } },
        {
          mount: '/app',
          after: (app) =>
            app.use((req, res) => {
              places.push(placeOf(req));
              res.send('app');
            }),
        },
      );
      expect(await requestTarget(front.port, '/app/mine/a?b')).toMatchObject({ status: 200, body: 'app' });
      expect(places).toEqual([{ url: '/app/mine/a?b', originalUrl: '/app/mine/a?b', baseUrl: '' }]);
      expect(backend.received).toEqual([]);
    });

    test('of a request that has failed', async () => {
      const places: Place[] = [];
      const front = await startFront(
        { ...sender, members: [{ url: 'http://127.0.0.1:9', status: 'D' }] },
        {
          mount: '/app',
          after: (app) =>
            app.use((error: unknown, req: Request, _res: unknown, next: (error: unknown) => void) => {
              places.push(placeOf(req));
              next(error);
            }),
        },
      );
      expect(await requestTarget(front.port, '/app/a?b')).toMatchObject({ status: 503 });
      expect(places).toEqual([{ url: '/app/a?b', originalUrl: '/app/a?b', baseUrl: '' }]);
    });
  });

  describe('exclude', () => {
    const later: RequestHandler = (_req, res) => {
      res.send('app');
    };

    test.each<
      [exclude: NonNullable<BalancerDefinition['exclude']>, target: string, served: 'app' | 'backend']
    >([
      // U8: a prefix ends where a segment does.
      ['/ex', '/m5/ex/1', 'app'],
      ['/ex', '/m5/ex', 'app'],
      ['/ex', '/m5/ex?q', 'app'],
      ['/ex', '/m5/extra', 'backend'],
      ['/ex', '/m5', 'backend'],
      ['/ex', '/m5/a?/ex', 'backend'],
      ['/ex', '/m5/%65x/1', 'app'],
      ['/ex', '/m5//ex', 'app'],
      ['/', '/m5/anything', 'app'],
      [/\.php$/, '/m5/a/b.php?c', 'app'],
      [/\.php$/, '/m5/a/b.php/c', 'backend'],
      [(req) => req.headers['x-no-proxy'] !== undefined, '/m5/a', 'backend'],
      [(req) => req.headers.host === 'front.example', '/m5/a', 'app'],
      [['/one', /two/, (req) => req.url === '/three'], '/m5/one', 'app'],
      [['/one', /two/, (req) => req.url === '/three'], '/m5/x-two', 'app'],
      [['/one', /two/, (req) => req.url === '/three'], '/m5/three', 'app'],
      [['/one', /two/, (req) => req.url === '/three'], '/m5/four', 'backend'],
    ])('%s: %s is served by the %s', async (exclude, target, served) => {
      const backend = await startBackend();
      const front = await startFront(
        { ...sender, members: [backend.url], exclude },
        { mount: '/m5', after: (app) => app.use(later) },
      );
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 200, body: served });
      expect(backend.received).toHaveLength(served === 'backend' ? 1 : 0);
    });

    test('leaves a request to the next balancer as well, body and all', async () => {
      const [first, second] = await Promise.all([startBackend('first'), startBackend('second')]);
      const front = await startFront(
        { ...sender, members: [first.url], exclude: '/mine' },
        { after: (app) => app.use('/mine', create({ members: [second.url] })) },
      );
      const { body } = await requestTarget(front.port, '/mine/a', { method: 'POST', body: 'whole' });
      expect([body, second.received[0]!.url, second.received[0]!.body.toString()]).toEqual([
        'second',
        '/a',
        'whole',
      ]);
      expect(first.received).toEqual([]);
    });
  });

  describe('pathRewrite', () => {
    test.each<[rewrite: NonNullable<BalancerDefinition['pathRewrite']>, target: string, upstream: string]>([
      [{ '^/old': '/new' }, '/app/old/a?old', '/base/new/a?old'],
      [{ '^/old': '/new' }, '/app/older', '/base/newer'],
      [{ '^/old': '/new' }, '/app/a/old', '/base/a/old'],
      [{ '^/a/': '/', '^/': '/never/' }, '/app/a/b', '/base/b'],
      [{ '^/(\\w+)/(\\w+)': '/$2/$1' }, '/app/x/y', '/base/y/x'],
      [{ '^/old': '' }, '/app/old', '/base/'],
      [{ '/gone': '' }, '/app/a/gone/b%2Fc?', '/base/a/b%2Fc?'],
      [(path) => path.replace('/v1/', '/v2/'), '/app/v1/a%20b?c', '/base/v2/a%20b?c'],
      [(_path, req) => `/${req.headers.host ?? ''}`, '/app/a', '/base/front.example'],
      [(path) => path.slice(1), '/app/a', '/base/a'],
    ])('%j: %s is %s', async (pathRewrite, target, upstream) => {
      const [front, backend] = await map({ mount: '/app', base: '/base/', pathRewrite });
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 200 });
      expect(backend.received.map(({ url }) => url)).toEqual([upstream]);
    });

    test.each<[what: string, rewrite: NonNullable<BalancerDefinition['pathRewrite']>, target: string]>([
      ['climbs out', { '^/old': '/..' }, '/app/old/secret'],
      ['climbs out with what the client has sent', { '^/at': '/.' }, '/app/at./secret'],
      ['climbs out encoded', () => '/%2e%2e%2fsecret', '/app/a'],
      ['holds dots that are the client’s', { '^/static': '/assets/' }, '/app/static../secret'],
    ])('refuses a result that %s', async (_what, pathRewrite, target) => {
      const [front, backend] = await map({ mount: '/app', base: '/base/', pathRewrite });
      expect(await requestTarget(front.port, target)).toMatchObject({ status: 400 });
      expect(backend.received).toEqual([]);
    });

    test.each([
      ['has a query', '/a?b'],
      ['has a space', '/a b'],
    ])('tells the app, not the client, of a result that %s', async (_what, result) => {
      const [front, backend] = await map({ mount: '/app', base: '/base/', pathRewrite: () => result });
      await requestTarget(front.port, '/app/a');
      expect(front.errors).toMatchObject([{ message: expect.stringContaining('pathRewrite') as unknown }]);
      expect(backend.received).toEqual([]);
    });

    test('is looked at after exclude, which sees what the client has asked for', async () => {
      const [front, backend] = await map({ exclude: '/new', pathRewrite: { '^/old': '/new' } });
      expect(await requestTarget(front.port, '/old')).toMatchObject({ status: 200 });
      expect(await requestTarget(front.port, '/new')).toMatchObject({ status: 404 });
      expect(backend.received.map(({ url }) => url)).toEqual(['/new']);
    });
  });
});
