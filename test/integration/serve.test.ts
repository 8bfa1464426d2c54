import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer as createHttpServer, request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { serverOptions } from '../../src/cli/entrance.ts';
import { ask } from '../support/ask.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { start, type Session } from '../support/command.ts';
import { until } from '../support/idle.ts';
import { stopProcessTime } from '../support/time.ts';
import { startChat } from '../support/websocket.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const sessions: Session[] = [];
let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
  file = join(folder, 'httpd.conf');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  jest.useRealTimers();
  for (const session of sessions.splice(0)) {
    session.signal('SIGTERM');
    await session.code;
  }
  await stopBackends();
});

/** Runs a configuration. Where it listens is the configuration's to say. */
async function serve(conf: string, ...options: readonly string[]): Promise<Session> {
  writeFileSync(file, conf);
  const session = start(['serve', file, ...options]);
  sessions.push(session);
  await until(() => session.said.err.includes('listening on'));
  return session;
}

const confOf = ({ url }: Pick<Backend, 'url'>, ...ports: readonly number[]): string =>
  `${ports.map((port) => `Listen 127.0.0.1:${port}\n`).join('')}ProxyPass /app ${url}\n`;

/** Ports that nobody has. */
async function findPorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

test('a signal that comes with the news that it listens is heard', async () => {
  const backend = await startBackend();
  writeFileSync(file, confOf(backend));
  const { code } = start(['serve', file, '--listen', '127.0.0.1:0'], '', (words, { signal }) => {
    if (words.startsWith('listening')) signal('SIGTERM');
  });
  expect(await code).toBe(0);
});

test('SIGHUP listens where the file says now, and lets what is under way elsewhere end', async () => {
  let release = (): void => undefined;
  const backend = await startBackend('app1', (req, res) => {
    release = () => void res.end('late');
    if (req.url !== '/slow') release();
  });
  const [first = 0, both = 0, second = 0] = await findPorts(3);
  const { signal, said } = await serve(confOf(backend, first, both));
  const slow = ask(first, { path: '/app/slow' });
  await until(() => backend.received.length === 1);
  const end = release;
  writeFileSync(file, confOf(backend, both, second));
  signal('SIGHUP');
  await until(() => said.err.includes('read again'));
  expect(said.err).toContain(`listening on http://127.0.0.1:${second}\n`);
  for (const port of [both, second]) expect((await ask(port, { path: '/app' })).status).toBe(200);
  await expect(ask(first)).rejects.toThrow('ECONNREFUSED');
  end();
  expect((await slow).text).toBe('late');
});

test('SIGHUP with a port that somebody has leaves all as it was', async () => {
  const [old, fresh] = [await startBackend('old'), await startBackend('new')];
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const [first = 0, second = 0] = await findPorts(2);
  const { signal, said } = await serve(confOf(old, first));
  writeFileSync(file, confOf(fresh, second, (other.address() as AddressInfo).port));
  signal('SIGHUP');
  await until(() => said.err.includes('all stays as it was'));
  other.close();
  expect(said.err).toContain('the port is taken');
  expect((await ask(first, { path: '/app' })).text).toBe('old');
  await expect(ask(second)).rejects.toThrow('ECONNREFUSED');
});

test('--listen holds through SIGHUP', async () => {
  const backend = await startBackend();
  const [given = 0, written = 0] = await findPorts(2);
  const { signal, said } = await serve(confOf(backend), '--listen', `127.0.0.1:${given}`);
  writeFileSync(file, confOf(backend, written));
  signal('SIGHUP');
  await until(() => said.err.includes('read again'));
  expect((await ask(given, { path: '/app' })).status).toBe(200);
  await expect(ask(written)).rejects.toThrow('ECONNREFUSED');
});

test('--log tells of a WebSocket when it has ended', async () => {
  const chat = await startChat();
  const [port = 0] = await findPorts(1);
  const { said } = await serve(confOf(chat, port), '--log');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/chat`);
  await once(socket, 'open');
  expect(said.out).toBe('');
  socket.close();
  await until(() => said.out !== '');
  expect(said.out).toMatch(/^\S+ GET \S+ \/app\/chat 101 \d+ms .* why="the method has chosen it"\n$/);
});

test('--log tells that a client has left', async () => {
  const backend = await startBackend('app1', () => undefined);
  const [port = 0] = await findPorts(1);
  const { said } = await serve(confOf(backend, port), '--log');
  const leaving = new AbortController();
  const answer = fetch(`http://127.0.0.1:${port}/app`, { signal: leaving.signal });
  await until(() => backend.received.length === 1);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await until(() => said.out !== '');
  expect(said.out).toMatch(/ - \d+ms .*; the connection broke off"\n$/);
});

test('where nothing is mounted it says so', async () => {
  const [port = 0] = await findPorts(1);
  const { said } = await serve(`Listen 127.0.0.1:${port}\n`);
  expect(said.err).toContain('nothing is mounted: every request is answered with 404\n');
});

test('a head that does not come to its end is waited for a minute', () => {
  expect(createHttpServer(serverOptions).headersTimeout).toBe(60_000);
});

test('goes on when nobody reads its log any more', async () => {
  const backend = await startBackend('app1');
  const [port = 0] = await findPorts(1);
  writeFileSync(file, confOf(backend, port));
  const child = spawn(process.execPath, [main, 'serve', file, '--log'], { stdio: 'pipe' });
  const exit = once(child, 'exit');
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await until(() => err.includes('listening') || child.exitCode !== null);
  for (let i = 0; i < 3; i += 1) expect((await ask(port, { path: '/app' })).text).toBe('app1');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('SIGTERM answers once more on a connection that is kept, and ends it', async () => {
  const time = stopProcessTime();
  const backend = await startBackend('app1');
  const [port = 0] = await findPorts(1);
  const { signal, said, code } = await serve(confOf(backend, port));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const askKept = async (): Promise<IncomingMessage> => {
    const req = request({ port, host: '127.0.0.1', path: '/app', agent }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    await once(res, 'end');
    return res;
  };
  await askKept();
  signal('SIGTERM');
  await until(() => said.err.includes('ending'));
  const { statusCode, headers } = await askKept();
  expect([statusCode, headers.connection]).toEqual([200, 'close']);
  time.pass(10_000);
  expect(await code).toBe(0);
});
