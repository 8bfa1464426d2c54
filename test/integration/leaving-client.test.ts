import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { deadUrl, listen, startBackend, type Backend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

afterEach(tidyUp);

type Arrival = Readonly<{ req: IncomingMessage; res: ServerResponse }>;

/** A backend that hands over each request as soon as its head has come. */
async function startPatient(): Promise<Readonly<{ backend: Backend; next: () => Promise<Arrival> }>> {
  const arrivals: Arrival[] = [];
  const server = createServer((req, res) => arrivals.push({ req, res }));
  const backend = await listen(server, [], () => 0);
  return {
    backend,
    async next() {
      await until(() => arrivals.length > 0);
      return arrivals.shift()!;
    },
  };
}

describe.each(senders)('%s: a client that leaves', (_sender, sender) => {
  async function startFrontOf(url: string, retry = 60): Promise<ToldFront> {
    const other = await startBackend('b');
    return startToldFront({
      ...sender,
      failontimeout: true,
      members: [
        { url, route: 'a', retry },
        { url: other.url, route: 'b', lbset: 1 },
      ],
    });
  }

  /** The member is as it was, nobody else was asked, and the app has heard of nothing. */
  async function expectForgotten(front: ToldFront, story: string): Promise<void> {
    await until(() => isIdle(front));
    expect(front.stories()).toEqual([story]);
    expect(front.errors).toEqual([]);
    expect(front.member('a')).toMatchObject({ status: '', elected: 1, busy: 0 });
    expect(front.member('b').elected).toBe(0);
  }

  test('while it waits for the answer', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const { res } = await next();
    client.socket.destroy();
    await once(res, 'close');
    expect(res.writableFinished).toBe(false);
    await expectForgotten(front, 'a client-gone');
  });

  test('by a reset', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const { res } = await next();
    client.socket.resetAndDestroy();
    await once(res, 'close');
    await expectForgotten(front, 'a client-gone');
  });

  test('in the middle of the answer', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const { res } = await next();
    res.write('half');
    await client.readHead();
    client.socket.destroy();
    await once(res, 'close');
    expect(res.writableFinished).toBe(false);
    await expectForgotten(front, 'a client-gone 200');
  });

  test('while the answer is held up by it', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    const asked = once(front.server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const [, answer] = await asked;
    const { res } = await next();
    res.writeHead(200);
    client.socket.pause();
    const pour = (): void => {
      while (!res.destroyed && res.write(Buffer.alloc(65_536)));
    };
    res.on('drain', pour);
    pour();
    await until(() => answer.writableLength > 0 && res.writableNeedDrain);
    client.socket.destroy();
    await once(res, 'close');
    await expectForgotten(front, 'a client-gone 200');
  });

  test.each([
    ['counted', ['Content-Length: 1000'], 'half'],
    ['chunked', ['Transfer-Encoding: chunked'], '4\r\nhalf\r\n'],
  ])('in the middle of its %s upload', async (_framing, fields, half) => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['PUT / HTTP/1.1', 'Host: a', ...fields], half);
    const { req } = await next();
    const [chunk] = (await once(req, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('half');
    const broken = once(req, 'error');
    client.socket.destroy();
    await broken;
    expect(req.complete).toBe(false);
    await expectForgotten(front, 'a client-gone');
  });

  test('in the middle of an upload that is answered already', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['PUT / HTTP/1.1', 'Host: a', 'Content-Length: 1000'], 'half');
    const { req, res } = await next();
    req.on('error', () => undefined);
    req.resume();
    res.write('early');
    await client.readHead();
    client.socket.destroy();
    await once(res, 'close');
    await expectForgotten(front, 'a client-gone 200');
  });

  test('while its request is on its way to the next member', async () => {
    const silent = await startFaulty('stays silent');
    const { backend, next } = await startPatient();
    const front = await startToldFront({
      ...sender,
      members: [
        { url: silent.url, route: 'a', timeout: '50ms', connectiontimeout: '20s' },
        { url: backend.url, route: 'b', lbset: 1 },
      ],
    });
    const client = await RawClient.connect(front.port);
    client.send(['PUT / HTTP/1.1', 'Host: a', 'Content-Length: 4'], 'body');
    const { res } = await next();
    client.socket.destroy();
    await once(res, 'close');
    await until(() => isIdle(front));
    expect(front.stories()).toEqual([expect.stringMatching(/^a timeout\b.*, b client-gone$/)]);
    expect(front.errors).toEqual([]);
  });

  test('while it waits for a member', async () => {
    const front = await startToldFront({
      ...sender,
      timeout: '1m',
      members: [{ url: await deadUrl(), route: 'a', status: 'D' }],
    });
    const client = await RawClient.connect(front.port);
    const asked = once(front.server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const [, res] = await asked;
    const left = once(res, 'close');
    client.socket.destroy();
    await left;
    expect(front.errors).toEqual([]);
    // Nothing is left that could keep the balancer from closing at once.
    await front.balancer.close({ grace: 60 });
  });

  test('and its member, which fails at the same time, is not blamed', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const { res } = await next();
    const asked = once(res, 'close');
    client.socket.destroy();
    res.socket!.resetAndDestroy();
    await asked;
    await until(() => isIdle(front));
    // Either may be noticed first; a request that moved on was given up all the same.
    expect(front.errors).toEqual([]);
    expect(front.member('a').status).toBe('');
  });

  test('twenty at once leave nothing behind', async () => {
    const { backend, next } = await startPatient();
    const front = await startFrontOf(backend.url);
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(front.port)));
    for (const client of clients) client.send(['GET / HTTP/1.1', 'Host: a']);
    const arrivals = await Promise.all(clients.map(next));
    expect(front.member('a').busy).toBe(20);
    const closed = arrivals.map(({ res }) => once(res, 'close'));
    for (const client of clients) client.socket.destroy();
    await Promise.all(closed);
    await until(() => isIdle(front));
    expect(front.errors).toEqual([]);
  });
});
