import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hashOf } from '../support/ask.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  say,
  startChat,
  startSwitching,
  startUpgradeBackend,
  startUpgradeFront,
  SWITCH,
  takeAll,
} from '../support/websocket.ts';

const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  closeWebSockets();
  await tidyUp();
});

/** A client that goes on when the other side has ended. */
async function connectHalf(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => socket.destroy());
  socket.write(`${askToSwitch().join('\r\n')}\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  expect(bytes.toString()).toMatch(/^HTTP\/1\.1 101 /);
  // Taken back before anything else has read: `once` has made it flow.
  socket.pause().unshift(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  return socket;
}

/** Resolves when a number has stopped changing. */
async function settles(read: () => number): Promise<void> {
  let last = read();
  let turns = 0;
  await until(() => {
    turns = read() === last ? turns + 1 : 0;
    last = read();
    return turns > 2_000;
  });
}

describe.each(senders)('a tunnel over %s', (_name, sender) => {
  test('carries what the client sends together with its request', async () => {
    const backend = await startSwitching((socket, head) => {
      socket.write(head);
      socket.pipe(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send(askToSwitch(), 'early');
    expect((await client.readHead()).status).toBe(101);
    client.write(' and late');

    expect(await client.readBytes(14)).toBe('early and late');
  });

  test('carries what the client sends before the member has switched', async () => {
    const early = randomBytes(1024 * 1024);
    const asked = Promise.withResolvers<Duplex>();
    const received: Buffer[] = [];
    const backend = await startUpgradeBackend((socket, head) => {
      received.push(head);
      takeAll(socket);
      socket.on('data', (chunk: Buffer) => received.push(chunk));
      asked.resolve(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send(askToSwitch()).socket.write(early);
    (await asked.promise).write(SWITCH);
    await client.readHead();

    await until(() => received.reduce((sum, { length }) => sum + length, 0) === early.length);
    expect(hashOf(Buffer.concat(received))).toBe(hashOf(early));
  });

  test('carries what the member sends together with its 101', async () => {
    const backend = await startUpgradeBackend((socket) => {
      socket.write(`${SWITCH}welcome`);
      takeAll(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    expect((await client.send(askToSwitch()).readHead()).status).toBe(101);
    expect(await client.readBytes(7)).toBe('welcome');
  });

  test('carries 16 MB there and back', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);
    const message = randomBytes(16 * 1024 * 1024);

    const answered = once(socket, 'message') as Promise<[Buffer]>;
    socket.send(message);

    expect(hashOf((await answered)[0])).toBe(hashOf(message));
  });

  test('holds a client back whose member does not read, and a member whose client does not', async () => {
    const much = randomBytes(48 * 1024 * 1024);
    const opened = Promise.withResolvers<Duplex>();
    const backend = await startSwitching((socket) => {
      opened.resolve(socket.pause());
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await connectHalf(front.port);
    const member = await opened.promise;

    client.end(much);
    member.end(much);
    await settles(() => client.writableLength + member.writableLength);
    expect(client.writableLength).toBeGreaterThan(24 * 1024 * 1024);
    expect(member.writableLength).toBeGreaterThan(24 * 1024 * 1024);

    const [there, back] = await Promise.all([buffer(member), buffer(client)]);
    expect([hashOf(there), hashOf(back)]).toEqual([hashOf(much), hashOf(much)]);
  });

  test('stays open one way when the client has said all it had to say', async () => {
    const backend = await startSwitching((socket) => {
      void buffer(socket).then((all) => socket.end(`you said: ${all.toString()}`));
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await connectHalf(front.port);

    client.end('hello');

    expect((await buffer(client)).toString()).toBe('you said: hello');
    await becomesLonely(front.server);
  });

  test('stays open one way when the member has said all it had to say', async () => {
    const heard = Promise.withResolvers<string>();
    const backend = await startSwitching((socket) => {
      socket.end('that is all');
      void buffer(socket).then((all) => {
        heard.resolve(all.toString());
      });
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await connectHalf(front.port);

    expect((await buffer(client)).toString()).toBe('that is all');
    client.end('not from me');

    expect(await heard.promise).toBe('not from me');
    await becomesLonely(front.server);
  });

  test('passes pings, and the codes and reasons of either end', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const first = await openWebSocket(front.port);
    const second = await openWebSocket(front.port);

    first.socket.ping('are you there');
    expect(String((await once(first.socket, 'pong'))[0])).toBe('are you there');

    first.socket.close(4001, 'enough');
    expect((await once(chat.sockets[0]!, 'close')).map(String)).toEqual(['4001', 'enough']);
    chat.sockets[1]!.close(4002, 'go away');
    expect((await once(second.socket, 'close')).map(String)).toEqual(['4002', 'go away']);
    await becomesLonely(front.server);
  });

  test('ends for the client when the member dies', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);

    const [closed] = await Promise.all([once(socket, 'close'), chat.stop()]);

    expect(closed[0]).toBe(1006);
    await becomesLonely(front.server);
  });

  test('ends for the member when the client dies', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);

    socket.terminate();

    expect((await once(chat.sockets[0]!, 'close'))[0]).toBe(1006);
    await becomesLonely(front.server);
  });

  test('ends for the one when the other resets its connection', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const first = await RawClient.connect(front.port);
    const second = await RawClient.connect(front.port);
    await first.send(askToSwitch()).readHead();
    await second.send(askToSwitch()).readHead();

    first.socket.resetAndDestroy();
    await once(chat.sockets[0]!, 'close');
    const { _socket: member } = chat.sockets[1] as unknown as { _socket: Socket };
    member.resetAndDestroy();

    await second.readRest();
    await becomesLonely(front.server);
  });

  test('keeps its member busy until it has ended', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);

    expect(front.member(chat.url)).toMatchObject({ busy: 1, elected: 1 });
    socket.close();
    await until(() => front.member(chat.url).busy === 0);
    expect(front.stories()).toEqual([`${chat.url} upgraded 101`]);
  });

  test('ends when it is silent both ways for upgradeTimeout, and not before', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url], upgradeTimeout: '150ms' });
    const { socket } = await openWebSocket(front.port);
    const closed = once(socket, 'close');
    const begin = performance.now();

    let answers = 0;
    while (performance.now() - begin < 400) answers += (await say(socket, 'x')).length;
    expect(answers).toBeGreaterThan(1);

    expect((await closed)[0]).toBe(1006);
    expect(performance.now() - begin).toBeGreaterThan(540);
    await until(() => chat.sockets[0]!.readyState === chat.sockets[0]!.CLOSED);
    await becomesLonely(front.server);
  });

  test('outlives timeout and deadline, which are about the handshake', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({
      ...sender,
      members: [chat.url],
      proxytimeout: '50ms',
      deadline: '100ms',
    });
    const { socket } = await openWebSocket(front.port);
    const begin = performance.now();

    await until(() => performance.now() - begin > 250);

    expect(await say(socket, 'still here')).toBe('still here');
  });
});
