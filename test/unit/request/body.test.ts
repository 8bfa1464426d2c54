import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BodyLost } from '../../../src/request/body-source.ts';
import { dropBody, isReplayable, type StreamBody } from '../../../src/request/body.ts';
import {
  drink,
  fakeRequest,
  listenersOf,
  startLoopback,
  streamBody,
  turn,
  type Loopback,
} from './loopback.ts';

let front: Loopback;
beforeEach(async () => {
  front = await startLoopback();
});
afterEach(async () => {
  await front.close();
});

describe('A stream body', () => {
  test('arrives byte for byte', async () => {
    const { client, req } = await front.post();
    const bytes = randomBytes(300_000);
    client.end(bytes);
    const body = streamBody(req, 65_536);
    expect((await drink(body.open())).equals(bytes)).toBe(true);
  });

  test('pours nothing before it is resumed', async () => {
    const req = fakeRequest();
    const body = streamBody(req, 1024);
    const source = body.open();
    const seen: string[] = [];
    source.on('data', (chunk) => seen.push(chunk.toString()));
    req.push('a body');
    await turn();
    expect([seen, body.hasPoured, req.readableLength, req.readableDidRead]).toEqual([[], false, 6, false]);
    source.resume();
    expect(seen).toEqual([]);
    await turn();
    expect([seen, body.hasPoured]).toEqual([['a body'], true]);
  });

  test('stands still while its sink takes no more', async () => {
    const req = fakeRequest();
    const source = streamBody(req, 1024).open();
    const seen: string[] = [];
    source.on('held', () => seen.push('held'));
    source.on('flowing', () => seen.push('flowing'));
    source.on('data', (chunk) => {
      seen.push(chunk.toString());
      source.pause().pause();
    });
    source.resume().resume();
    await turn();
    req.push('1');
    req.push('2');
    await turn();
    expect([seen, req.isPaused()]).toEqual([['flowing', '1', 'held'], true]);
    source.resume();
    await turn();
    expect(seen).toEqual(['flowing', '1', 'held', 'flowing', '2', 'held']);
  });

  test('stands still at once when it is held between two chunks', async () => {
    const req = fakeRequest();
    const source = streamBody(req, 1024).open();
    const seen: string[] = [];
    source.on('data', (chunk) => seen.push(chunk.toString()));
    source.resume();
    req.push('1');
    await once(source, 'data');
    source.pause();
    req.push('2');
    await turn();
    expect(seen).toEqual(['1']);
  });

  test('pours once, however often it is held and let go in one turn', async () => {
    const req = fakeRequest();
    const body = streamBody(req, 1024);
    const first = body.open();
    first.resume();
    req.push('1');
    await once(first, 'data');
    const second = body.open();
    const seen: string[] = [];
    second.on('data', (chunk) => seen.push(chunk.toString()));
    second.resume().pause().resume();
    await turn();
    expect(seen).toEqual(['1']);
  });

  test('is sent again from its first byte after an attempt that ended in the middle', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    const first = body.open();
    client.write('one ');
    first.resume();
    await once(first, 'data');
    first.destroy();
    client.end('two');
    expect(body.isReplayable).toBe(true);
    expect((await drink(body.open())).toString()).toBe('one two');
    expect((await drink(body.open())).toString()).toBe('one two');
  });

  test('stands still between two attempts', async () => {
    const req = fakeRequest();
    const body = streamBody(req, 1024);
    const first = body.open();
    first.resume();
    req.push('1');
    await once(first, 'data');
    body.close();
    req.push('2');
    req.push(null);
    await turn();
    expect([req.readableLength, req.isPaused()]).toEqual([1, true]);
    const second = body.open();
    const seen: string[] = [];
    second.on('data', (chunk) => {
      seen.push(chunk.toString());
      second.pause();
    });
    second.on('end', () => seen.push('end'));
    second.resume();
    await turn();
    expect(seen).toEqual(['1']);
    second.resume();
    await turn();
    expect(seen).toEqual(['1', '2', 'end']);
  });

  test('ends although the end came between two attempts', async () => {
    const req = fakeRequest();
    const body = streamBody(req, 1024);
    const first = body.open();
    first.on('data', () => {
      req.push(null);
    });
    first.resume();
    req.push('all');
    await once(first, 'data');
    first.destroy();
    await turn();
    expect((await drink(body.open())).toString()).toBe('all');
  });

  test('is not kept past the limit, and cannot be sent again then', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 8);
    const first = body.open();
    client.write('12345678');
    first.resume();
    await once(first, 'data');
    expect([body.isReplayable, body.keptBytes]).toEqual([true, 8]);
    client.write('9');
    await once(first, 'data');
    expect([body.isReplayable, isReplayable(body), body.keptBytes]).toEqual([false, false, 0]);
    body.close();
    await expect(once(body.open(), 'end')).rejects.toThrow(BodyLost);
  });

  test('is never kept without a limit to keep it to', async () => {
    const { client, req } = await front.post();
    client.end('a');
    const body = streamBody(req, 0);
    expect(body.isReplayable).toBe(true);
    await drink(body.open());
    expect(body.isReplayable).toBe(false);
  });

  test('of 8 MB goes through a slow sink without gathering here', async () => {
    const { client, req } = await front.post({ 'Content-Length': String(8_000_000) });
    const bytes = randomBytes(8_000_000);
    client.end(bytes);
    const body = streamBody(req, 65_536);
    const source = body.open();
    const hash = createHash('sha256');
    let mostKept = 0;
    let mostWaiting = 0;
    source.on('data', (chunk) => {
      hash.update(chunk);
      mostKept = Math.max(mostKept, body.keptBytes);
      source.pause();
      setImmediate(() => {
        mostWaiting = Math.max(mostWaiting, req.readableLength);
        source.resume();
      });
    });
    source.resume();
    await once(source, 'end');
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(mostKept).toBeGreaterThan(0);
    expect(mostKept).toBeLessThanOrEqual(65_536);
    expect(mostWaiting).toBeLessThan(512 * 1024);
  });

  test('leaves no listener on the request, however often it is opened', async () => {
    const { client, req } = await front.post();
    client.write('some');
    const before = listenersOf(req);
    const body = streamBody(req, 1024);
    for (let i = 0; i < 20; i += 1) {
      const source = body.open();
      if (i % 2 === 0) {
        source.resume();
        await once(source, 'data');
      }
      body.close();
      expect(listenersOf(req)).toBe(before);
    }
    client.end();
    await drink(body.open());
    expect(listenersOf(req)).toBe(before);
  });

  test('has one source at a time: opening another ends the first', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    const first = body.open();
    let poured = 0;
    first.on('data', () => (poured += 1));
    first.resume();
    const second = body.open();
    expect([first.destroyed, first.closed]).toEqual([true, false]);
    await once(first, 'close');
    expect([first.closed, first.errored, first.readableEnded]).toEqual([true, null, false]);
    client.end('body');
    expect((await drink(second)).toString()).toBe('body');
    expect([second.readableEnded, poured]).toEqual([true, 0]);
  });

  test('may be empty', async () => {
    const { client, req } = await front.post({ 'Transfer-Encoding': 'chunked' });
    client.end();
    const body = streamBody(req, 1024);
    expect(await drink(body.open())).toHaveLength(0);
    expect(body.hasPoured).toBe(false);
    expect(await drink(body.open())).toHaveLength(0);
  });

  test('flows away when it is dropped, so that the connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bodies: StreamBody[] = [];
    const server = createServer((req, res) => {
      const body = streamBody(req, 1024);
      bodies.push(body);
      const source = body.open();
      source.once('data', () => {
        res.end('early');
        res.once('finish', () => {
          dropBody(body);
        });
      });
      source.resume();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      const client = request({ port, host: '127.0.0.1', method: 'POST', agent });
      client.end(Buffer.alloc(3_000_000));
      const [answer] = (await once(client, 'response')) as [IncomingMessage];
      sockets.push(client.socket);
      answer.resume();
      await once(client, 'close');
    }
    expect(sockets[0]).toBe(sockets[1]);
    expect(bodies.map((body) => [body.isReplayable, body.keptBytes])).toEqual([
      [false, 0],
      [false, 0],
    ]);
    agent.destroy();
    server.close();
    await once(server, 'close');
  });

  test('that is not there needs nothing', () => {
    const none = { kind: 'none', counted: false } as const;
    dropBody(none);
    expect(isReplayable(none)).toBe(true);
  });
});
