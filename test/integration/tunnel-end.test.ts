import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { stopTime } from '../support/time.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openHalf,
  openWebSocket,
  readToEnd,
  say,
  startChat,
  startSwitching,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

describe.each(senders)('the end of a tunnel over %s', (_name, sender) => {
  test('stays open one way when the client has said all it had to say', async () => {
    const backend = await startSwitching((socket) => {
      void readToEnd(socket).then((all) => socket.end(`you said: ${all.toString()}`));
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await openHalf(front.port);

    client.end('hello');

    expect((await readToEnd(client)).toString()).toBe('you said: hello');
    await becomesLonely(front.server);
  });

  test('stays open one way when the member has said all it had to say', async () => {
    const heard = Promise.withResolvers<string>();
    const backend = await startSwitching((socket) => {
      socket.end('that is all');
      void readToEnd(socket).then((all) => {
        heard.resolve(all.toString());
      });
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await openHalf(front.port);

    expect((await readToEnd(client)).toString()).toBe('that is all');
    client.end('not from me');

    expect(await heard.promise).toBe('not from me');
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

  // By the system's own timer, whose time goes on: longer than any pause of the machine.
  test('ends when it is silent both ways for upgradeTimeout, and not before', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url], upgradeTimeout: '2500ms' });
    const { socket } = await openWebSocket(front.port);
    const closed = once(socket, 'close');
    const begin = performance.now();

    let answers = 0;
    let last = begin;
    while (last - begin < 3_000) {
      last = performance.now();
      answers += (await say(socket, 'x')).length;
    }
    expect(answers).toBeGreaterThan(1);

    expect((await closed)[0]).toBe(1006);
    expect(performance.now() - last).toBeGreaterThan(2_490);
    await until(() => chat.sockets[0]!.readyState === chat.sockets[0]!.CLOSED);
    await becomesLonely(front.server);
  });

  test('ends by upgradeTimeout when the member does not read and the client has gone unseen', async () => {
    const backend = await startSwitching((socket) => socket.pause());
    const front = await startUpgradeFront({ ...sender, members: [backend.url], upgradeTimeout: '200ms' });
    const client = await openHalf(front.port);

    // Node sees nothing of a connection from which it does not read for the moment.
    client.write(Buffer.alloc(32 * 1024 * 1024));
    await settles(() => client.writableLength);
    client.resetAndDestroy();

    await until(() => front.member(backend.url).busy === 0);
    await becomesLonely(front.server);
  });

  test('outlives timeout and deadline, which are about the handshake', async () => {
    const time = stopTime();
    const chat = await startChat();
    const front = await startUpgradeFront({
      ...sender,
      members: [chat.url],
      proxytimeout: '800ms',
      deadline: '900ms',
    });
    const { socket } = await openWebSocket(front.port);

    time.pass(1_200);

    expect(await say(socket, 'still here')).toBe('still here');
  });
});
