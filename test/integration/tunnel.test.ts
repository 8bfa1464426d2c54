import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hashOf } from '../support/ask.ts';
import { senders } from '../support/front.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openHalf,
  openWebSocket,
  readToEnd,
  startChat,
  startSwitching,
  startUpgradeBackend,
  startUpgradeFront,
  SWITCH,
  takeAll,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

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

  test.each([
    ['words', 5],
    ['more than is kept', 40_000],
  ])('carries several writes before the switch in their order: %s', async (_what, length) => {
    const asked = Promise.withResolvers<Duplex>();
    const backend = await startUpgradeBackend((socket) => {
      asked.resolve(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const arrived = once(front.server, 'connection') as Promise<[Socket]>;
    const client = await RawClient.connect(front.port);
    const [socket] = await arrived;

    client.send(askToSwitch(), 'a'.repeat(length));
    const member = await asked.promise;
    let written = client.socket.bytesWritten;
    for (const letter of ['b', 'c', 'd']) {
      client.write(letter.repeat(length));
      written += length;
      // One read for each, as long as the balancer still reads.
      await until(() => socket.bytesRead === written || socket.isPaused());
    }
    member.write(SWITCH);
    member.pipe(member);
    await client.readHead();
    client.write('e'.repeat(length));

    expect(await client.readBytes(5 * length)).toBe(
      ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(length)).join(''),
    );
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
    const client = await openHalf(front.port);
    const member = await opened.promise;

    client.end(much);
    member.end(much);
    await settles(() => client.writableLength + member.writableLength);
    expect(client.writableLength).toBeGreaterThan(24 * 1024 * 1024);
    expect(member.writableLength).toBeGreaterThan(24 * 1024 * 1024);

    const [there, back] = await Promise.all([readToEnd(member), readToEnd(client)]);
    expect([hashOf(there), hashOf(back)]).toEqual([hashOf(much), hashOf(much)]);
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
});
