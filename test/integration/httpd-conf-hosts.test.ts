import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpdMount, VirtualHost } from '../../src/httpd-conf/httpd-conf.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { tidyUp } from '../support/idle.ts';
import {
  closeMounted,
  host,
  startMounted,
  type MountedConf,
  type MountedOptions,
} from '../support/mounted-conf.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(async () => {
  await closeMounted();
  await tidyUp();
});

/** Mounts at `/`, each with a path of its own that tells which one it was. */
async function start(
  hosts: readonly VirtualHost[],
  lines: readonly (readonly [of: VirtualHost | undefined, at: string | RegExp, to: string])[],
  options: MountedOptions = {},
): Promise<Readonly<{ mounted: MountedConf; backend: Backend }>> {
  const backend = await startBackend();
  const definition = { members: [backend.url] };
  const mounts = lines.map(([of, at, to]): HttpdMount => {
    const base = { at, ...(of ? { host: of } : {}) };
    return to === '!' ? { kind: 'next', ...base } : { kind: 'balancer', to, definition, ...base };
  });
  return { mounted: await startMounted({ hosts, mounts }, options), backend };
}

async function whereTo(
  { mounted, backend }: Awaited<ReturnType<typeof start>>,
  name: string,
  target = '/x',
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const before = backend.received.length;
  const { status } = await requestTarget(mounted.port, target, { headers: { ...headers, Host: name } });
  return backend.received[before]?.url ?? String(status);
}

const shop = host('shop.example', { serverAlias: ['*.shop.example'] });
const blog = host('blog.example', { inherits: false });

describe('a request goes to the mounts of its host', () => {
  test.each<[name: string, target: string, expected: string]>([
    ['shop.example', '/x', '/shop/x'],
    ['SHOP.Example.:8080', '/x', '/shop/x'],
    ['www.shop.example', '/x', '/shop/x'],
    ['blog.example', '/x', '/blog/x'],
    // The first host is for whatever nobody has.
    ['unknown.example', '/x', '/shop/x'],
    ['127.0.0.1', '/x', '/shop/x'],
    // A target with a host of its own, which is what a member would see.
    ['shop.example', 'http://blog.example/x', '/blog/x'],
    ['shop.example', '/main', '/main/'],
    ['blog.example', '/main', '/blog/main'],
  ])('%s %s: %s', async (name, target, expected) => {
    const started = await start(
      [shop, blog],
      [
        [undefined, '/main', '/main/'],
        [shop, '/', '/shop'],
        [blog, '/', '/blog'],
      ],
    );
    expect(await whereTo(started, name, target)).toBe(expected);
  });

  test('U38: of the main server first, where they come first', async () => {
    const started = await start(
      [shop],
      [
        [undefined, '/x', '/main'],
        [shop, '/x', '/vhost'],
      ],
    );
    expect(await whereTo(started, 'shop.example', '/x/1')).toBe('/main/1');
  });

  test('of the main server alone, where there are no hosts', async () => {
    const started = await start([], [[undefined, '/', '/main']]);
    expect(await whereTo(started, 'any.example')).toBe('/main/x');
  });

  test('and to nobody’s else', async () => {
    const started = await start([blog, shop], [[shop, '/', '/shop']]);
    expect(await whereTo(started, 'blog.example')).toBe('404');
  });

  test('of those for https, where Express is told so', async () => {
    const plain = host('a.example', { ports: [80] });
    const tls = host('a.example', { ports: [443], isTls: true });
    const started = await start(
      [plain, tls],
      [
        [plain, '/', '/plain'],
        [tls, '/', '/tls'],
      ],
      { before: (app) => app.set('trust proxy', 'loopback') },
    );
    expect(await whereTo(started, 'a.example')).toBe('/plain/x');
    expect(await whereTo(started, 'a.example', '/x', { 'X-Forwarded-Proto': 'https' })).toBe('/tls/x');
  });
});

describe('the first mount that fits serves', () => {
  const mounts = [
    [undefined, '/a/b', '/one'],
    [undefined, '/a/no', '!'],
    [undefined, '/a', '/two'],
    [undefined, /\.gif$/, '/three'],
    [undefined, '/a/late', '!'],
    [undefined, '/', '/four'],
  ] as const;

  test.each<[target: string, expected: string]>([
    ['/a/b/c', '/one/c'],
    ['/a/bc', '/two/bc'],
    ['/a/no', '404'],
    ['/a/nono', '/two/nono'],
    ['/a/late', '/two/late'],
    ['/x.gif', '/three'],
    ['/x.gif?y', '/three?y'],
    ['/ab', '/four/ab'],
  ])('%s: %s', async (target, expected) => {
    expect(await whereTo(await start([], mounts), 'any.example', target)).toBe(expected);
  });
});

describe('conditions and cookies', () => {
  async function startConditions(): Promise<Awaited<ReturnType<typeof start>>> {
    const backend = await startBackend('backend', (_req, res) => {
      res.setHeader('Set-Cookie', 'own=1').end('backend');
    });
    const definition = { members: [backend.url] };
    const mounts: readonly HttpdMount[] = [
      { kind: 'cookie', at: /^\/app\/(.*)$/s, cookie: 'seen=$1; Path=/app' },
      {
        kind: 'balancer',
        at: /^\/app\/(.*)$/,
        to: '/%1/$1',
        conditions: [
          { test: '%{QUERY_STRING}', matches: /v=2/ },
          { test: '%{HTTP_HOST}', matches: /^(\w+)\./ },
        ],
        definition,
      },
      { kind: 'balancer', at: '/app', to: '/old', definition },
    ];
    return { mounted: await startMounted({ mounts }), backend };
  }

  test('a mount is tried where its conditions hold, with what they have found', async () => {
    const started = await startConditions();
    expect(await whereTo(started, 'shop.example', '/app/x?v=2')).toBe('/shop/x?v=2');
    expect(await whereTo(started, 'shop.example', '/app/x?v=1')).toBe('/old/x?v=1');
    expect(started.mounted.handler.balancers).toHaveLength(1);
  });

  test('a cookie comes beside that of the member', async () => {
    const { mounted } = await startConditions();
    const { headers } = await requestTarget(mounted.port, '/app/x');
    expect(headers['set-cookie']).toEqual(['seen=x; Path=/app', 'own=1']);
  });

  test('what a client sends is no attribute and no header of a cookie', async () => {
    const { mounted } = await startConditions();
    const { headers } = await requestTarget(
      mounted.port,
      '/app/x%0d%0aSet-Cookie:%20a=b;Domain=example%20%C3%A9',
    );
    expect(headers['set-cookie']).toEqual([
      'seen=x%0D%0ASet-Cookie:%20a=b%3BDomain=example%20%C3%A9; Path=/app',
      'own=1',
    ]);
  });
});
