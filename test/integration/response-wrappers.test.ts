import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { compress, endLater, onHeaders } from '../support/wrappers.ts';

afterEach(tidyUp);

const text = 'a line of text that can be compressed\n'.repeat(50_000);

describe.each(senders)('carried by %s', (_name, carried) => {
  test('middleware that acts on heads sees the member’s, and may change it', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res
        .writeHead(201, 'Made', { 'X-Member': 'm', 'Set-Cookie': 'member=1', 'X-Unwanted': '1' })
        .end('made');
    });
    const seen: unknown[] = [];
    const watch = onHeaders((res) => {
      seen.push(res.statusCode, res.getHeader('x-member'));
      res.removeHeader('X-Unwanted');
      res.appendHeader('Set-Cookie', 'session=1');
    });
    const front = await startFront(
      { members: [backend.url], ...carried },
      { before: (app) => app.use(watch) },
    );
    const client = await RawClient.connect(front.port);
    const { status, reason, headers, body } = await client.ask(['GET / HTTP/1.1', 'Host: f']);
    expect([status, reason, body]).toEqual([201, 'Made', 'made']);
    expect(seen).toEqual([201, 'm']);
    expect(valuesOf(headers, 'set-cookie')).toEqual(['member=1', 'session=1']);
    expect(valuesOf(headers, 'x-unwanted')).toEqual([]);
  });

  test('middleware that acts on heads sees the error page’s when the member’s cannot be written', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write('HTTP/1.1 200 O\x01K\r\nX-Member: m\r\nContent-Length: 2\r\n\r\nok', 'latin1');
    });
    const seen: unknown[] = [];
    const watch = onHeaders((res) =>
      seen.push(res.statusCode, res.getHeader('x-member'), res.getHeader('x-app')),
    );
    const front = await startFront(
      { members: [backend.url], ...carried },
      {
        before: (app) =>
          app.use(watch, (_req, res, next) => {
            res.set('X-App', 'kept');
            next();
          }),
      },
    );
    await request(front.url).post('/').expect(502);
    expect(seen).toEqual([502, undefined, 'kept']);
  });

  describe('middleware that compresses', () => {
    test('gets the whole answer, counted or not', async () => {
      const backend = await startBackend('b', (req, res) => {
        res.setHeader('Content-Type', 'text/plain');
        if (req.url === '/counted') res.end(text);
        else res.write(text, () => res.end());
      });
      const front = await startFront(
        { members: [backend.url], ...carried },
        { before: (app) => app.use(compress) },
      );
      for (const path of ['/counted', '/chunked', '/counted']) {
        const answer = await request(front.url).get(path).expect(200);
        expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' });
        expect(answer.headers).not.toHaveProperty('content-length');
        expect(answer.text).toBe(text);
      }
    });

    test('holds the member back while it is busy, and goes on', async () => {
      const lines = 30;
      const backend = await startHandler((_req, res) => {
        res.setHeader('Content-Type', 'text/plain');
        void (async () => {
          for (let i = 0; i < lines; i += 1) if (!res.write(text)) await once(res, 'drain');
          res.end();
        })();
      });
      const front = await startFront(
        { members: [backend.url], ...carried },
        { before: (app) => app.use(compress) },
      );
      const asked = httpRequest({ port: front.port, agent: false }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      for (let i = 0; i < 50; i += 1) await turn();
      let length = 0;
      for await (const chunk of answer.pipe(createGunzip()) as AsyncIterable<Buffer>) length += chunk.length;
      expect(length).toBe(lines * text.length);
    });

    test('leaves alone what it does not take', async () => {
      const bytes = Buffer.alloc(3_000_000, 'x');
      const backend = await startBackend('b', (_req, res) =>
        res.setHeader('Content-Type', 'image/png').end(bytes),
      );
      const front = await startFront(
        { members: [backend.url], ...carried },
        { before: (app) => app.use(compress) },
      );
      const answer = await request(front.url).get('/').expect(200);
      expect((answer.body as Buffer).equals(bytes)).toBe(true);
      expect(answer.headers['content-length']).toBe(String(bytes.length));
    });
  });

  test.each(['counted', 'chunked', 'empty', 'HEAD'])(
    'middleware that ends answers later may: %s',
    async (kind) => {
      const backend = await startBackend('b', (_req, res) => {
        if (kind === 'empty') res.writeHead(204).end();
        else if (kind === 'chunked') res.write('a', () => res.end('b'));
        else res.end('ab');
      });
      const stored: string[] = [];
      const session = endLater(async () => {
        await turn();
        stored.push(kind);
      });
      const front = await startFront(
        { members: [backend.url], ...carried },
        { before: (app) => app.use(session) },
      );
      const client = await RawClient.connect(front.port);
      const method = kind === 'HEAD' ? 'HEAD' : 'GET';
      for (let i = 0; i < 2; i += 1) {
        const { body } = await client.ask([`${method} / HTTP/1.1`, 'Host: f']);
        expect(body).toBe(kind === 'empty' || kind === 'HEAD' ? '' : 'ab');
      }
      expect(stored).toEqual([kind, kind]);
    },
  );

  test('several of them work together', async () => {
    const backend = await startBackend('b', (_req, res) =>
      res.setHeader('Content-Type', 'text/plain').end(text),
    );
    const session = endLater(() => turn());
    const front = await startFront(
      { members: [backend.url], ...carried },
      {
        before: (app) =>
          app.use(
            onHeaders((res) => res.setHeader('X-Seen', '1')),
            session,
            compress,
          ),
      },
    );
    const { text: got, headers } = await request(front.url).get('/').expect(200);
    expect([got === text, headers['x-seen']]).toEqual([true, '1']);
  });

  test('middleware whose end throws ends its own answer, and nothing else', async () => {
    const backend = await startBackend('b');
    let isBroken = true;
    const warn = jest.fn();
    const logger = { info: warn, warn, error: warn };
    const front = await startFront(
      { members: [backend.url], logger, ...carried },
      {
        before: (app) =>
          app.use((_req, res, next) => {
            if (isBroken) {
              res.end = () => {
                throw new TypeError('an end of its own');
              };
            }
            next();
          }),
      },
    );
    await expect(request(front.url).get('/')).rejects.toThrow(/aborted/);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('an end of its own'));
    isBroken = false;
    await request(front.url).get('/').expect(200);
  });
});
