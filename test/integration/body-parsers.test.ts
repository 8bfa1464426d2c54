import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import express4 from 'express4';
import request from 'supertest';
import { deadUrl, startBackend, startRawBackend, type Backend, type Received } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

afterEach(tidyUp);

/** A parser that keeps the bytes, as its documentation shows. */
const keepsBytes = express.json({
  verify(req, _res, bytes) {
    Object.assign(req, { rawBody: bytes });
  },
});

const letters = 'x'.repeat(200_000);
const boundary = 'multipart/form-data; boundary=x';
const multipart = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';

describe.each(senders)('carried by %s', (_name, carried) => {
  async function startBehind(
    parsers: readonly RequestHandler[],
  ): Promise<Readonly<{ backend: Backend; front: Front }>> {
    const backend = await startBackend('b');
    const front = await startFront(
      { members: [backend.url], ...carried },
      {
        before: (app) => {
          for (const parser of parsers) app.use(parser);
        },
      },
    );
    return { backend, front };
  }

  /** Sends a body through these parsers twice on one connection; the member is to get the same both times. */
  async function send(
    parsers: readonly RequestHandler[],
    type: string,
    body: string,
    ...lines: readonly string[]
  ): Promise<Received> {
    const { backend, front } = await startBehind(parsers);
    const client = await RawClient.connect(front.port);
    const head = ['POST /a?b HTTP/1.1', 'Host: f', `Content-Type: ${type}`, ...lines];
    const framing = lines.some((line) => line.startsWith('Transfer'))
      ? []
      : [`Content-Length: ${body.length}`];
    for (let i = 0; i < 2; i += 1) {
      expect(await client.ask([...head, ...framing], body)).toMatchObject({ status: 200, body: 'b' });
    }
    const [first, second] = backend.received;
    expect(second!.body.equals(first!.body)).toBe(true);
    return second!;
  }

  describe('behind a parser, the member gets the body again', () => {
    const form = 'application/x-www-form-urlencoded';

    test.each<[string, string, string, RequestHandler, string]>([
      ['express.json()', 'application/json', '{"a": [1, "ü"]}', express.json(), '{"a":[1,"ü"]}'],
      ['express.json()', 'application/json', '[]', express.json(), '[]'],
      ['express.json(), not strict', 'application/json', '"text"', express.json({ strict: false }), '"text"'],
      ['express.json(), not strict', 'application/json', 'null', express.json({ strict: false }), 'null'],
      [
        'express.json(), any type',
        'application/vnd.api+json',
        '{"a":1}',
        express.json({ type: '*/*' }),
        '{"a":1}',
      ],
      [
        'extended forms',
        form,
        'a[b]=1&a[c]=2&d=%C3%BC+x',
        express.urlencoded({ extended: true }),
        'a%5Bb%5D=1&a%5Bc%5D=2&d=%C3%BC+x',
      ],
      ['simple forms', form, 'a=1&a=2&b=', express.urlencoded({ extended: false }), 'a=1&a=2&b='],
      ['express.text()', 'text/plain', 'grüße\n', express.text(), 'grüße\n'],
      ['express.raw()', 'application/octet-stream', '\x00ab\n', express.raw(), '\x00ab\n'],
      ['a parser that keeps rawBody', 'application/json', '{ "a" :1 }', keepsBytes, '{ "a" :1 }'],
    ])('of %s: %s %j', async (_what, type, sent, parser, expected) => {
      const { body, headers } = await send([parser], type, Buffer.from(sent).toString('latin1'));
      expect(body.toString()).toBe(expected);
      expect(headers).toMatchObject({
        'content-type': type,
        'content-length': String(Buffer.byteLength(expected)),
      });
    });

    test('from Express 4’s parsers as well', async () => {
      const parsers = [express4.json(), express4.urlencoded({ extended: true })];
      expect((await send(parsers, 'application/json', '{"a":1}')).body.toString()).toBe('{"a":1}');
      expect((await send(parsers, 'application/x-www-form-urlencoded', 'a=1')).body.toString()).toBe('a=1');
      expect((await send(parsers, 'text/plain', 'a=1')).body.toString()).toBe('a=1');
    });

    test('counted, though it came in chunks', async () => {
      const { body, headers } = await send(
        [express.json()],
        'application/json',
        '7\r\n{"a":1}\r\n0\r\n\r\n',
        'Transfer-Encoding: chunked',
      );
      expect(body.toString()).toBe('{"a":1}');
      expect([headers['content-length'], headers['transfer-encoding']]).toEqual(['7', undefined]);
    });

    test('inflated, if it was compressed, and no longer called so', async () => {
      const gzipped = gzipSync('{"a":1}').toString('latin1');
      const { body, headers } = await send(
        [express.json()],
        'application/json',
        gzipped,
        'Content-Encoding: gzip',
      );
      expect(body.toString()).toBe('{"a":1}');
      expect([headers['content-length'], headers['content-encoding']]).toEqual(['7', undefined]);
    });

    test('in the charset that it came in', async () => {
      const { body, headers } = await send([express.text()], 'text/plain; charset=iso-8859-1', 'gr\xfc\xdfe');
      expect(body.toString('latin1')).toBe('gr\xfc\xdfe');
      expect(headers['content-type']).toBe('text/plain; charset=iso-8859-1');
    });

    test('as the app has changed it', async () => {
      const change: RequestHandler = (req, _res, next) => {
        (req.body as { user: string }).user = 'app';
        next();
      };
      const { body } = await send([express.json(), change], 'application/json', '{"user":"me"}');
      expect(body.toString()).toBe('{"user":"app"}');
    });

    test('when it was empty', async () => {
      const { body } = await send(
        [express.json(), express.urlencoded({ extended: true }), express.text()],
        'text/plain',
        '',
      );
      expect(body).toHaveLength(0);
    });
  });

  test.each([
    ['multipart', boundary, multipart],
    ['a type of its own', 'application/x-own', 'anything'],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&b'],
  ])('a body that no parser takes streams on as it is: %s', async (_what, type, body) => {
    const got = await send([express.json(), express.raw()], type, body);
    expect(got.body.toString()).toBe(body);
    expect(got.headers).toMatchObject({ 'content-type': type, 'content-length': String(body.length) });
  });

  test('a request without a body passes parsers untouched', async () => {
    const { backend, front } = await startBehind([express.json(), express.urlencoded({ extended: true })]);
    expect((await request(front.url).get('/')).status).toBe(200);
    expect((await request(front.url).delete('/')).status).toBe(200);
    expect(backend.received.map(({ body }) => body.length)).toEqual([0, 0]);
  });

  describe('a body that somebody has read and not kept is an error that says what to do', () => {
    /** Reads the stream to its end, as multer does. */
    const readsAll: RequestHandler = (req, _res, next) => {
      req.resume();
      req.once('end', () => {
        next();
      });
    };
    /** Reads the beginning and leaves the rest. */
    const readsSome: RequestHandler = (req, _res, next) => {
      req.once('data', () => {
        req.pause();
        next();
      });
    };
    const spoils: RequestHandler = (req, _res, next) => {
      req.body = () => 'no JSON';
      next();
    };
    const throwsAway: RequestHandler = (req, _res, next) => {
      Reflect.deleteProperty(req, 'body');
      next();
    };

    test.each<[string, RequestHandler[], string, string, RegExp]>([
      [
        'multer',
        [readsAll],
        boundary,
        multipart,
        /multer, or another multipart parser, has read it; mount the balancer before/,
      ],
      [
        'a parser of forms',
        [readsAll],
        'application/x-www-form-urlencoded',
        'a=1',
        /urlencoded.*mount the balancer before.*rawBody/,
      ],
      [
        'a parser of JSON',
        [express.json(), spoils],
        'application/json',
        '{"a":1}',
        /express\.json\(\), or another JSON parser, has read it.*rawBody/,
      ],
      [
        'a parser of JSON that nothing is left of',
        [express.json(), throwsAway],
        'application/json',
        '{"a":1}',
        /something in front has read it and left no req\.body or req\.rawBody; mount the balancer before/,
      ],
      [
        'a reader of JSON',
        [readsAll],
        'application/json',
        '{"a":1}',
        /something in front has read it and left no req\.body or req\.rawBody; mount the balancer before/,
      ],
      [
        'a reader',
        [readsAll],
        'image/png',
        letters,
        /a middleware has read it \(image\/png\).*mount the balancer before/,
      ],
      [
        'a reader of a part',
        [readsSome],
        'image/png',
        letters,
        /the first part of it; mount the balancer before/,
      ],
    ])('%s', async (_what, readers, type, body, message) => {
      const { backend, front } = await startBehind(readers);
      const client = await RawClient.connect(front.port);
      const head = ['POST / HTTP/1.1', 'Host: f', `Content-Type: ${type}`, `Content-Length: ${body.length}`];
      for (let i = 0; i < 2; i += 1) expect((await client.ask(head, body)).status).toBe(500);
      expect(front.errors.map(({ code }) => code)).toEqual(Array(2).fill('ERR_BALANCER_BODY_CONSUMED'));
      expect(front.errors[0]!.message).toMatch(message);
      expect(front.errors[0]!.expose).toBe(false);
      expect(backend.received).toEqual([]);
    });

    test('a middleware that is still reading', async () => {
      const { front } = await startBehind([
        (req, _res, next) => {
          req.setEncoding('utf8');
          req.on('readable', () => req.read() as unknown);
          next();
        },
      ]);
      await request(front.url).post('/').type('image/png').send(Buffer.from(letters)).expect(500);
      expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_BODY_CONSUMED']);
    });
  });

  test('a middleware that only watches the stream takes nothing away', async () => {
    let seen = 0;
    const { backend, front } = await startBehind([
      (req, _res, next) => {
        req.on('data', (chunk: Buffer) => (seen += chunk.length));
        next();
      },
    ]);
    await request(front.url).post('/').type('image/png').send(Buffer.from(letters)).expect(200);
    expect(backend.received[0]!.body.toString()).toBe(letters);
    expect(seen).toBe(letters.length);
  });

  describe('a parsed body moves to another member', () => {
    test('after a refused connection', async () => {
      const backend = await startBackend('b');
      const front = await startFront(
        { members: [await deadUrl(), backend.url], replayBytes: 0, ...carried },
        { before: (app) => app.use(express.json()) },
      );
      await request(front.url).post('/').send({ a: 1 }).expect(200);
      expect(backend.received.map(({ body }) => body.toString())).toEqual(['{"a":1}']);
    });

    test('after a reset, if its method is idempotent', async () => {
      const breaker = await startRawBackend((socket) => socket.resetAndDestroy());
      const backend = await startBackend('b');
      const front = await startFront(
        { members: [breaker.url, backend.url], replayBytes: 0, ...carried },
        { before: (app) => app.use(express.json({ limit: '1mb' })) },
      );
      const text = 'ü'.repeat(200_000);
      await request(front.url).put('/').send({ text }).expect(200);
      expect(JSON.parse(backend.received[0]!.body.toString())).toEqual({ text });
    });
  });

  test('a parser’s own errors stay the app’s', async () => {
    const { backend, front } = await startBehind([express.json()]);
    await request(front.url).post('/').type('json').send('{"a":').expect(400);
    expect(front.errors[0]).not.toHaveProperty('code');
    expect(backend.received).toEqual([]);
  });

  test('a large parsed body arrives whole', async () => {
    const { backend, front } = await startBehind([express.raw({ limit: '20mb' })]);
    const body = Buffer.alloc(10_000_000, 'x');
    await request(front.url).post('/').type('application/octet-stream').send(body).expect(200);
    expect(backend.received[0]!.body.equals(body)).toBe(true);
  });
});
