import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
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

/** Ways in which a client leaves. */
const ways: readonly (readonly [string, (socket: Socket) => unknown])[] = [
  ['resets its connection', (socket) => socket.resetAndDestroy()],
  ['closes its connection', (socket) => socket.destroy()],
  ['ends its side of the connection', (socket) => socket.end()],
];

/** What a client says before it has been answered. */
const earlyWords = [
  ['a byte', 'x'],
  ['a request', 'GET /early HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['some kilobytes', 'x'.repeat(30_000)],
] as const;

describe.each(senders)('a client of an upgrade over %s', (_name, sender) => {
  test.each(ways)('that %s in the handshake ends the attempt, which is no failure', async (_way, leave) => {
    const asked = Promise.withResolvers<Socket>();
    const hanging = await startRawBackend((socket) => {
      asked.resolve(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [hanging.url] });
    const client = await RawClient.connect(front.port);

    client.send(askToSwitch());
    const member = await asked.promise;
    leave(client.socket);

    await once(member, 'close');
    await until(() => front.member(hanging.url).busy === 0);
    expect(front.stories()).toEqual([`${hanging.url} client-gone`]);
    expect(front.member(hanging.url).inError).toBe(false);
    await becomesLonely(front.server);
  });

  describe.each(earlyWords)('that has sent %s already', (_what, early) => {
    test.each(ways)('and %s in the handshake ends the attempt', async (_way, leave) => {
      const asked = Promise.withResolvers<Socket>();
      const hanging = await startRawBackend((socket) => {
        asked.resolve(socket);
      });
      const front = await startUpgradeFront({ ...sender, members: [hanging.url] });
      const client = await RawClient.connect(front.port);

      client.send(askToSwitch());
      const member = await asked.promise;
      client.write(early);
      leave(client.socket);

      await once(member, 'close');
      await until(() => front.member(hanging.url).busy === 0);
      expect(front.stories()).toEqual([`${hanging.url} client-gone`]);
      expect(front.errors).toEqual([]);
      await becomesLonely(front.server);
    });

    test('and is refused is told so, whole', async () => {
      const asked = Promise.withResolvers<Socket>();
      const strict = await startRawBackend((socket) => {
        asked.resolve(socket);
      });
      const front = await startUpgradeFront({ ...sender, members: [strict.url] });
      const client = await RawClient.connect(front.port);

      client.send(askToSwitch());
      const member = await asked.promise;
      client.write(early);
      member.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');

      expect(await client.readAnswer()).toMatchObject({ status: 403, body: 'no' });
      await becomesLonely(front.server);
    });
  });

  test.each(ways)('that %s while a middleware thinks is not sent to anybody', async (_way, leave) => {
    const backend = await startBackend();
    const thinking = Promise.withResolvers<() => void>();
    const front = await startUpgradeFront(
      { ...sender, members: [backend.url] },
      {
        before: (app) =>
          app.use((req, _res, next) => {
            req.socket.once('close', () => {
              next();
            });
            thinking.resolve(next);
          }),
      },
    );
    const client = await RawClient.connect(front.port);

    client.send(askToSwitch());
    await thinking.promise;
    leave(client.socket);

    await becomesLonely(front.server);
    expect(backend.received).toEqual([]);
    expect(front.member(backend.url)).toMatchObject({ busy: 0, elected: 0 });
  });

  test.each(ways)('that %s as the member switches leaves nothing open', async (_way, leave) => {
    const members: Duplex[] = [];
    const backend = await startUpgradeBackend((socket) => {
      members.push(socket);
      socket.write(`${SWITCH}welcome`);
      takeAll(socket);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });

    for (let i = 0; i < 20; i += 1) {
      const client = await RawClient.connect(front.port);
      client.send(askToSwitch());
      for (let turns = 0; turns < i; turns += 1) await new Promise(setImmediate);
      leave(client.socket);
    }

    await becomesLonely(front.server);
    await until(() => members.every(({ destroyed }) => destroyed));
    await until(() => front.member(backend.url).busy === 0);
  });

  test.each(ways)('that %s while it is refused leaves nothing open', async (_way, leave) => {
    const body = 'no. '.repeat(1_000_000);
    const backend = await startUpgradeBackend((socket) => {
      socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    await client.send(askToSwitch()).readHead();
    leave(client.socket);

    await becomesLonely(front.server);
    await until(() => front.member(backend.url).busy === 0);
  });

  test('that stays after its refusal is not waited for', async () => {
    const front = await startUpgradeFront({ ...sender, members: [await deadUrl()] });
    const client = connect({ port: front.port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(client);

    client.write(`${askToSwitch().join('\r\n')}\r\n\r\nand more`);
    const [answer] = (await once(client, 'data')) as [Buffer];

    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /);
    await becomesLonely(front.server);
  });

  test('that sends an upgrade on the heels of another request is let go', async () => {
    const backend = await startBackend('slow', () => undefined);
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send(['GET /slow HTTP/1.1', 'Host: a']).send(askToSwitch());

    expect(await client.readRest()).toBe('');
    await becomesLonely(front.server);
    expect(backend.received.every(({ url }) => url === '/slow')).toBe(true);
  });

  test('that sends one when the request before it has been answered is served', async () => {
    const chat = await startChat('plain');
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const client = await RawClient.connect(front.port);

    expect((await client.ask(['GET / HTTP/1.1', 'Host: a'])).body).toBe('plain');
    expect((await client.send(askToSwitch()).readHead()).status).toBe(101);
  });

  test('leaves no listener, timer or socket, however its upgrade ended', async () => {
    const [dead, chat, strict] = [
      await deadUrl(),
      await startChat(),
      await startRawBackend((socket) => socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')),
    ];
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    const front = await startUpgradeFront({
      ...sender,
      members: [dead, chat.url, strict.url],
      deadline: '30s',
      upgradeTimeout: '30s',
    });
    const before = process.getActiveResourcesInfo().sort();

    for (let i = 0; i < 20; i += 1) {
      const opened = await openWebSocket(front.port).catch(() => undefined);
      if (!opened) continue;
      await say(opened.socket, 'x');
      opened.socket.terminate();
    }

    await becomesLonely(front.server);
    await until(() => front.balancer.view().every(({ busy }) => busy === 0));
    await until(() => chat.sockets.every(({ readyState }) => readyState === 3));
    await until(() => process.getActiveResourcesInfo().length <= before.length);
    expect(chat.sockets.length).toBeGreaterThan(5);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

test('a WebSocket is not held up by another one whose client does not read', async () => {
  const stuck: Duplex[] = [];
  const backend = await startSwitching((socket) => {
    stuck.push(socket);
    if (stuck.length === 1) socket.write(Buffer.alloc(32 * 1024 * 1024));
    socket.pipe(socket);
  });
  const front = await startUpgradeFront({ members: [backend.url] });
  const [slow, quick] = [await RawClient.connect(front.port), await RawClient.connect(front.port)];

  await slow.send(askToSwitch()).readHead();
  slow.socket.pause();
  await quick.send(askToSwitch()).readHead();
  quick.write('quick');

  expect(await quick.readBytes(5)).toBe('quick');
});
