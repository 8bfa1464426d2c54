import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import express, { type Express } from 'express';
import * as ws from 'ws';
import { attachUpgrades, createBalancer } from '../../src/index.ts';
import { stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { requestTarget, type Answered } from '../support/request-target.ts';
import { runSnippet } from '../support/snippets.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  type Chat,
} from '../support/websocket.ts';

const guide = openGuide('docs/websockets.md');

afterEach(async () => {
  closeWebSockets();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

const modules = {
  'cookie-parser': { default: cookieParser, __esModule: true },
  ws,
};

function place(backends: readonly Backend[]): Readonly<Record<string, string>> {
  return Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url]));
}

/** Runs a block that listens at 8080, on another port; the constants that were wanted come back. */
async function start(heading: string, backends: readonly Backend[], ...wanted: readonly string[]) {
  const replace = { ...place(backends), 'listen(8080)': "listen(0, '127.0.0.1')" };
  const names = guide.run(heading, 0, { modules, replace, wanted: ['app', 'server', ...wanted] });
  const port = await guide.keep(names['server'] as Server);
  return { port, names, app: names['app'] as Express };
}

/** The first line that the page's lines for curl show, in a folder of their own. */
async function switchByCurl(at: number, edit: (script: string) => string = String): Promise<string> {
  const { code } = guide.findSnippets('sh')[0]!;
  const folder = mkdtempSync(join(tmpdir(), 'websockets-'));
  const script = edit(code.trim()).replaceAll('localhost:8080', `127.0.0.1:${at}`);
  try {
    // 28: curl has run out of time, which is what it is meant to.
    const { stdout } = await promisify(execFile)('sh', ['-c', `${script} || [ $? = 28 ]`], { cwd: folder });
    return stdout.split('\r\n')[0]!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function login(port: number): Promise<Readonly<{ Cookie: string }>> {
  const { headers } = await requestTarget(port, '/login', { method: 'POST' });
  return { Cookie: headers['set-cookie']![0]!.split(';')[0]! };
}

describe('the shortest way', () => {
  test('switches to the members in turn, and goes on when one refuses', async () => {
    const chats = [await startChat('one'), await startChat('two')];
    const { port } = await start('The shortest way', chats);
    const names: unknown[] = [];
    for (let i = 0; i < 2; i += 1) names.push((await openWebSocket(port, '/chat')).head.headers['x-backend']);
    expect(names).toEqual(['one', 'two']);
    await chats[0]!.stop();
    const { socket, head } = await openWebSocket(port, '/chat/room');
    expect([head.headers['x-backend'], await say(socket, 'hello')]).toEqual(['two', 'hello']);
  });

  test('the lines for curl tell a switch, a missing path, and a missing attachUpgrades', async () => {
    const chats = [await startChat('one'), await startChat('two')];
    const { port, app } = await start('The shortest way', chats);
    const curl = async (at: number, path = '/chat'): Promise<string> => {
      return switchByCurl(at, (script) => script.replace(/\/chat$/m, path));
    };
    const plain = await guide.keep(app.listen(0, '127.0.0.1'));
    expect(await Promise.all([curl(port), curl(port, '/other'), curl(plain)])).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'HTTP/1.1 404 Not Found',
      'HTTP/1.1 200 OK',
    ]);
    expect((await readRefusal(plain, '/chat')).status).toBe(200);
  });
});

describe('who may come in', () => {
  const heading = 'Who may come in';
  const origin = 'https://www.site.com';

  test('without a session: 401, and no connection at a member', async () => {
    const chats = [await startChat('one'), await startChat('two')];
    const { port } = await start(heading, chats);
    expect(await readRefusal(port, '/chat', { origin })).toMatchObject({
      status: 401,
      body: 'Log in first.\n',
    });
    const forged = { Cookie: 'front.sid=s%3Asomebody.AAAA' };
    expect(await readRefusal(port, '/chat', { origin, headers: forged })).toMatchObject({ status: 401 });
    expect(chats.map((chat) => [chat.handshakes.length, chat.connections()])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('with a cookie that nobody has signed: 401, which says so', async () => {
    const { port } = await start(heading, [await startChat('one'), await startChat('two')]);
    const headers = { Cookie: 'front.sid=somebody' };
    expect(await readRefusal(port, '/chat', { origin, headers })).toMatchObject({
      status: 401,
      body: 'front.sid is not signed.\n',
    });
  });

  test('the lines for curl: 101 after the login, 401 without its cookie, 403 from elsewhere', async () => {
    const { port } = await start(heading, [await startChat('one'), await startChat('two')]);
    const lines = await Promise.all([
      switchByCurl(port),
      switchByCurl(port, (script) => script.replace(' -b jar.txt', '')),
      switchByCurl(port, (script) => script.replace('www.site.com', 'evil.example')),
    ]);
    expect(lines).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'HTTP/1.1 401 Unauthorized',
      'HTTP/1.1 403 Forbidden',
    ]);
  });

  test('a member that logs people in: its 401 is relayed, and its session is asked for where it is', async () => {
    const sessions = ['one', 'two'].map((name) => `sid=of-${name}`);
    const chats = await Promise.all(
      sessions.map((session) =>
        startChat(session, {
          verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.cookie?.includes(session) === true,
        }),
      ),
    );
    const members = chats.map(({ url }, i) => ({ url, route: `${i + 1}` }));
    const balancer = createBalancer({ logger: false, routeCookie: true, members });
    const app = express().use(balancer);
    const server = app.listen(0, '127.0.0.1');
    const port = await guide.keep(server);
    attachUpgrades(server, app);
    expect((await readRefusal(port)).status).toBe(401);
    for (const [i, session] of sessions.entries()) {
      const headers = { Cookie: `ROUTEID=${i + 1}; ${session}` };
      expect((await openWebSocket(port, '/', { headers })).socket.readyState).toBe(ws.WebSocket.OPEN);
    }
    closeWebSockets();
    await balancer.close();
  });

  test('with a session, from a page of another site: 403, and no connection at a member', async () => {
    const chats = [await startChat('one'), await startChat('two')];
    const { port } = await start(heading, chats);
    const headers = await login(port);
    for (const wrong of ['https://evil.example', undefined])
      expect(await readRefusal(port, '/chat', { headers, ...(wrong && { origin: wrong }) })).toMatchObject({
        status: 403,
      });
    expect(chats.map((chat) => chat.connections())).toEqual([0, 0]);
  });

  test('with a session: in, and the member is told the user by the front alone', async () => {
    const chats = [await startChat('one'), await startChat('two')];
    const { port } = await start(heading, chats);
    const headers = { ...(await login(port)), 'X-User': 'admin', X_User: 'admin', 'X-Other': 'kept' };
    const { socket } = await openWebSocket(port, '/chat', { headers, origin });
    expect(await say(socket, 'hello')).toBe('hello');
    const [{ rawHeaders, headers: seen }] = chats[0]!.handshakes as [Chat['handshakes'][number]];
    const users = rawHeaders.filter((_text, i, all) => /^x.user$/i.test(all[i - (i % 2)]!));
    expect(users).toEqual(['x-user', 'anna']);
    expect(seen['x-other']).toBe('kept');
  });

  test('plain requests need a session, and no Origin', async () => {
    const { port } = await start(heading, [await startChat('one'), await startChat('two')]);
    const ask = (headers = {}): Promise<Answered> => requestTarget(port, '/chat', { headers });
    expect([(await ask()).status, (await ask(await login(port))).status]).toEqual([401, 200]);
  });

  test('a socket that the app has kept can be ended at logout', async () => {
    const chat = await startChat();
    const app = express();
    const sockets: Socket[] = [];
    const balancer = createBalancer({ members: [chat.url] });
    app.use((req, _res, next) => {
      sockets.push(req.socket);
      next();
    }, balancer);
    const server = app.listen(0, '127.0.0.1');
    const port = await guide.keep(server);
    attachUpgrades(server, app);
    const { socket } = await openWebSocket(port);
    const codes = Promise.all([once(socket, 'close'), once(chat.sockets[0]!, 'close')]);
    sockets[0]!.destroy();
    expect((await codes).map(([code]) => code as unknown)).toEqual([1006, 1006]);
    await balancer.close();
  });
});

test('a missing attachUpgrades, and a second listener, are told of in the log', async () => {
  const chat = await startChat();
  const told: unknown[] = [];
  const warn = (text: unknown): unknown => told.push(/WARN_\w+/.exec(String(text))?.[0]);
  const balancer = createBalancer({ members: [chat.url], logger: { ...console, warn } });
  const app = express();
  app.use(balancer);
  const plain = await guide.keep(app.listen(0, '127.0.0.1'));
  await readRefusal(plain);
  const server = app.listen(0, '127.0.0.1');
  const port = await guide.keep(server);
  attachUpgrades(server, app);
  server.on('upgrade', () => undefined);
  await openWebSocket(port);
  expect(told).toEqual(['WARN_BALANCER_UPGRADE_NOT_ATTACHED', 'WARN_BALANCER_UPGRADE_CONTESTED']);
  for (const code of told) expect(guide.text).toContain(`\`${String(code)}\``);
  closeWebSockets();
  await balancer.close();
});

test('a token in the subprotocol lets in, and another one does not', async () => {
  const chat = await startChat('one', { handleProtocols: (offered) => offered.has('chat') && 'chat' });
  const { port, names } = await start('Tokens', [chat], 'tokens');
  (names['tokens'] as Set<string>).add('good');
  const { socket } = await openWebSocket(port, '/chat', { protocols: ['chat', 'bearer.good'] });
  expect([socket.protocol, await say(socket, 'hello')]).toEqual(['chat', 'hello']);
  const headers = { 'Sec-WebSocket-Protocol': 'chat, bearer.bad' };
  expect(await readRefusal(port, '/chat', { headers })).toMatchObject({ status: 401 });
  expect(chat.handshakes).toHaveLength(1);
});

test('a drain with grace tells WebSockets to go, and they come back to the other member', async () => {
  const chats = [await startChat('one'), await startChat('two')];
  const app = express();
  const replace = {
    ...place(chats),
    "'1m'": "'10ms'",
    "'30s'": "'1s'",
    'const balancer = createBalancer': 'balancer = createBalancer',
    'await balancer.drain': 'app.use(balancer); await opened(); await balancer.drain',
  };
  const server = app.listen(0, '127.0.0.1');
  const port = await guide.keep(server);
  attachUpgrades(server, app);
  const codes: unknown[] = [];
  const opened = async (): Promise<void> => {
    const { socket } = await openWebSocket(port);
    socket.once('close', (code) => codes.push(code));
  };
  await guide.runWaiting('Ending', 0, { names: { app, opened, balancer: undefined }, replace });
  await until(() => codes.length > 0);
  expect(codes).toEqual([1001]);
  expect((await openWebSocket(port)).head.headers['x-backend']).toBe('two');
});

test('the browser’s lines wait longer after what was no farewell', () => {
  const { code } = guide.findSnippets('js')[0]!;
  const waits: number[] = [];
  const sockets: { onclose?: (event: { code: number }) => void }[] = [];
  const names = {
    WebSocket: function open(this: (typeof sockets)[number]) {
      sockets.push(this);
    },
    setTimeout: (_what: unknown, ms: number) => waits.push(ms),
  };
  runSnippet(`${code}\nconnect();`, {}, names);
  sockets[0]!.onclose!({ code: 1001 });
  sockets[0]!.onclose!({ code: 1006 });
  expect([waits[0], waits[1]! >= 1000 && waits[1]! <= 10_000]).toEqual([100, true]);
});

test('a WebSocket server of the app’s own stands beside the members’', async () => {
  const chats = [await startChat('one'), await startChat('two')];
  const { port } = await start("A WebSocket server of the app's own", chats);
  const socket = new ws.WebSocket(`ws://127.0.0.1:${port}/own`);
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(message.toString()).toBe('the app itself');
  socket.terminate();
  expect(await say((await openWebSocket(port, '/chat')).socket, 'hello')).toBe('hello');
  expect((await readRefusal(port, '/nobody')).status).toBe(404);
  // Another protocol than WebSocket is served without the switch, by the server that does not listen.
  const asked = requestTarget(port, '/chat', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } });
  expect((await asked).status).toBe(200);
});
