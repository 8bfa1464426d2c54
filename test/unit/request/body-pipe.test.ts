import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  drink,
  fakeRequest,
  startLoopback,
  streamBody,
  turn,
  whenClosed,
  type Loopback,
} from './loopback.ts';

let front: Loopback;
let backend: Loopback;
beforeEach(async () => {
  front = await startLoopback();
  backend = await startLoopback();
});
afterEach(async () => {
  await Promise.all([front.close(), backend.close()]);
});

describe('pipe', () => {
  async function readAll(stream: Readable): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  test('writes a counted body into a request, not before resume', async () => {
    const { client, req } = await front.post({ 'Content-Length': '11' });
    client.end('hello world');
    const body = streamBody(req, 1024);
    const { client: sink, req: received } = await backend.post({ 'Content-Length': '11' });
    const source = body.open();
    expect(source.pipe(sink)).toBe(sink);
    await turn();
    expect([body.hasPoured, sink.writableEnded]).toEqual([false, false]);
    source.resume();
    expect((await readAll(received)).toString()).toBe('hello world');
  });

  test('takes trailers along, but none that would mislead', async () => {
    const { client, req } = await front.post({ 'Transfer-Encoding': 'chunked', Trailer: 'X-Checksum' });
    client.write('body');
    client.addTrailers({
      'X-Checksum': 'abc',
      'X-Forwarded-For': '10.0.0.1',
      Authorization: 'Basic x',
      'If-Match': '*',
    });
    client.end();
    const body = streamBody(req, 1024);
    const { client: sink, req: received } = await backend.post({ 'Transfer-Encoding': 'chunked' });
    const source = body.open();
    source.pipe(sink);
    source.resume();
    expect((await readAll(received)).toString()).toBe('body');
    expect(received.rawTrailers).toEqual(['X-Checksum', 'abc']);
    expect(req.rawTrailers).toContain('X-Forwarded-For');
  });

  test('leaves out trailers that Node refuses', async () => {
    const req = fakeRequest();
    const { client: sink, req: received } = await backend.post({ 'Transfer-Encoding': 'chunked' });
    const source = streamBody(req, 1024).open();
    source.pipe(sink);
    source.resume();
    req.rawTrailers = ['X-Checksum', 'a\u0001b'];
    req.push('body');
    req.push(null);
    expect((await readAll(received)).toString()).toBe('body');
    expect(received.rawTrailers).toEqual([]);
  });

  test('waits for a sink that is full', async () => {
    const { client, req } = await front.post();
    const bytes = randomBytes(4_000_000);
    client.end(bytes);
    const body = streamBody(req, 65_536);
    const { client: sink, req: received } = await backend.post();
    const source = body.open();
    let held = 0;
    let mostWaiting = 0;
    source.on('held', () => {
      held += 1;
      mostWaiting = Math.max(mostWaiting, sink.writableLength);
    });
    source.pipe(sink);
    source.resume();
    await once(source, 'held');
    expect((await readAll(received)).equals(bytes)).toBe(true);
    expect(held).toBeGreaterThan(1);
    expect(mostWaiting).toBeLessThan(1_000_000);
  });

  test('does not begin because the sink drains', async () => {
    const { req } = await front.post();
    const body = streamBody(req, 1024);
    const { client: sink } = await backend.post();
    body.open().pipe(sink);
    sink.emit('drain');
    await turn();
    expect(req.readableFlowing).toBeNull();
  });

  test('ends with its sink', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    const { client: sink } = await backend.post();
    const source = body.open();
    source.pipe(sink);
    source.resume();
    client.write('some');
    await once(source, 'data');
    sink.destroy();
    await once(source, 'close');
    client.end(' more');
    expect(source.errored).toBeNull();
    expect((await drink(body.open())).toString()).toBe('some more');
  });

  test('writes nothing into a sink that is already destroyed', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    const { client: sink } = await backend.post();
    sink.destroy();
    await whenClosed(sink);
    const source = body.open();
    source.pipe(sink);
    source.resume();
    client.end('some');
    await once(source, 'close');
    expect((await drink(body.open())).toString()).toBe('some');
  });
});
