import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ask } from '../support/ask.ts';
import { stopBackends } from '../support/backend.ts';
import { start, type Session } from '../support/command.ts';
import { until } from '../support/idle.ts';
import { stopProcessTime } from '../support/time.ts';
import { startChat, type Chat } from '../support/websocket.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'close-serve-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  jest.useRealTimers();
  await stopBackends();
});

/** The command over a backend of WebSockets, and a client that has one. */
async function serve(): Promise<Readonly<{ session: Session; chat: Chat; port: number; socket: WebSocket }>> {
  const chat = await startChat('a');
  const file = join(folder, 'httpd.conf');
  writeFileSync(file, `ProxyPass /app ${chat.url}\n`);
  const session = start(['serve', file, '--listen', '127.0.0.1:0']);
  await until(() => session.said.err.includes('listening on'));
  const port = Number(/listening on \S+:(\d+)/.exec(session.said.err)?.[1]);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/chat`);
  await once(socket, 'open');
  return { session, chat, port, socket };
}

/** With what codes both ends of the WebSocket have closed. */
async function readCodes(socket: WebSocket, chat: Chat): Promise<readonly unknown[]> {
  return (await Promise.all([once(socket, 'close'), once(chat.sockets[0]!, 'close')])).map(
    ([code]) => code as number,
  );
}

test('SIGTERM tells WebSockets to go, over its grace, and the command ends when they have gone', async () => {
  const time = stopProcessTime();
  const { session, chat, socket } = await serve();
  const codes = readCodes(socket, chat);
  session.signal('SIGTERM');
  await until(() => session.said.err.includes('ending'));
  expect(socket.readyState).toBe(WebSocket.OPEN);
  time.pass(22_500);
  expect(await codes).toEqual([1001, 1001]);
  expect(await session.code).toBe(0);
});

test('a second SIGTERM tells them at once', async () => {
  const { session, chat, socket } = await serve();
  const codes = readCodes(socket, chat);
  session.signal('SIGTERM');
  await until(() => session.said.err.includes('ending'));
  session.signal('SIGTERM');
  expect(await codes).toEqual([1001, 1001]);
  expect(await session.code).toBe(0);
});

test('SIGHUP tells those of the configuration that is replaced, and serves others meanwhile', async () => {
  const time = stopProcessTime();
  const { session, chat, port, socket } = await serve();
  const codes = readCodes(socket, chat);
  session.signal('SIGHUP');
  await until(() => session.said.err.includes('read again'));
  expect((await ask(port, { path: '/app' })).text).toBe('a');
  time.pass(22_500);
  expect(await codes).toEqual([1001, 1001]);
  expect((await ask(port, { path: '/app' })).text).toBe('a');
  session.signal('SIGTERM');
  expect(await session.code).toBe(0);
});
