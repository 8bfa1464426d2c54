import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express, type RequestHandler } from 'express';
import * as hpm from 'http-proxy-middleware';
import type { Options } from 'http-proxy-middleware';
import {
  createBalancer,
  DefinitionError,
  type Balancer,
  type BalancerDefinition,
  type HttpProxyMiddleware,
} from '../../src/index.ts';
import { ask, type Asked, type Told } from '../support/ask.ts';
import { deadUrl, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';
import { closeWebSockets, openWebSocket, startChat } from '../support/websocket.ts';

const guide = openGuide('docs/from-http-proxy-middleware.md');
const modules = { 'http-proxy-middleware': hpm };

afterEach(async () => {
  closeWebSockets();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

type Ask = (asked?: Asked) => Promise<Told>;

async function serve(app: Express): Promise<Ask> {
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  return (asked) => ask(port, asked);
}

async function start(...names: readonly string[]): Promise<readonly Backend[]> {
  return Promise.all(names.map((name) => startBackend(name)));
}

const place = (urls: readonly string[]): Record<string, string> =>
  Object.fromEntries(urls.map((url, i) => [`http://localhost:${4001 + i}`, url]));

describe('moving house', () => {
  test('the member gets what the target got', async () => {
    const seen: unknown[] = [];
    for (const [nth, count] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const backends = await start('a', 'b');
      const { app } = guide.run('Move house in two lines', nth, {
        modules,
        replace: { ...place(backends.map(({ url }) => url).slice(0, count)), 'app.listen(8080);': '' },
        wanted: ['app'],
      });
      const ask = await serve(app as Express);
      const told = await ask({ path: '/api/old/x?y' });
      const { url, headers } = backends[0]!.received[0]!;
      expect(headers.host).toBe(`127.0.0.1:${backends[0]!.port}`);
      seen.push([told.text, url, headers['x-api-key']]);
    }
    expect(seen[0]).toEqual(['a', '/api/new/x?y', 'k']);
    expect(seen[1]).toEqual(seen[0]);
  });

  describe('redirects and cookies of a member without a path', () => {
    /** What becomes of them through a middleware at /api, whose target or first member is the backend. */
    async function tell(
      make: (url: string) => RequestHandler,
      location = '/login',
    ): Promise<readonly unknown[]> {
      const backend = await startBackend('b', (_req, res) =>
        res.writeHead(302, { Location: location, 'Set-Cookie': 'a=1; Path=/' }).end(),
      );
      const told = await (await serve(express().use('/api', make(backend.url))))({ path: '/api/x' });
      return [backend.received[0]!.url, told.headers.location, told.headers['set-cookie']];
    }
    const balance =
      (beside: Partial<BalancerDefinition>, path = '') =>
      (url: string): RequestHandler => {
        const balancer = createBalancer({ logger: false, members: [`${url}${path}`], ...beside });
        opened.push(balancer);
        return balancer;
      };
    const opened: Balancer[] = [];
    afterEach(() => Promise.all(opened.splice(0).map((balancer) => balancer.close())));

    test('are mapped to the mount path, which http-proxy-middleware leaves to the app', async () => {
      expect(await tell((target) => hpm.createProxyMiddleware({ target }))).toEqual([
        '/x',
        '/login',
        ['a=1; Path=/'],
      ]);
      expect(await tell(balance({ httpProxyMiddleware: {} }))).toEqual([
        '/x',
        '/api/login',
        ['a=1; Path=/api'],
      ]);
    });

    test('come as they came with the two options of the page', async () => {
      const options = { proxypassreverse: false, proxypassreversecookiepath: false } as const;
      const written = Object.entries(options).map(([name, value]) => `${name}: ${String(value)}`);
      expect(guide.readSection('Move house in two lines')).toContain(`\`${written.join(', ')}\``);
      const kept = balance({ ...options, httpProxyMiddleware: {} });
      expect(await tell(kept)).toEqual(['/x', '/login', ['a=1; Path=/']]);
    });

    test('know of a prefix in the URL of the member, and not of one in pathRewrite', async () => {
      const pathRewrite = { '^/': '/v1/' };
      const rewritten = balance({ httpProxyMiddleware: { pathRewrite } });
      expect((await tell(rewritten, '/v1/login')).slice(0, 2)).toEqual(['/v1/x', '/api/v1/login']);
      const known = balance({ httpProxyMiddleware: {} }, '/v1');
      expect((await tell(known, '/v1/login')).slice(0, 2)).toEqual(['/v1/x', '/api/login']);
    });
  });

  test('with one of two stopped, every GET is answered', async () => {
    const [backend] = await start('b');
    const { app } = guide.run('Move house in two lines', 1, {
      replace: { ...place([await deadUrl(), backend!.url]), 'app.listen(8080);': '' },
      wanted: ['app'],
    });
    const ask = await serve(app as Express);
    for (let i = 0; i < 4; i += 1) expect((await ask({ path: '/api/x' })).status).toBe(200);
  });
});

describe('router', () => {
  async function askInTurn(proxy: unknown, count: number): Promise<string> {
    const ask = await serve(express().use(proxy as RequestHandler));
    const told: string[] = [];
    for (let i = 0; i < count; i += 1) told.push((await ask()).text.slice(0, 5));
    return told.join(' ');
  }

  test('an array by hand fails its share of the requests where one is down; members do not', async () => {
    const heading = 'From arrays by hand to members';
    const [backend] = await start('b');
    const replace = place([await deadUrl(), backend!.url]);
    const code = { modules, replace: { ...replace, 'export const proxy': 'const proxy' }, wanted: ['proxy'] };
    expect(await askInTurn(guide.run(heading, 0, code)['proxy'], 4)).toBe('Error b Error b');
    expect(await askInTurn(guide.run(heading, 1, code)['proxy'], 4)).toBe('b b b b');
  });

  test('a balancer for each host, and a function of the request among members', async () => {
    const backends = await start('staging', 'eu', 'us');
    const app = express();
    guide.run('From arrays by hand to members', 2, {
      names: { app },
      replace: place(backends.map(({ url }) => url)),
    });
    const ask = await serve(app);
    const of = async (headers: Record<string, string>): Promise<string> => (await ask({ headers })).text;
    expect(await of({ Host: 'staging.site.com' })).toBe('staging');
    expect([await of({ Host: 'www.site.com' }), await of({ Host: 'www.site.com' })]).toEqual(['eu', 'us']);
    for (let i = 0; i < 3; i += 1) expect(await of({ Host: 'www.site.com', 'X-Region': 'us' })).toBe('us');
    await backends[2]!.stop();
    expect(await of({ Host: 'www.site.com', 'X-Region': 'us' })).toBe('eu');
  });
});

describe('the table of options', () => {
  /** A value of each; the compiler misses one that is missing, and one that is none. */
  const values: Readonly<Record<keyof Required<Options>, unknown>> = {
    target: 'http://a',
    router: {},
    forward: 'http://a',
    ws: true,
    xfwd: true,
    http2: true,
    buffer: {},
    prependPath: false,
    changeOrigin: false,
    pathFilter: '/a',
    pathRewrite: {},
    plugins: [],
    ejectPlugins: true,
    on: {},
    logger: console,
    agent: false,
    ssl: {},
    secure: false,
    toProxy: true,
    ignorePath: true,
    localAddress: '127.0.0.1',
    preserveHeaderKeyCase: true,
    auth: 'a:b',
    headers: {},
    hostRewrite: 'a',
    autoRewrite: true,
    protocolRewrite: 'https',
    cookieDomainRewrite: '',
    cookiePathRewrite: '',
    proxyTimeout: 1,
    timeout: 1,
    upgradeTimeout: 1,
    selfHandleResponse: true,
    followRedirects: true,
  };
  const rows = guide.readTable("From its options to the balancer's").slice(1);

  test('has every option of http-proxy-middleware and httpxy, and no other', () => {
    const names = rows.map(([name]) => readCode(name!)[0]!);
    expect(names.toSorted()).toEqual(Object.keys(values).toSorted());
  });

  test.each(rows.map(([name, inside]) => [readCode(name!)[0]!, inside!] as const))(
    '%s: %s',
    async (name, inside) => {
      const definition = {
        logger: false,
        members: ['http://a'],
        httpProxyMiddleware: { [name]: values[name as keyof Options] },
      };
      if (inside.includes('refused')) {
        expect(() => createBalancer(definition as unknown as BalancerDefinition)).toThrow(DefinitionError);
      } else {
        await createBalancer(definition as unknown as BalancerDefinition).close();
      }
    },
  );

  test('names options of the balancer and of members that there are', async () => {
    const { optionNames } = await import('../../src/definition/option-names.ts');
    const known = new Set([...optionNames.balancer, ...optionNames.member, ...optionNames.tls]);
    const named = rows.flatMap(([, , native]) =>
      readCode(native!).map((code) => /^\w+/.exec(code)?.[0] ?? ''),
    );
    const others = named.filter((name) => name !== '' && !known.has(name));
    expect([...new Set(others)].toSorted()).toEqual([
      'attachUpgrades',
      'balancer',
      'false',
      'req',
      'requestTimeout',
    ]);
  });

  /** What a native option makes of an answer or a request. */
  async function carry(
    beside: Partial<BalancerDefinition>,
    asked: Asked = {},
    { base = '/base', mount = '/' } = {},
  ): Promise<Readonly<{ url: string; told: Told }>> {
    const backend = await startBackend('b', (req, res) => {
      res.setHeader('Set-Cookie', 'a=1; Domain=old.domain; Path=/old/');
      res.setHeader('Location', `http://127.0.0.1:${req.socket.localPort!}/x`);
      res.writeHead(302).end();
    });
    const balancer = createBalancer({ logger: false, members: [`${backend.url}${base}`], ...beside });
    const told = await (
      await serve(express().use(mount, balancer))
    )({ headers: { Host: 'front.test' }, ...asked });
    await balancer.close();
    return { url: backend.received[0]!.url, told };
  }

  test('of two that rewrite one field, it is as the table says', async () => {
    const seen = async (own: HttpProxyMiddleware): Promise<Told['headers']> =>
      (await carry({ httpProxyMiddleware: own }, { path: '/api/x' }, { base: '', mount: '/api' })).told
        .headers;
    const { location: plain, 'set-cookie': cookies } = await seen({});
    expect([plain, cookies]).toEqual(['http://front.test/api/x', ['a=1; Domain=old.domain; Path=/api/old/']]);
    expect((await seen({ hostRewrite: 'new.host' })).location).toMatch(/^http:\/\/new\.host:\d+\/x$/);
    expect((await seen({ protocolRewrite: 'https' })).location).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/x$/);
    expect(await seen({ cookieDomainRewrite: 'new.domain' })).toMatchObject({
      'set-cookie': ['a=1; Domain=new.domain; Path=/api/old/'],
    });
    expect(await seen({ cookieDomainRewrite: '127.0.0.1' })).toMatchObject({
      'set-cookie': ['a=1; Path=/api/old/'],
    });
    expect(await seen({ cookiePathRewrite: '/new/' })).toMatchObject({
      'set-cookie': ['a=1; Domain=old.domain; Path=/api/new/'],
    });
  });

  test('what stands for the rewriting of cookies, redirects and paths does it', async () => {
    const cookies = await carry({
      proxypassreversecookiedomain: { 'old.domain': 'new.domain' },
      proxypassreversecookiepath: { '/old/': '/new/' },
    });
    expect(cookies.told.headers['set-cookie']).toEqual(['a=1; Domain=new.domain; Path=/new/']);
    expect(cookies.told.headers.location).toMatch(/^http:\/\/127/);
    expect((await carry({ pathRewrite: () => '/' }, { path: '/x' })).url).toBe('/base/');
  });
});

test('middleware in front has the last word on fields, both ways', async () => {
  const backend = await startBackend('b', (_req, res) => res.writeHead(200, { 'X-Own': '1' }).end());
  const app = express();
  guide.run('Fields without a hook', 0, { names: { app }, replace: place([backend.url, await deadUrl()]) });
  const ask = await serve(app);
  const headers = { 'X-User': 'forged', Connection: 'x-api-key', Host: 'front.test' };
  const told = await ask({ path: '/api/x', headers });
  expect(told.headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-own': '1' });
  expect(backend.received[0]!.headers).toMatchObject({ 'x-api-key': 'k' });
  expect(backend.received[0]!.headers).not.toHaveProperty('x-user');
});

test('what the app sets on res gives way to what the member sends', async () => {
  const backend = await startBackend('b', (_req, res) =>
    res.writeHead(200, { 'X-Frame-Options': 'SAMEORIGIN' }).end(),
  );
  const app = express();
  guide.run('Fields without a hook', 0, { names: { app }, replace: place([backend.url, await deadUrl()]) });
  const told = await (await serve(app))({ path: '/api/x' });
  expect(told.headers['x-frame-options']).toBe('SAMEORIGIN');
});

test('errors of all balancers end in one handler, and are logged, as are members that fail', async () => {
  const app = express();
  const urls = [await deadUrl(), await deadUrl()];
  const lines: unknown[] = [];
  const print = (line: unknown): unknown => lines.push(line);
  guide.run('Errors', 0, { names: { app, console: { log: print, error: print } }, replace: place(urls) });
  const told = await (await serve(app))({ path: '/api/x' });
  expect(told).toMatchObject({ status: 503, text: '{"code":"ERR_BALANCER_CONNECT"}' });
  expect(lines.slice(0, 2)).toEqual(urls.map((url) => `${url}: E, failed`));
  expect(lines.at(-1)).toMatchObject({ code: 'ERR_BALANCER_CONNECT' });
});

test('upgrades travel through the app, below the mount path', async () => {
  const chat = await startChat();
  const { server } = guide.run('WebSockets', 0, {
    replace: { ...place([chat.url, await deadUrl()]), 'app.listen(8080)': "app.listen(0, '127.0.0.1')" },
    wanted: ['server'],
  });
  if (!(server as Server).listening) await once(server as Server, 'listening');
  await openWebSocket(await guide.keep(server as Server), '/socket/room');
  expect(chat.handshakes.map(({ url }) => url)).toEqual(['/room']);
});
