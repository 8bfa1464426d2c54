import { Agent } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import type { Asked } from '../support/ask.ts';
import { stopBackends } from '../support/backend.ts';
import { closeBeside, startBeside, type Around, type Outcome } from '../support/beside-hpm.ts';

afterEach(async () => {
  await closeBeside();
  await stopBackends();
});

/** The Host that createProxyMiddleware sends without `changeOrigin`. */
const keepsHost: Around = { beside: { proxypreservehost: true } };

type Case = readonly [
  what: string,
  options: HttpProxyMiddleware,
  expected: Partial<{ got: object; told: object }>,
  asked?: Asked,
  around?: Around,
];

/** Both do the same, and it is what was wanted. */
async function compare([, options, expected, asked, around]: Case): Promise<void> {
  const { hpm, ours } = await askBoth(options, asked, { ...keepsHost, ...around });
  expect(ours).toMatchObject(expected);
  expect(ours).toEqual(hpm);
}

async function askBoth(options: HttpProxyMiddleware, asked: Asked = {}, around: Around = {}): Promise<Both> {
  return (await startBeside(options, around)).ask(asked);
}
type Both = Readonly<{ hpm: Outcome; ours: Outcome }>;

const gets = (url: string): Partial<{ got: object }> => ({ got: { url } });

describe('the same options do the same, over the members as over the target', () => {
  test.each<Case>([
    ['its own path', {}, gets('/foo?a=1'), { path: '/foo?a=1' }],
    [
      'below a mount path',
      {},
      gets('/api/foo/bar?x'),
      { path: '/api/foo/bar?x' },
      { mount: '/api', base: '/api' },
    ],
    [
      'below another one',
      {},
      gets('/secret/foo'),
      { path: '/user/foo' },
      { mount: '/user', base: '/secret' },
    ],
    ['with escapes as they came', {}, gets('/a%2Fb?%20'), { path: '/a%2Fb?%20' }],
    ['ignorePath', { ignorePath: true }, gets('/base'), { path: '/x?y' }, { base: '/base' }],
    ['toProxy', { toProxy: true }, gets('//x?y'), { path: '/x?y' }],
  ])('paths: %s', async (...row) => {
    await compare(row);
  });

  type Rewrite = NonNullable<HttpProxyMiddleware['pathRewrite']>;
  const rewrites: readonly (readonly [what: string, rewrite: Rewrite, path: string, url: string])[] = [
    ['a table', { '^/old/api': '/new/api' }, '/old/api/x?y', '/new/api/x?y'],
    ['a table that removes', { '^/remove/api': '' }, '/remove/api/x', '/x'],
    ['a table that removes all', { '^/remove/api': '' }, '/remove/api', '/'],
    ['a table that adds', { '^/': '/basepath/' }, '/x', '/basepath/x'],
    ['a table that sees the query', { '\\?.*$': '' }, '/x?y', '/x'],
    ['a function', (path) => path.replace('/api', '/base/api'), '/api/x?y', '/base/api/x?y'],
    ['a function that returns nothing', () => undefined, '/api/x', '/api/x'],
    ['an async function', async (path) => `${await Promise.resolve(path)}s`, '/a', '/as'],
  ];
  test.each(rewrites)('pathRewrite: %s', async (what, pathRewrite, path, url) => {
    await compare([what, { pathRewrite }, gets(url), { path }]);
  });

  type Filter = NonNullable<HttpProxyMiddleware['pathFilter']>;
  const filters: readonly (readonly [
    what: string,
    filter: Filter,
    through: string,
    left: string | undefined,
  ])[] = [
    ['a path', '/api', '/api/x', '/other'],
    ['paths', ['/api', '/ajax', '/someotherpath'], '/ajax/x', '/other'],
    ['any path', '**', '/x/y', undefined],
    ['an ending', '**/*.html', '/x/y.html', '/x/y.json'],
    ['directly below', '/*.html', '/y.html', '/x/y.html'],
    ['below a path, an ending', '/api/**/*.html', '/api/x/y.html', '/x/y.html'],
    ['globs', ['/api/**', '/ajax/**'], '/ajax/x', '/other'],
    ['but not', ['/api/**', '!**/bad.json'], '/api/x', '/api/bad.json'],
    ['a function', (path, req) => path.startsWith('/api') && req.method === 'GET', '/api/x?y', '/other'],
  ];
  test.each(filters)('pathFilter: %s', async (what, pathFilter, through, left) => {
    await compare([what, { pathFilter }, gets(through), { path: through }]);
    if (left === undefined) return;
    const refused = { got: undefined, told: { status: 404 } };
    await compare([what, { pathFilter }, refused as unknown as Case[2], { path: left }]);
  });

  const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  test.each<Case>([
    ['changeOrigin', { changeOrigin: true }, {}, {}, { beside: {} }],
    ['headers', { headers: { 'X-Api-Key': 'k' } }, { got: { headers: { 'x-api-key': 'k' } } }],
    [
      'headers that the client sends too',
      { headers: { 'X-A': 'b' } },
      { got: { headers: { 'x-a': 'b' } } },
      { headers: { 'X-A': '1' } },
    ],
    [
      'headers with a host',
      { headers: { host: 'www.example.org' } },
      { got: { headers: { host: 'www.example.org' } } },
    ],
    ['auth', { auth: 'user:pass' }, { got: { headers: { authorization: basic } } }],
    [
      'the client’s Authorization before auth',
      { auth: 'user:pass' },
      { got: { headers: { authorization: 'Bearer x' } } },
      { headers: { Authorization: 'Bearer x' } },
    ],
    ['an agent', { agent: new Agent({ keepAlive: false }) }, {}],
    ['ssl over http', { ssl: {} }, {}],
    ['secure over http', { secure: false }, {}],
    [
      'localAddress',
      { localAddress: '127.0.0.3' },
      { told: { text: '127.0.0.3' } },
      {},
      { backend: (req, res) => res.end(req.socket.remoteAddress) },
    ],
  ])('requests: %s', async (...row) => {
    await compare(row);
  });

  test.each<Case>([
    ['a body', {}, { got: { body: 'abc' } }, { method: 'POST', body: Buffer.from('abc') }],
    [
      'a chunked body',
      {},
      { got: { body: 'abc' } },
      { method: 'PUT', body: Buffer.from('abc'), chunked: true },
    ],
    ['HEAD', {}, { told: { text: '' } }, { method: 'HEAD' }],
    ['204', {}, { told: { status: 204 } }, {}, { backend: (_req, res) => res.writeHead(204).end() }],
    [
      '304',
      {},
      { told: { status: 304 } },
      {},
      { backend: (_req, res) => res.writeHead(304, { ETag: '"a"' }).end() },
    ],
    [
      'a failure of the backend',
      {},
      { told: { status: 500, text: 'oops' } },
      {},
      { backend: (_req, res) => res.writeHead(500).end('oops') },
    ],
    [
      'a stream of events',
      {},
      { told: { text: 'data: 1\n\ndata: 2\n\n' } },
      {},
      {
        backend(_req, res) {
          res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
          res.end('data: 2\n\n');
        },
      },
    ],
  ])('carrying: %s', async (...row) => {
    await compare(row);
  });

  const redirects = (to: string): Around => ({
    backend: (req, res) =>
      res.writeHead(302, { Location: to.replace('backend', `127.0.0.1:${req.socket.localPort!}`) }).end(),
  });
  const cookies: Around = {
    backend: (_req, res) =>
      res
        .writeHead(200, {
          'Set-Cookie': [
            'a=1; Domain=unchanged.domain; Path=/kept/',
            'b=1; Domain=old.domain; Path=/old/',
            'c=1; Domain=x.y; Path=/x',
          ],
        })
        .end(),
  };
  test.each<Case>([
    [
      'followRedirects',
      { followRedirects: true },
      { told: { status: 200, text: 'end' } },
      { path: '/go' },
      {
        backend: (req, res) =>
          req.url === '/end' ? res.end('end') : res.writeHead(302, { Location: '/end' }).end(),
      },
    ],
    [
      'followRedirects, so many',
      { followRedirects: 1 },
      { told: { status: 302 } },
      { path: '/go' },
      redirects('/on'),
    ],
    [
      'hostRewrite and protocolRewrite',
      { hostRewrite: 'public.test:8443', protocolRewrite: 'https' },
      { told: { headers: { location: 'https://public.test:8443/x' } } },
      {},
      redirects('http://backend/x'),
    ],
    [
      'cookieDomainRewrite, cookiePathRewrite: tables',
      {
        cookieDomainRewrite: { 'unchanged.domain': 'unchanged.domain', 'old.domain': 'new.domain', '*': '' },
        cookiePathRewrite: { '/kept/': '/kept/', '/old/': '/new/', '*': '' },
      },
      {
        told: {
          headers: {
            'set-cookie': [
              'a=1; Domain=unchanged.domain; Path=/kept/',
              'b=1; Domain=new.domain; Path=/new/',
              'c=1',
            ],
          },
        },
      },
      {},
      cookies,
    ],
    [
      'cookieDomainRewrite, cookiePathRewrite: texts',
      { cookieDomainRewrite: 'new.domain', cookiePathRewrite: '/' },
      {
        told: {
          headers: { 'set-cookie': expect.arrayContaining(['c=1; Domain=new.domain; Path=/']) as unknown },
        },
      },
      {},
      cookies,
    ],
  ])('answers: %s', async (...row) => {
    await compare(row);
  });
});

describe('what differs without a word in the options', () => {
  test('the member gets its own Host; the client’s with proxypreservehost', async () => {
    const { hpm, ours } = await askBoth({});
    expect(hpm.got!.headers['host']).toBe('front.test');
    expect(ours.got!.headers['host']).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('the mount path alone is the member’s path with a slash', async () => {
    const { hpm, ours } = await askBoth({}, { path: '/api' }, { mount: '/api', base: '/api' });
    expect([hpm.got!.url, ours.got!.url]).toEqual(['/api', '/api/']);
  });

  test('dot segments are refused, and repeated slashes at the start are one', async () => {
    const both = await startBeside({}, keepsHost);
    const dots = await both.ask({ path: '/a/../b' });
    expect(dots).toMatchObject({ hpm: gets('/a/../b'), ours: { got: undefined, told: { status: 400 } } });
    const slashes = await both.ask({ path: '//a//b' });
    expect(slashes).toMatchObject({ hpm: gets('//a//b'), ours: gets('/a//b') });
  });

  test('DELETE without a body has no Content-Length', async () => {
    const { hpm, ours } = await askBoth({}, { method: 'DELETE' }, keepsHost);
    expect(hpm.got!.headers).toMatchObject({ 'content-length': '0' });
    expect(ours.got!.headers).not.toHaveProperty('content-length');
  });

  test('redirects to the member come back to the mount path, with autoRewrite or without', async () => {
    const around: Around = {
      mount: '/m',
      backend: (req, res) =>
        res.writeHead(302, { Location: `http://127.0.0.1:${req.socket.localPort!}/x` }).end(),
    };
    for (const [options, beside] of [
      [{}, {}],
      [{ changeOrigin: true, autoRewrite: true }, {}],
      [{ autoRewrite: true }, { proxypreservehost: true }],
    ] as const) {
      const { hpm, ours } = await askBoth(options, { path: '/m/' }, { ...around, beside });
      expect(hpm.told.headers.location).toMatch(/:\d+\/x$/);
      expect(ours.told.headers.location).toBe('http://front.test/m/x');
    }
  });

  test('cookies of the member’s host and path come back as the client’s', async () => {
    const { hpm, ours } = await askBoth(
      {},
      { path: '/m/' },
      {
        mount: '/m',
        base: '/app',
        backend: (_req, res) =>
          res.writeHead(200, { 'Set-Cookie': 'a=1; Domain=127.0.0.1; Path=/app' }).end(),
      },
    );
    expect(hpm.told.headers['set-cookie']).toEqual(['a=1; Domain=127.0.0.1; Path=/app']);
    expect(ours.told.headers['set-cookie']).toEqual(['a=1; Path=/m']);
  });

  test('field names keep the spelling of the member, with preserveHeaderKeyCase or without', async () => {
    for (const preserveHeaderKeyCase of [false, true]) {
      const { hpm, ours } = await (await startBeside({ preserveHeaderKeyCase })).askNames();
      expect(hpm).toContain(preserveHeaderKeyCase ? 'X-Backend' : 'x-backend');
      expect(ours).toContain('X-Backend');
    }
  });

  test.each(['timeout', 'proxyTimeout'] as const)(
    '%s is a reset: 502, and another member for what may be repeated',
    async (name) => {
      const { askOurs } = await startBeside({ [name]: 100 }, { backend: () => undefined });
      expect((await askOurs()).told).toMatchObject({ status: 502, text: '{"code":"ERR_BALANCER_RESET"}' });
    },
  );
});
