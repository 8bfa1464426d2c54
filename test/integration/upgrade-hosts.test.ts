import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { attachUpgrades, createBalancer, type BalancerDefinition } from '../../src/index.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { deadUrl, listen } from '../support/backend.ts';
import { senders, silent } from '../support/front.ts';
import { hosts } from '../support/hosts.ts';
import { tidyUp } from '../support/idle.ts';
import { stopTime } from '../support/time.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** What a test needs of a balancer that it has to close itself. */
type Served = Readonly<{ port: number; close: () => Promise<void> }>;

async function serve(server: Server): Promise<number> {
  return (await listen(server, [], () => 0)).port;
}

describe.each(hosts)('an upgrade through $name', ({ build, mounts }) => {
  const start = async (members: readonly string[]): Promise<Served> => {
    const balancer = createBalancer({ ...silent, members });
    const app = build({ handlers: [['/chat', balancer]] });
    const server = createServer((req, res) => void app(req, res));
    attachUpgrades(server, app);
    return { port: await serve(server), close: balancer.close };
  };

  test('opens a WebSocket below its mount path', async () => {
    const chat = await startChat();
    const { port, close } = await start([chat.url]);

    const { socket } = await openWebSocket(port, '/chat/x');

    expect(await say(socket, 'hello')).toBe('hello');
    expect(chat.handshakes[0]!.url).toBe(mounts ? '/x' : '/chat/x');
    await close();
  });

  test('is 404 when nobody takes it, and 503 when nobody is there', async () => {
    const { port, close } = await start([await deadUrl()]);

    expect((await readRefusal(port, '/else')).status).toBe(404);
    expect((await readRefusal(port, '/chat')).status).toBe(503);
    await close();
  });
});

describe.each(senders)('an upgrade without an app, over %s', (_name, sender) => {
  const start = async (definition: BalancerDefinition): Promise<Served> => {
    const balancer = createBalancer({ ...silent, ...sender, ...definition });
    const server = createServer((_req, res) => void res.end('no upgrade'));
    server.on('upgrade', balancer.upgrade);
    return { port: await serve(server), close: balancer.close };
  };

  test('opens a WebSocket', async () => {
    const chat = await startChat();
    const { port, close } = await start({ members: [await deadUrl(), `${chat.url}/base`] });

    const { socket } = await openWebSocket(port, '/x');

    expect(await say(socket, 'hello')).toBe('hello');
    expect(chat.handshakes[0]!.url).toBe('/base/x');
    await close();
  });

  test('is served without the switch where its protocol is not allowed', async () => {
    const chat = await startChat('plain');
    const { port, close } = await start({ members: [chat.url], upgrade: false });
    const client = await RawClient.connect(port);

    const answer = await client.ask(askToSwitch());

    expect([answer.status, answer.body, valuesOf(answer.headers, 'connection')]).toEqual([
      200,
      'plain',
      ['close'],
    ]);
    await close();
  });

  test('is told the status of the error, or 404', async () => {
    stopTime();
    const { port, close } = await start({ members: [await deadUrl()], exclude: '/mine' });

    expect(await readRefusal(port)).toMatchObject({
      status: 503,
      body: 'Service Unavailable\n',
      headers: { 'retry-after': '60' },
    });
    expect(await readRefusal(port, '/mine')).toMatchObject({ status: 404, body: 'Not Found\n' });
    expect(await readRefusal(port, '/..%2fup')).toMatchObject({ status: 400, body: 'Bad Request\n' });
    await close();
    expect(await readRefusal(port)).toMatchObject({ status: 503 });
  });

  test('is 500 when a function of the definition throws', async () => {
    const { port, close } = await start({
      members: [await deadUrl()],
      exclude: () => {
        throw new Error('mine');
      },
    });

    expect(await readRefusal(port)).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
    await close();
  });
});
