import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Pool, type Dispatcher } from 'undici';
import { BodyLost, type BodySource } from '../../../src/request/body-source.ts';
import { StreamBody } from '../../../src/request/body.ts';
import { findDeadPort, startLoopback, turn, type Loopback } from './loopback.ts';

let front: Loopback;
let backend: Loopback;
let pool: Pool;
beforeEach(async () => {
  front = await startLoopback();
  backend = await startLoopback();
  pool = new Pool(`http://127.0.0.1:${backend.port}`);
});
afterEach(async () => {
  await pool.destroy();
  await Promise.all([front.close(), backend.close()]);
});

/** Sends a source and resolves with the status, or the error, that undici reports. */
function send(
  dispatcher: Dispatcher,
  source: BodySource,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  return new Promise((resolve) => {
    dispatcher.dispatch(
      // undici's types want a Readable; it takes whatever has a stream's methods.
      { path: '/', method: 'POST', headers, body: source as never },
      {
        onRequestStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseStart: (_controller, status) => {
          resolve(status);
        },
        onResponseError: (_controller, error) => {
          resolve(error);
        },
      },
    );
  });
}

async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('undici takes a stream body', () => {
  test('with its length', async () => {
    const { client, req } = await front.post({ 'Content-Length': '300000' });
    const bytes = randomBytes(300_000);
    client.end(bytes);
    const source = new StreamBody(req, 300_000, 1024).open();
    const arrival = backend.arrival();
    const status = send(pool, source, { 'Content-Length': '300000' });
    const { req: received, res } = await arrival;
    expect(received.headers).toMatchObject({ 'content-length': '300000' });
    expect((await readAll(received)).equals(bytes)).toBe(true);
    res.statusCode = 201;
    res.end();
    expect(await status).toBe(201);
    expect(source.closed).toBe(true);
  });

  test('in chunks', async () => {
    const { client, req } = await front.post();
    const arrival = backend.arrival();
    const status = send(pool, new StreamBody(req, undefined, 1024).open());
    client.write('one ');
    const { req: received, res } = await arrival;
    client.end('two');
    expect(received.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect((await readAll(received)).toString()).toBe('one two');
    res.end();
    expect(await status).toBe(200);
  });

  test('that is empty after all', async () => {
    const { client, req } = await front.post({ 'Transfer-Encoding': 'chunked' });
    client.end();
    const arrival = backend.arrival();
    const status = send(pool, new StreamBody(req, undefined, 1024).open());
    const { req: received, res } = await arrival;
    expect(await readAll(received)).toHaveLength(0);
    res.end();
    expect(await status).toBe(200);
  });

  test('and leaves it whole when the connection is refused', async () => {
    const { client, req } = await front.post({ 'Content-Length': '5' });
    client.end('whole');
    const body = new StreamBody(req, 5, 0);
    const refused = new Pool(`http://127.0.0.1:${await findDeadPort()}`);
    const source = body.open();
    expect(await send(refused, source, { 'Content-Length': '5' })).toMatchObject({ code: 'ECONNREFUSED' });
    source.destroy();
    await turn();
    expect([body.hasPoured, body.isReplayable, req.readableDidRead]).toEqual([false, true, false]);
    const arrival = backend.arrival();
    const status = send(pool, body.open(), { 'Content-Length': '5' });
    const { req: received, res } = await arrival;
    expect((await readAll(received)).toString()).toBe('whole');
    res.end();
    expect(await status).toBe(200);
    await refused.destroy();
  });

  test('again after a member that cut it off', async () => {
    const { client, req } = await front.post();
    const body = new StreamBody(req, undefined, 1024);
    const first = backend.arrival();
    const failure = send(pool, body.open());
    client.write('one ');
    (await first).req.socket.destroy();
    expect(await failure).toBeInstanceOf(Error);
    expect(req.destroyed).toBe(false);
    const second = backend.arrival();
    const status = send(pool, body.open());
    const { req: received, res } = await second;
    client.end('two');
    expect((await readAll(received)).toString()).toBe('one two');
    res.end();
    expect(await status).toBe(200);
  });

  test('and stops where an early answer makes the rest of it pointless', async () => {
    const { client, req, res: toClient } = await front.post({ 'Content-Length': '50000000' });
    const body = new StreamBody(req, 50_000_000, 1024);
    const source = body.open();
    const arrival = backend.arrival();
    const status = send(pool, source, { 'Content-Length': '50000000' });
    client.write(Buffer.alloc(1_000_000));
    const { res } = await arrival;
    res.statusCode = 413;
    res.end('too much');
    expect(await status).toBe(413);
    if (!source.closed) await once(source, 'close');
    expect([body.isReplayable, req.destroyed]).toEqual([false, false]);
    body.discard();
    client.end(Buffer.alloc(49_000_000));
    await once(req, 'end');
    toClient.end();
  });

  test('and gets its error when the client leaves', async () => {
    const { client, req } = await front.post();
    const arrival = backend.arrival();
    const failure = send(pool, new StreamBody(req, undefined, 1024).open());
    client.write('some');
    const { req: received } = await arrival;
    const cut = new Promise((resolve) => received.once('close', resolve));
    client.destroy();
    expect(await failure).toBeInstanceOf(BodyLost);
    await cut;
    expect(received.complete).toBe(false);
  });

  test('and gets its error when the client has left while the request was waiting', async () => {
    const single = new Pool(`http://127.0.0.1:${backend.port}`, { connections: 1, pipelining: 1 });
    const busy = await front.post();
    busy.client.end('first');
    const arrival = backend.arrival();
    const answered = send(single, new StreamBody(busy.req, undefined, 1024).open());
    const { res } = await arrival;
    const { client, req } = await front.post();
    const source = new StreamBody(req, undefined, 1024).open();
    const failure = send(single, source);
    client.destroy();
    await new Promise<void>((resolve) => source.once('close', resolve));
    res.end();
    expect(await answered).toBe(200);
    expect(await failure).toBeInstanceOf(BodyLost);
    await single.destroy();
  });

  test('and makes nothing of more than the announced length', async () => {
    const { client, req } = await front.post();
    const source = new StreamBody(req, undefined, 1024).open();
    const failure = send(pool, source, { 'Content-Length': '3' });
    client.write('more');
    expect(await failure).toMatchObject({ code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' });
    expect([source.destroyed, req.destroyed]).toEqual([true, false]);
  });
});
