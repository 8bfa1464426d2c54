import { once, type EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { stopTime } from '../support/time.ts';
import { closing, farewell, frame, listenTo, openEnds, startPunctual } from '../support/tunnel-ends.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openHalf,
  openWebSocket,
  say,
  startChat,
  startSwitching,
  startUpgradeBackend,
  SWITCH,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** How a WebSocket has closed: the code, and the reason. */
async function readClose(socket: EventEmitter): Promise<readonly string[]> {
  return (await once(socket, 'close')).map(String);
}

/** Resolves behind the timer of whoever is told at once: timers of one time go off in the order in which they were set. */
function isTold(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

describe.each(senders)('a WebSocket that is told to go, over %s,', (_name, sender) => {
  test('hears 1001, and so does its member, whom the client answers; then both end', async () => {
    const chat = await startChat();
    const front = await startPunctual({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);
    await say(socket, 'hello');

    const closed = Promise.all([readClose(socket), readClose(chat.sockets[0]!)]);
    await front.balancer.close({ grace: '10h' });

    // The client's answer says what it was told.
    expect(await closed).toEqual(Array(2).fill(['1001', 'going away']));
    await becomesLonely(front.server);
  });

  test('hears it behind the frame that its member was sending, and nothing of the next one', async () => {
    const { front, client, member } = await openEnds(sender);
    const long = frame(2, 'a'.repeat(100));
    member.socket.write(long.subarray(0, 60));
    await until(() => client.heard().length === 60);

    const closed = front.balancer.close({ grace: '10h' });
    await isTold();
    member.socket.write(long.subarray(60, 61));
    await until(() => client.heard().length === 61);
    // In one piece with what comes behind it.
    member.socket.write(Buffer.concat([long.subarray(61), frame(1, 'more'), frame(8, closing(4000))]));
    await until(() => client.heard().length === long.length + farewell.length);
    const answer = frame(8, closing(1001), true);
    client.socket.write(answer);
    // The balancer's side ends first (RFC 6455 7.1.1), whatever the member does.
    await client.over.then(() => client.socket.end());
    await member.over.then(() => member.socket.end());
    await closed;

    expect(client.heard()).toEqual(Buffer.concat([long, farewell]));
    expect(member.heard()).toEqual(answer);
  });

  test('hears it in the middle of a message, between two fragments', async () => {
    const { front, client, member } = await openEnds(sender);
    const fragment = Buffer.from([0x01, 2, ...Buffer.from('ab')]);
    member.socket.write(fragment);
    await until(() => client.heard().length === fragment.length);

    const closed = front.balancer.close({ grace: '10h' });
    await until(() => client.heard().length === fragment.length + farewell.length);
    client.socket.end(frame(8, closing(1001), true));
    await member.over.then(() => member.socket.end());
    await closed;

    expect(client.heard()).toEqual(Buffer.concat([fragment, farewell]));
  });

  test('gets nothing more, and its member is not kept waiting: what it says is dropped', async () => {
    const { front, client, member } = await openEnds(sender);
    void front.balancer.close({ grace: '10h' });
    await until(() => client.heard().length === farewell.length);

    const much = Buffer.concat(Array.from({ length: 40_000 }, () => frame(2, 'a'.repeat(100))));
    await new Promise((resolve) => member.socket.write(much, resolve));
    // What the client still says arrives.
    client.socket.write(frame(1, 'last', true));
    await until(() => member.heard().length > 0);

    expect([client.heard(), member.heard()]).toEqual([farewell, frame(1, 'last', true)]);
    member.socket.destroy();
  });

  test('is let alone when it has said Close itself', async () => {
    const { front, client, member } = await openEnds(sender);
    client.socket.write(frame(8, closing(4001), true));
    await until(() => member.heard().length > 0);

    const closed = front.balancer.close({ grace: '10h' });
    member.socket.end(frame(8, closing(4001)));
    await client.over.then(() => client.socket.end());
    await closed;

    expect(client.heard()).toEqual(frame(8, closing(4001)));
  });

  test('is let alone when it says Close while its member is in a frame', async () => {
    const { front, client, member } = await openEnds(sender);
    const [first, last] = [frame(1, 'half a frame'), frame(8, closing(4001))];
    member.socket.write(first.subarray(0, 5));
    await until(() => client.heard().length === 5);
    const closed = front.balancer.close({ grace: '10h' });
    await isTold();
    client.socket.write(last);
    await until(() => member.heard().length > 0);

    member.socket.end(Buffer.concat([first.subarray(5), frame(1, 'more'), last]));
    await client.over.then(() => client.socket.end());
    await closed;

    expect(client.heard()).toEqual(Buffer.concat([first, frame(1, 'more'), last]));
  });

  test('is let alone when its member has said Close', async () => {
    const { front, client, member } = await openEnds(sender);
    member.socket.write(frame(8, closing(4002)));
    await until(() => client.heard().length > 0);

    const closed = front.balancer.close({ grace: '10h' });
    client.socket.end(frame(8, closing(4002), true));
    await member.over.then(() => member.socket.end());
    await closed;

    expect(client.heard()).toEqual(frame(8, closing(4002)));
    expect(member.heard()).toEqual(frame(8, closing(4002), true));
  });

  test('and does not answer is cut when the grace is over; its member hears 1001 then', async () => {
    const chat = await startChat();
    const front = await startPunctual({ ...sender, members: [chat.url] });
    const client = listenTo(await openHalf(front.port));
    await until(() => chat.sockets.length > 0);

    const closed = readClose(chat.sockets[0]!);
    await front.balancer.close({ grace: '300ms' });

    expect(client.heard().subarray(-farewell.length)).toEqual(farewell);
    expect(await closed).toEqual(['1001', 'going away']);
    await becomesLonely(front.server);
  });

  test('and does not read is cut when the grace is over', async () => {
    const opened = Promise.withResolvers<Duplex>();
    const backend = await startSwitching(opened.resolve);
    const front = await startPunctual({ ...sender, members: [backend.url] });
    await openHalf(front.port);
    const member = await opened.promise;
    const piece = Buffer.concat(Array.from({ length: 500 }, () => frame(2, 'a'.repeat(100))));
    for (let i = 0; i < 600; i += 1) member.write(piece);
    await settles(() => member.writableLength);
    expect(member.writableLength).toBeGreaterThan(0);

    // It says on: not for ever.
    member.on('error', () => undefined);
    await front.balancer.close({ grace: '300ms' });
    expect(front.member(backend.url).busy).toBe(0);
    await becomesLonely(front.server);
  });

  test('whose client has ended its side hears it, and is ended', async () => {
    const { front, client, member } = await openEnds(sender);
    client.socket.end();
    await member.over;

    const closed = front.balancer.close({ grace: '10h' });
    await client.over;
    member.socket.end();
    await closed;

    expect(client.heard()).toEqual(farewell);
  });

  test('whose client vanishes instead of answering takes its member with it', async () => {
    const { front, client, member } = await openEnds(sender);
    const closed = front.balancer.close({ grace: '10h' });
    await until(() => client.heard().length === farewell.length);
    client.socket.resetAndDestroy();
    await member.over;
    await closed;
    expect(member.heard()).toEqual(Buffer.alloc(0));
  });

  test('whose member dies meanwhile has heard it', async () => {
    const { front, client, member } = await openEnds(sender);
    const closed = front.balancer.close({ grace: '10h' });
    await until(() => client.heard().length === farewell.length);
    member.socket.destroy();
    await client.over;
    client.socket.end();
    await closed;
    expect(client.heard()).toEqual(farewell);
  });

  test('whose member stays in a frame is cut when the grace is over, in the middle', async () => {
    const { front, client, member } = await openEnds(sender);
    const half = frame(1, 'half a frame').subarray(0, 5);
    member.socket.write(half);
    await until(() => client.heard().length === half.length);
    await front.balancer.close({ grace: '100ms' });
    await client.over;
    expect(client.heard()).toEqual(half);
    // That direction is free.
    await member.over;
    expect(member.heard().subarray(0, 2)).toEqual(Buffer.from([0x88, 0x80 | 12]));
  });

  test('whose member does not end its side, though the client has answered, is ended all the same', async () => {
    const { front, client, member } = await openEnds(sender);
    const closed = front.balancer.close({ grace: '10h' });
    await until(() => client.heard().length === farewell.length);
    const answer = frame(8, closing(1001), true);
    client.socket.end(answer);
    await Promise.all([closed, client.over, member.over]);
    expect(member.heard()).toEqual(answer);
  });

  test('that is switched only when the balancer ends is told, too', async () => {
    const asked = Promise.withResolvers<Duplex>();
    const backend = await startUpgradeBackend(asked.resolve);
    const front = await startPunctual({ ...sender, members: [backend.url] });
    const opening = openHalf(front.port);
    const member = await asked.promise;

    const closed = front.balancer.close({ grace: '10h' });
    member.write(SWITCH);
    const client = listenTo(await opening);
    await until(() => client.heard().length === farewell.length);
    client.socket.end(frame(8, closing(1001), true));
    member.resume().end();
    await closed;

    expect(client.heard()).toEqual(farewell);
  });
});

test('an upgrade to another protocol goes on for the grace, and gets no frame', async () => {
  const time = stopTime();
  const opened = Promise.withResolvers<Duplex>();
  const backend = await startUpgradeBackend((socket) => {
    socket.write(SWITCH.replace('websocket', 'chat'));
    opened.resolve(socket);
  });
  const front = await startPunctual({ upgrade: ['chat'], members: [backend.url] });
  const client = await RawClient.connect(front.port);
  await client.send(askToSwitch().map((line) => line.replace('websocket', 'chat'))).readHead();
  const member = await opened.promise;

  const closed = front.balancer.close({ grace: '1h' });
  member.write('still here');
  expect(await client.readBytes(10)).toBe('still here');
  time.pass(3_600_000);
  await closed;
  expect(await client.readRest()).toBe('');
});
