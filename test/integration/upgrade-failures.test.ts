import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MemberParameters } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startRawBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startUpgradeFront,
  SWITCH,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** How a member may fail a handshake: what that is called, and what a client is told when nobody is left. */
const failures: readonly (readonly [string, string, number, (socket: Socket) => unknown])[] = [
  ['resets the connection', 'reset', 502, (socket) => socket.resetAndDestroy()],
  ['closes the connection', 'reset', 502, (socket) => socket.end()],
  ['breaks off in its head', 'reset', 502, (socket) => socket.end('HTTP/1.1 101 Switching Pro')],
  ['stays silent', 'timeout', 504, () => undefined],
  ['stalls in its head', 'timeout', 504, (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nX-')],
  ['answers garbage', 'bad-answer', 502, (socket) => socket.write('220 mail.example ESMTP\r\n\r\n')],
  [
    'switches to another protocol',
    'bad-answer',
    502,
    (socket) => socket.write(SWITCH.replace('websocket', 'foo')),
  ],
  [
    'switches to several',
    'bad-answer',
    502,
    (socket) => socket.write(SWITCH.replace('websocket', 'websocket, foo')),
  ],
  [
    'does not say what it switches to',
    'bad-answer',
    502,
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n'),
  ],
  [
    'does not say that it is about this connection',
    'bad-answer',
    502,
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
  ],
];

/** Those who are silent are given up soon. */
function patienceWith(outcome: string): MemberParameters {
  return outcome === 'timeout' ? { timeout: '250ms', connectiontimeout: '20s' } : {};
}

describe.each(senders)('an upgrade that fails, over %s', (_name, sender) => {
  test.each(failures)(
    'goes on to the next member when the first %s',
    async (_what, outcome, _status, fail) => {
      const [faulty, chat] = [await startRawBackend(fail), await startChat('b')];
      const front = await startUpgradeFront({
        ...sender,
        members: [{ url: faulty.url, ...patienceWith(outcome) }, chat.url],
      });

      const { socket } = await openWebSocket(front.port);

      expect(await say(socket, 'hello')).toBe('hello');
      expect(faulty.received).toHaveLength(1);
      expect(front.stories()[0]).toMatch(
        new RegExp(`^${faulty.url} ${outcome}.*, ${chat.url} upgraded 101$`),
      );
      expect(front.member(faulty.url)).toMatchObject({ busy: 0, inError: false });
    },
  );

  test.each(failures)(
    'ends in an error page when the only member %s',
    async (_what, outcome, status, fail) => {
      const faulty = await startRawBackend(fail);
      const front = await startUpgradeFront({
        ...sender,
        members: [{ url: faulty.url, ...patienceWith(outcome) }],
      });

      const refusal = await readRefusal(front.port);

      expect(refusal.status).toBe(status);
      expect(front.errors.map(({ attempts }) => attempts.map((one) => one.outcome))).toEqual([[outcome]]);
      await becomesLonely(front.server);
    },
  );

  test('goes on to the next member when the first is dead, and leaves that one alone', async () => {
    const [dead, chat] = [await deadUrl(), await startChat()];
    const front = await startUpgradeFront({ ...sender, members: [dead, chat.url] });

    await openWebSocket(front.port);
    await openWebSocket(front.port);

    expect(front.stories()).toEqual([
      `${dead} connect ECONNREFUSED, ${chat.url} upgraded 101`,
      `${chat.url} upgraded 101`,
    ]);
    expect(front.member(dead).inError).toBe(true);
  });

  test('is 503 when all are dead', async () => {
    const front = await startUpgradeFront({ ...sender, members: [await deadUrl(), await deadUrl()] });

    const refusal = await readRefusal(front.port);

    expect(refusal.status).toBe(503);
    expect(front.errors[0]!.attempts).toHaveLength(2);
  });

  test('asks no other member than maxattempts allows, and not one too many for the deadline', async () => {
    const [dead, hanging, chat] = [
      await deadUrl(),
      await startRawBackend(() => undefined),
      await startChat(),
    ];
    const few = await startUpgradeFront({ ...sender, members: [dead, chat.url], maxattempts: 0 });
    const late = await startUpgradeFront({ ...sender, members: [hanging.url, chat.url], deadline: '100ms' });

    expect((await readRefusal(few.port)).status).toBe(503);
    expect((await readRefusal(late.port)).status).toBe(504);
    expect(late.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_DEADLINE']);
    expect(chat.handshakes).toEqual([]);
  });

  test('keeps to a member that refuses, which has not failed', async () => {
    const refuse = (socket: Socket): unknown =>
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    const [strict, chat] = [await startRawBackend(refuse), await startChat()];
    const front = await startUpgradeFront({ ...sender, members: [strict.url, chat.url] });

    expect(await readRefusal(front.port)).toMatchObject({ status: 403, body: 'no' });
    expect(front.member(strict.url).inError).toBe(false);
    expect(chat.handshakes).toEqual([]);
  });

  test('goes on after a refusal that failoverOn lists, and marks one that failonstatus lists', async () => {
    const refuse = (socket: Socket): unknown =>
      socket.write('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno');
    const [busy, chat] = [await startRawBackend(refuse), await startChat()];
    const members = [busy.url, chat.url];
    const moving = await startUpgradeFront({ ...sender, members, failoverOn: [503] });
    const marking = await startUpgradeFront({ ...sender, members, failonstatus: 503 });

    await openWebSocket(moving.port);
    expect(moving.stories()).toEqual([`${busy.url} discarded 503, ${chat.url} upgraded 101`]);
    expect((await readRefusal(marking.port)).status).toBe(503);
    expect(marking.member(busy.url).inError).toBe(true);
  });

  test('is 502 when a member switches although nobody has asked it to', async () => {
    const eager = await startRawBackend((socket) => socket.write(SWITCH));
    const front = await startUpgradeFront({ ...sender, members: [eager.url] });

    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
    await becomesLonely(front.server);
  });

  test('cuts the client off when a member breaks off its refusal', async () => {
    const faulty = await startRawBackend((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nno'),
    );
    const front = await startUpgradeFront({ ...sender, members: [faulty.url] });
    const client = await RawClient.connect(front.port);

    client.send(askToSwitch());

    await expect(client.readAnswer()).rejects.toThrow('the connection has ended');
    expect(front.errors).toEqual([]);
    await becomesLonely(front.server);
  });

  test('ends the tunnel of a member that resets as soon as it has switched', async () => {
    const faulty = await startRawBackend((socket) => {
      socket.write(SWITCH, () => socket.resetAndDestroy());
    });
    const front = await startUpgradeFront({ ...sender, members: [faulty.url] });
    const client = await RawClient.connect(front.port);

    await client.send(askToSwitch()).readRest();

    await becomesLonely(front.server);
  });
});
