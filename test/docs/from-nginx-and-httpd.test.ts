import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { findFreePort } from '../../bench/rig/free-port.ts';
import { attachUpgrades, createBalancer } from '../../src/index.ts';
import { optionNames } from '../../src/definition/option-names.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { start } from '../support/command.ts';
import { openGuide } from '../support/guide.ts';
import { checkNginx, describeWithNginx, startNginx, stopNginxes } from '../support/nginx.ts';
import { readCode } from '../support/pages.ts';
import { requestTarget, type Answered, type Wishes } from '../support/request-target.ts';
import { closeWebSockets, openWebSocket, say, startChat } from '../support/websocket.ts';

const guide = openGuide('docs/from-nginx-and-httpd.md');
const [whole, inFront] = guide.findSnippets('nginx').map(({ code }) => code) as [string, string];

afterEach(async () => {
  closeWebSockets();
  await stopNginxes();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

type Ask = (target: string, wishes?: Wishes) => Promise<Answered>;

function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    expect(result).toContain(from);
    return result.replaceAll(from, to);
  }, text);
}

/** Three backends that answer with their place in the page, and what they were asked. */
function startThree(): Promise<readonly Backend[]> {
  return Promise.all(
    ['4001', '4002', '4003'].map((name) =>
      startBackend(name, ({ url }, res) => {
        if (url === '/store/bad') res.statusCode = name === '4001' ? 503 : 200;
        if (url === '/store/login') res.setHeader('Set-Cookie', 'sid=1; Path=/store/');
        if (url === '/store/move') res.writeHead(302, { Location: '/store/cart' });
        res.end(name);
      }),
    ),
  );
}

/** The page's definition over these backends. */
async function startOurs(backends: readonly Backend[]): Promise<Ask> {
  const replace = {
    ...Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url])),
    'listen(8080)': "listen(0, '127.0.0.1')",
  };
  const { server } = guide.run('One nginx.conf, translated', 0, { replace, wanted: ['server'] });
  const port = await guide.keep(server as Server);
  return (target, wishes) => requestTarget(port, target, wishes);
}

/** The page's nginx.conf over these backends. */
async function startTheirs(backends: readonly Backend[]): Promise<Ask> {
  const port = await findFreePort();
  const servers = backends.map(({ port: at }, i) => [`localhost:${4001 + i}`, `127.0.0.1:${at}`] as const);
  const conf = replaceAll(whole, {
    ...Object.fromEntries(servers),
    'listen 8080': `listen 127.0.0.1:${port}`,
  });
  await startNginx(conf, port);
  return (target, wishes) => requestTarget(port, target, wishes);
}

async function askInTurn(ask: Ask, count: number, wishes?: Wishes, path = '/shop/cart'): Promise<string> {
  const answers: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const { status, body } = await ask(path, wishes);
    answers.push(status === 200 ? body : String(status));
  }
  return answers.join(' ');
}

describe('the translation, without an nginx beside it', () => {
  test('serves by the weights', async () => {
    const ours = await startOurs(await startThree());
    expect(await askInTurn(ours, 6)).toBe('4001 4002 4001 4001 4002 4001');
  });

  test('believes a proxy of this machine', async () => {
    const backend = await startBackend();
    const app = express();
    guide.run('With nginx in front', 0, { names: { app } });
    const balancer = createBalancer({ members: [backend.url] });
    app.use(balancer);
    await (
      await guide.serve(app)
    )('/', { headers: { 'X-Forwarded-For': '192.0.2.7' } });
    expect(backend.received[0]!.headers['x-forwarded-for']).toBe('192.0.2.7, 127.0.0.1');
    await balancer.close();
  });
});

describeWithNginx('nginx.conf and its translation, side by side over the same backends', () => {
  test('nginx takes both files of the page', () => {
    expect([checkNginx(whole), checkNginx(inFront)]).toEqual(['', '']);
  });

  test('they choose the same members in the same order', async () => {
    const backends = await startThree();
    const [ours, theirs] = [await startOurs(backends), await startTheirs(backends)];
    const order = await askInTurn(theirs, 9);
    expect(order).toBe('4001 4002 4001 4001 4002 4001 4001 4002 4001');
    expect(await askInTurn(ours, 9)).toBe(order);
  });

  test('they ask members for the same path, by the same Host, and tell the same client', async () => {
    const backends = await startThree();
    for (const front of [await startOurs(backends), await startTheirs(backends)])
      await front('/shop/a%20b/?x=1');
    const [ours, theirs] = backends[0]!.received.map(({ url, headers }) => ({
      url,
      host: headers['host'],
      client: headers['x-forwarded-for'],
      proto: headers['x-forwarded-proto'],
    }));
    expect(theirs).toEqual({
      url: '/store/a%20b/?x=1',
      host: 'front.example',
      client: '127.0.0.1',
      proto: 'http',
    });
    expect(ours).toEqual(theirs);
  });

  test('they go on to the same member when one is down, and to the backup when two are', async () => {
    const backends = await startThree();
    const [ours, theirs] = [await startOurs(backends), await startTheirs(backends)];
    await backends[0]!.stop();
    expect([await askInTurn(ours, 3), await askInTurn(theirs, 3)]).toEqual(Array(2).fill('4002 4002 4002'));
    await backends[1]!.stop();
    expect([await askInTurn(ours, 3), await askInTurn(theirs, 3)]).toEqual(Array(2).fill('4003 4003 4003'));
  });

  test('a 503 moves a GET and is told of a POST', async () => {
    const backends = await startThree();
    for (const front of [await startOurs(backends), await startTheirs(backends)]) {
      const path = '/shop/bad';
      expect((await front(path)).body).toBe('4002');
    }
    for (const front of [await startOurs(backends), await startTheirs(backends)]) {
      const { status, body } = await front('/shop/bad', { method: 'POST', body: 'order' });
      expect([status, body]).toEqual([503, '4001']);
    }
  });

  test('cookie paths are mapped by both, a redirect without a host and the path without a slash by ours', async () => {
    const backends = await startThree();
    const [ours, theirs] = [await startOurs(backends), await startTheirs(backends)];
    const look = async (front: Ask) => [
      (await front('/shop/login')).headers['set-cookie'],
      (await front('/shop/move')).headers.location,
      (await front('/shop')).status,
    ];
    expect(await look(theirs)).toEqual([['sid=1; Path=/shop/'], '/store/cart', 301]);
    expect(await look(ours)).toEqual([['sid=1; Path=/shop'], '/shop/cart', 200]);
  });

  test('behind nginx, members are told the client by trust proxy alone, and WebSockets go through', async () => {
    const chat = await startChat();
    const app = express();
    guide.run('With nginx in front', 0, { names: { app } });
    const balancer = createBalancer({ members: [chat.url] });
    app.use(balancer);
    const server = app.listen(0, '127.0.0.1');
    const behind = await guide.keep(server);
    attachUpgrades(server, app);
    const port = await findFreePort();
    const at = { 'localhost:8080': `127.0.0.1:${behind}`, 'listen 8443': `listen 127.0.0.1:${port}` };
    const stop = await startNginx(replaceAll(inFront, { ...at, $scheme: 'https' }), port);

    const headers = { 'X-Forwarded-For': '6.6.6.6' };
    const { socket } = await openWebSocket(port, '/', { headers });
    expect(await say(socket, 'hello')).toBe('hello');
    const told = chat.handshakes[0]!.headers;
    expect([told['x-forwarded-proto'], told['x-forwarded-for']]).toEqual(['https', '127.0.0.1, 127.0.0.1']);
    app.set('trust proxy', false);
    await requestTarget(port, '/', { headers });
    expect(chat.handshakes[1]!.headers['x-forwarded-proto']).toBe('http');
    closeWebSockets();
    await stop();
    await balancer.close();
  });
});

describe('HAProxy', () => {
  const { code: conf } = guide.findSnippets('haproxy')[0]!;
  const hasHaproxy = existsSync('/usr/sbin/haproxy') || process.env['CI'] === 'true';

  (hasHaproxy ? test : test.skip)('HAProxy takes the file of the page', () => {
    const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
    try {
      const file = join(folder, 'haproxy.cfg');
      writeFileSync(file, conf);
      const { stdout, stderr, status } = spawnSync('/usr/sbin/haproxy', ['-c', '-f', file], {
        encoding: 'utf8',
      });
      expect([status, `${stdout}${stderr}`]).toEqual([0, expect.not.stringMatching(/ALERT|WARNING/)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('its translation keeps clients by a cookie of that name, and takes the backup last', async () => {
    const backends = await startThree();
    const app = express();
    const replace = Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url]));
    guide.run('HAProxy', 0, { names: { app }, replace });
    const ask = await guide.serve(app);
    const first = await ask('/');
    expect(first.headers['set-cookie']).toEqual([expect.stringMatching(/^SERVERID=a;/)]);
    expect(await askInTurn(ask, 3, { headers: { Cookie: 'SERVERID=b' } }, '/')).toBe('4002 4002 4002');
    await Promise.all([backends[0]!.stop(), backends[1]!.stop()]);
    expect(await askInTurn(ask, 2, {}, '/')).toBe('4003 4003');
  });
});

test('the lines for httpd.conf check and convert it', async () => {
  const { code } = guide.findSnippets('sh')[0]!;
  const folder = mkdtempSync(join(tmpdir(), 'httpd-'));
  try {
    const file = join(folder, 'httpd.conf');
    writeFileSync(
      file,
      '<Proxy balancer://app>\nBalancerMember http://localhost:4001\n</Proxy>\nProxyPass /shop balancer://app/store\n',
    );
    const commands = code
      .trim()
      .split('\n')
      .map((line) => line.replace(/ > .*/, '').split(' ').slice(2));
    expect(commands.map(([name]) => name)).toEqual(['check', 'convert']);
    const sessions = commands.map((args) => start(args.map((arg) => (arg === 'httpd.conf' ? file : arg))));
    expect(await Promise.all(sessions.map((session) => session.code))).toEqual([0, 0]);
    expect(sessions[1]!.said.out).toContain("members: ['http://localhost:4001");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every option in the tables is one', () => {
  const names = new Set(Object.values(optionNames).flat());
  const cells = ['Servers', 'Who is chosen', 'Passing on', 'HAProxy'].flatMap((heading) =>
    guide
      .readTable(heading)
      .slice(1)
      .map(([, here = '']) => here),
  );
  const options = cells
    .flatMap(readCode)
    .map((code) => /^(\w+)(?:$|:)/.exec(code)?.[1])
    .filter((word) => word !== undefined);
  expect(options.length).toBeGreaterThan(30);
  expect(options.filter((word) => !names.has(word))).toEqual([]);
});

test('the lines of shell are shell', () => {
  execFileSync('sh', ['-n'], { input: guide.findSnippets('sh')[0]!.code });
});
