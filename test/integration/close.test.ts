import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { deadUrl, listen, startBackend, type Backend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import {
  askToSwitch,
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startSwitching,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** A backend that answers when it is told to. */
async function startWaiting(): Promise<Readonly<{ backend: Backend; asked: Promise<ServerResponse> }>> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const backend = await startBackend('waiting', (_req, res) => {
    resolve(res);
  });
  return { backend, asked: promise };
}

describe.each(senders)('close, over %s', (_name, sender) => {
  test('refuses requests that have not been answered', async () => {
    const { backend, asked } = await startWaiting();
    const front = await startToldFront({ ...sender, members: [backend.url] });

    const answer = ask(front.port);
    const { socket } = (await asked).req;
    await Promise.all([front.balancer.close(), once(socket, 'close')]);

    expect(await answer).toMatchObject({ status: 503, code: 'ERR_BALANCER_CLOSED' });
    expect(front.errors[0]).toMatchObject({ balancer: 'balancer', member: backend.url });
    expect(front.member(backend.url)).toMatchObject({ busy: 0, inError: false });
  });

  test('cuts answers that have begun', async () => {
    const { backend, asked } = await startWaiting();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send(['GET / HTTP/1.1', 'Host: a']);
    (await asked).write('half');
    await client.readHead();
    await front.balancer.close();

    expect(await client.readRest()).not.toContain('\r\n0\r\n');
    expect(front.errors).toEqual([]);
    expect(front.member(backend.url).busy).toBe(0);
  });

  test('ends uploads', async () => {
    const { backend } = await startWaiting();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 100'], 'half');
    await until(() => backend.connections() > 0);
    await front.balancer.close();

    expect((await client.readHead()).status).toBe(503);
    expect(front.member(backend.url).busy).toBe(0);
  });

  test('ends WebSockets at both ends, and tells both that it goes', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const { socket } = await openWebSocket(front.port);

    const closed = Promise.all([once(socket, 'close'), once(chat.sockets[0]!, 'close')]);
    await front.balancer.close();

    expect((await closed).map(([code]) => code as number)).toEqual([1001, 1001]);
    await becomesLonely(front.server);
  });

  test('ends a tunnel whose client has said its last word already', async () => {
    const switched = Promise.withResolvers<Duplex>();
    const backend = await startSwitching((member) => {
      switched.resolve(member.resume());
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    await client.send(askToSwitch()).readHead();
    client.socket.end('bye');
    const member = await switched.promise;
    await once(member, 'end');
    await front.balancer.close();

    // Who is not there any more answers with a reset.
    await until(() => {
      if (!member.destroyed) member.write('are you there?');
      return member.destroyed;
    });
    await becomesLonely(front.server);
  });

  test('ends requests that wait for a member', async () => {
    const dead = await deadUrl();
    const front = await startToldFront({ ...sender, members: [dead], timeout: '30s', forcerecovery: false });
    expect((await ask(front.port)).status).toBe(503);

    const waiting = ask(front.port);
    await until(() => front.stories().length === 2);
    await front.balancer.close();

    expect(await waiting).toMatchObject({ status: 503, code: 'ERR_BALANCER_CLOSED' });
  });

  test('ends idle connections to members', async () => {
    const server = createServer((_req, res) => res.end('ok'));
    const backend = await listen(server, [], () => 0);
    const front = await startToldFront({ ...sender, members: [backend.url] });

    await Promise.all([ask(front.port), ask(front.port)]);
    await front.balancer.close();

    await becomesLonely(server);
  });

  test('waits for what is in flight, with a grace', async () => {
    const { backend, asked } = await startWaiting();
    const chat = await startChat();
    const front = await startUpgradeFront({
      ...sender,
      stickysession: 'SID',
      members: [
        { url: backend.url, route: 'r1' },
        { url: chat.url, route: 'r2' },
      ],
    });
    const { socket } = await openWebSocket(front.port, '/?SID=x.r2');
    const answer = ask(front.port, { path: '/?SID=x.r1' });
    const res = await asked;

    let isClosed = false;
    // Long: WebSockets are told to go meanwhile.
    const closing = front.balancer.close({ grace: '10h' }).then(() => (isClosed = true));
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CLOSED');
    expect(await say(socket, 'still here')).toBe('still here');
    res.end('in time');
    expect((await answer).text).toBe('in time');
    expect(isClosed).toBe(false);
    socket.close();

    await closing;
  });

  test('ends what is left when the grace is over', async () => {
    const { backend, asked } = await startWaiting();
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url, backend.url] });
    const { socket } = await openWebSocket(front.port);
    const closed = once(socket, 'close');
    const answer = ask(front.port);
    await asked;

    const begin = performance.now();
    await front.balancer.close({ grace: '100ms' });

    expect(performance.now() - begin).toBeGreaterThan(95);
    expect((await answer).code).toBe('ERR_BALANCER_CLOSED');
    expect((await closed)[0]).toBe(1001);
  });

  test('does not wait for a grace when nothing is in flight', async () => {
    const backend = await startBackend();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    await ask(front.port);

    const begin = performance.now();
    await front.balancer.close({ grace: 20 });

    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('waits for ever, with an endless grace', async () => {
    const { backend, asked } = await startWaiting();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    const answer = ask(front.port);
    const res = await asked;

    const closing = front.balancer.close({ grace: Infinity });
    const begin = performance.now();
    await until(() => performance.now() - begin > 50);
    res.end('at last');

    expect((await answer).text).toBe('at last');
    await closing;
  });

  test('may be called again, during and after', async () => {
    const { backend, asked } = await startWaiting();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    const answer = ask(front.port);
    await asked;

    await Promise.all([front.balancer.close({ grace: 20 }), front.balancer.close()]);
    await front.balancer.close({ grace: 20 });

    expect((await answer).code).toBe('ERR_BALANCER_CLOSED');
  });

  test('refuses everything from then on', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    await front.balancer.close();

    expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CLOSED' });
    expect((await readRefusal(front.port)).status).toBe(503);
    expect(front.errors.map(({ balancer, message }) => [balancer, message])).toEqual([
      ['balancer', 'The balancer is closed'],
      ['balancer', 'The balancer is closed'],
    ]);
    expect(chat.handshakes).toEqual([]);
  });
});
