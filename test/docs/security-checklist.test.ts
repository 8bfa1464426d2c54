import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { Registry } from 'prom-client';
import * as manager from '../../src/manager/index.ts';
import * as metrics from '../../src/metrics/index.ts';
import { problemsOf } from '../unit/definition/support.ts';
import { ask, type Asked } from '../support/ask.ts';
import { listen, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { startFront } from '../support/front.ts';
import { openGuide } from '../support/guide.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { compress, onHeaders } from '../support/wrappers.ts';
import { askToSwitch } from '../support/websocket.ts';

const guide = openGuide('docs/security-checklist.md');
const root = join(import.meta.dirname, '../..');
const execute = promisify(execFile);
let certificates: Certificates;
let directory: string;

beforeAll(async () => {
  certificates = await makeCertificates();
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'balancer-security-'));
});

afterEach(async () => {
  await guide.close();
  await tidyUp();
  await stopBackends();
  rmSync(directory, { recursive: true });
});

afterAll(guide.expectAllRun);

const site = { Host: 'www.site.com' };

/** The front of the page, before a member that tells what it was asked for, and with what. */
async function startSite(): Promise<
  Readonly<{ port: number; server: Server; app: express.Express; member: Backend }>
> {
  const member = await startBackend('1', (_req, res, { url, rawHeaders }) => {
    res.end(JSON.stringify({ url, rawHeaders }));
  });
  const { server, app } = guide.run('The front', 0, {
    replace: {
      'http://localhost:4001': member.url,
      'http://localhost:4002': member.url.replace('127.0.0.1', 'localhost'),
      'app.listen(8080)': "app.listen(0, '127.0.0.1')",
    },
    wanted: ['server', 'app'],
  }) as { server: Server; app: express.Express };
  return { port: await guide.keep(server), server, app, member };
}

describe('the front', () => {
  test('says to curl what the page says', async () => {
    const { port } = await startSite();
    const [block] = guide.findSnippets('sh').filter(({ heading }) => heading === 'The front');
    const script = block!.code.replace('localhost:8080', `127.0.0.1:${port}`);
    const told = [...script.matchAll(/^(?:host=\S+ )?ask .*# (\d{3})$/gm)].map(([, status]) => status);
    const { stdout } = await execute('sh', ['-c', script]);
    expect(told).toHaveLength(8);
    expect(stdout.trim().split('\n')).toEqual(told);
  });

  // Each of them, and what it would be without the middleware: a way past the rule for /admin.
  const twofold = [
    '//admin',
    '/%61dmin',
    '/admin;x',
    '/;/admin',
    '/admin%2f',
    '/%2fadmin',
    '/%5cadmin',
    '/\\admin',
  ];
  const others = ['/a%3Bdmin', '/%2561dmin', '/%7Euser', '/a//b', '/admi%6E', '/%5f', '/%39', '/%5A', '/%2D'];

  test.each([...twofold, ...others])('refuses %s', async (path) => {
    const { port, member } = await startSite();
    expect((await ask(port, { path, headers: site })).status).toBe(400);
    expect(member.received).toEqual([]);
  });

  test.each(twofold)('is needed: without it, %s reaches the member past the rule', async (path) => {
    const member = await startBackend();
    const front = await startFront(
      { members: [member.url] },
      { before: (app) => app.use('/admin', (_req, res) => void res.sendStatus(403)) },
    );
    expect((await ask(front.port, { path: '/admin' })).status).toBe(403);
    expect((await ask(front.port, { path })).status).toBe(200);
    expect(member.received).toHaveLength(1);
  });

  test.each(['/', '/a/b.html', '/a%20b', '/%C3%A4', '/x:y@z,=+$!*()', '/a?x=//b;%2F', '/a-b_c~d'])(
    'lets %s pass as it is',
    async (path) => {
      const { port, member } = await startSite();
      expect((await ask(port, { path, headers: site })).status).toBe(200);
      expect(member.received.map(({ url }) => url)).toEqual([path]);
    },
  );

  test('lets ; and %2F pass where the page says how', () => {
    const pattern = /const isPlain = !\/(.*)\/i\.test/.exec(guide.findSnippet('The front'))![1]!;
    expect(pattern).toContain('[\\\\;]');
    expect(pattern).toContain('2[5d-f]');
    const paths = ['/cart;jsessionid=1', '/a%2Fb'];
    const own = new RegExp(pattern, 'i');
    const mild = new RegExp(pattern.replace('[\\\\;]', '\\\\').replace('2[5d-f]', '2[5de]'), 'i');
    expect(paths.map((path) => [own.test(path), mild.test(path)])).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(mild.test('/\\admin')).toBe(true);
  });

  test('drops fields that members believe, in any spelling, and no other', async () => {
    const { port } = await startSite();
    const headers = {
      ...site,
      'X-Real-IP': '6',
      x_user: '6',
      'X.Original.URL': '/6',
      'X-Mine': '1',
      'X-Forwarded-For': '6.6.6.6',
    };
    const { rawHeaders } = JSON.parse((await ask(port, { headers })).text) as { rawHeaders: string[] };
    const names = rawHeaders.filter((_text, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(names).toContain('x-mine');
    expect(names.filter((name) => /real|user|original/.test(name))).toEqual([]);
    expect(rawHeaders).not.toContain('6.6.6.6');
    expect(rawHeaders[rawHeaders.indexOf('X-Forwarded-For') + 1]).toBe('127.0.0.1');
    expect(rawHeaders[rawHeaders.indexOf('X-Forwarded-Host') + 1]).toBe('www.site.com');
  });

  test('has the limits that it sets, and says nothing of Express', async () => {
    const { port, server } = await startSite();
    const { headersTimeout, requestTimeout, timeout, maxConnections } = server;
    expect([headersTimeout, requestTimeout, timeout, maxConnections]).toEqual([
      20_000, 120_000, 120_000, 20_000,
    ]);
    expect((await ask(port, { path: '/admin', headers: site })).headers).not.toHaveProperty('x-powered-by');
  });

  test('holds for handshakes of WebSockets, too', async () => {
    const { port, member } = await startSite();
    const client = await RawClient.connect(port);
    expect((await client.ask(askToSwitch('/'))).status).toBe(421);
    client.socket.destroy();
    const other = await RawClient.connect(port);
    const handshake = askToSwitch('//chat').map((line) => line.replace('front.test', 'www.site.com'));
    expect((await other.ask(handshake)).status).toBe(400);
    other.socket.destroy();
    expect(member.begun).toEqual([]);
  });
});

test.each([
  ['false', false, '127.0.0.1', ['127.0.0.1']],
  ['true', true, '6.6.6.6', ['6.6.6.6, 127.0.0.1']],
])('trust proxy %s: what a client writes is its address, or not', async (_name, trust, ip, forwarded) => {
  const member = await startBackend();
  const seen: unknown[] = [];
  const front = await startFront(
    { members: [member.url] },
    {
      before: (app) =>
        app.set('trust proxy', trust).use((req, _res, next) => {
          seen.push(req.ip);
          next();
        }),
    },
  );
  await ask(front.port, { headers: { 'X-Forwarded-For': '6.6.6.6' } });
  expect(seen).toEqual([ip]);
  expect([member.received[0]!.headers['x-forwarded-for']]).toEqual(forwarded);
});

describe('members', () => {
  async function startTls(): Promise<Backend> {
    const server = createHttpsServer(certificates.server, (_req, res) => res.end('tls'));
    return listen(server, [], () => 0, { scheme: 'https', host: '127.0.0.1' });
  }

  async function start(ca: string): Promise<number> {
    const [one, two] = [await startTls(), await startTls()];
    const file = join(directory, 'ca.pem');
    writeFileSync(file, ca);
    guide.run('Members', 0, {
      replace: {
        'https://app1.internal': one.url,
        'https://app2.internal': two.url,
        "'internal-ca.pem'": JSON.stringify(file),
        "process.env['ROUTE_SECRET'] ?? ''": "'a long random text'",
      },
    });
    const app = express();
    app.use(guide.balancers.at(-1)!);
    return guide.keep(app.listen(0, '127.0.0.1'));
  }

  test('are asked by TLS that is checked, and the route is signed', async () => {
    const port = await start(certificates.ca);
    const { status, headers } = await ask(port);
    expect(status).toBe(200);
    const [set = ''] = headers['set-cookie'] ?? [];
    expect(set).toMatch(/^__Host-route=s%3Aapp[12]\..+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = { Cookie: set.split(';', 1)[0]! };
    expect((await ask(port, { headers: cookie })).headers).not.toHaveProperty('set-cookie');
    const forged = await ask(port, { headers: { Cookie: '__Host-route=app1' } });
    expect(forged.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-route=s%3A/)]);
  });

  test('with the certificate of another authority are not asked at all', async () => {
    expect((await ask(await start(certificates.otherCa))).status).toBe(503);
  });

  test('without the secret there is no balancer', () => {
    const code = guide.findSnippet('Members');
    expect(code).toContain("secret: [process.env['ROUTE_SECRET'] ?? '']");
    const members = [{ url: 'http://a', route: 'a' }];
    expect(problemsOf({ members, routeCookie: { secret: [''] } })).toHaveLength(1);
  });

  test('user names and passwords in URLs are refused, and no secret is shown', () => {
    const problems = problemsOf({
      members: [{ url: 'https://anna:hush@a/', tls: { key: 'hush', passphrase: 5 } }],
      routeCookie: { secret: ['hush', ''] },
    });
    expect(problems.length).toBeGreaterThan(2);
    expect(JSON.stringify(problems)).not.toContain('hush');
  });

  test('proxyvia On ends a loop, and names this machine', async () => {
    const front = await startFront({ proxyvia: 'On', members: ['http://127.0.0.1:1/'] });
    front.balancer.update({ proxyvia: 'On', logger: false, members: [front.url] });
    expect(await ask(front.port)).toMatchObject({ status: 508, code: 'ERR_BALANCER_LOOP' });
    const member = await startBackend();
    const other = await startFront({ proxyvia: 'On', members: [member.url] });
    const { hostname } = process.getBuiltinModule('node:os');
    expect((await ask(other.port)).headers['via']).toContain(encodeURIComponent(hostname()));
  });
});

describe('metrics and the manager', () => {
  async function start(): Promise<number> {
    const { server } = guide.run('Metrics and the manager', 0, {
      modules: {
        'express-proxy-balancer/manager': manager,
        'express-proxy-balancer/metrics': metrics,
        'prom-client': { register: new Registry() },
      },
      replace: { 'inside.listen(9090': 'inside.listen(0' },
      wanted: ['server'],
    }) as { server: Server };
    const port = await guide.keep(server);
    expect(server.address()).toMatchObject({ address: '127.0.0.1' });
    return port;
  }

  test('have a port of their own, on loopback', async () => {
    const port = await start();
    expect((await ask(port, { path: '/metrics' })).text).toContain('balancer_member_up');
    expect(await ask(port, { path: '/api/balancers' })).toMatchObject({ status: 200 });
  });

  test('curl under another name gets 403', async () => {
    const port = await start();
    const [check = ''] =
      /curl -s [^`]*localhost:9090\//.exec(guide.readSection('Metrics and the manager')) ?? [];
    const { stdout } = await execute('sh', ['-c', check.replace('localhost:9090', `127.0.0.1:${port}`)]);
    expect(stdout.trim()).toBe('403');
  });
});

describe('what is in front of the balancer', () => {
  async function start(
    before: readonly RequestHandler[],
    answer: Parameters<typeof startBackend>[1],
    trust: boolean | number = false,
  ): Promise<(asked?: Asked) => ReturnType<typeof ask>> {
    const member = await startBackend('1', answer);
    const front = await startFront(
      { members: [member.url] },
      { before: (app) => app.set('trust proxy', trust).use(...before) },
    );
    return (asked) => ask(front.port, asked);
  }

  test('sets fields of proxied answers, but for those that the member sends; on-headers has the last word', async () => {
    const get = await start(
      [
        (_req, res, next) => {
          res.set({
            'X-Frame-Options': 'SAMEORIGIN',
            'Referrer-Policy': 'no-referrer',
            'X-Content-Type-Options': 'nosniff',
          });
          next();
        },
        onHeaders((res) => {
          res.removeHeader('Server');
          res.setHeader('Referrer-Policy', 'origin');
        }),
      ],
      (_req, res) => {
        res
          .writeHead(200, { 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'unsafe-url', Server: 'old/1.0' })
          .end();
      },
    );
    const { headers } = await get();
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'origin',
    });
    expect(headers).not.toHaveProperty('server');
  });

  /** What express-rate-limit does: so many requests for each `req.ip`. */
  function limitRate(most: number): RequestHandler {
    const counts = new Map<string | undefined, number>();
    return (req, res, next) => {
      const count = (counts.get(req.ip) ?? 0) + 1;
      counts.set(req.ip, count);
      if (count > most) res.status(429).send('Too many.');
      else next();
    };
  }

  test.each([
    ['nobody is trusted: made-up addresses count as one', false, [200, 200, 429]],
    ['one proxy too many is trusted: each made-up address is a new client', 1, [200, 200, 200]],
  ])('limits by req.ip; %s', async (_what, trust, statuses) => {
    const get = await start([limitRate(2)], (_req, res) => res.end(), trust);
    const told: number[] = [];
    for (const address of ['6.6.6.1', '6.6.6.2', '6.6.6.3'])
      told.push((await get({ headers: { 'X-Forwarded-For': address } })).status);
    expect(told).toEqual(statuses);
  });

  test('compresses what the member has not compressed', async () => {
    const get = await start([compress], (req, res) => {
      const coding = req.url === '/done' ? { 'Content-Encoding': 'br' } : {};
      res.writeHead(200, { 'Content-Type': 'text/plain', ...coding }).end('text '.repeat(1000));
    });
    const headers = { 'Accept-Encoding': 'gzip' };
    expect((await get({ headers })).headers['content-encoding']).toBe('gzip');
  });
});

describe('what it is built of', () => {
  test('the commands are those of a shell', async () => {
    const blocks = guide.findSnippets('sh');
    expect(blocks).toHaveLength(2);
    for (const { code } of blocks) await execute('sh', ['-n', '-c', code]);
  });

  test('proxies under Node’s permissions, and can write nothing', async () => {
    const app = `
      import { createServer } from 'node:http';
      import { once } from 'node:events';
      import { writeFileSync } from 'node:fs';
      import { createBalancer } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)};
      const listen = async (handle) => {
        const server = createServer(handle).listen(0, '127.0.0.1');
        await once(server, 'listening');
        return [server, 'http://127.0.0.1:' + server.address().port];
      };
      const [member, url] = await listen((_req, res) => res.end('member'));
      const balancer = createBalancer({ members: [url] });
      const [front, asked] = await listen((req, res) => balancer(req, res, (error) => res.end(String(error))));
      console.log(await (await fetch(asked)).text());
      try { writeFileSync('written', ''); } catch ({ code }) { console.log(code); }
      for (const server of [front, member]) { server.close(); server.closeAllConnections(); }
      await balancer.close();
    `;
    writeFileSync(join(directory, 'app.mjs'), app);
    const allowed = [root, directory].map((path) => `--allow-fs-read=${path}`);
    const { stdout } = await execute(process.execPath, ['--permission', ...allowed, 'app.mjs'], {
      cwd: directory,
    });
    expect(stdout).toBe('member\nERR_ACCESS_DENIED\n');
  });
});
