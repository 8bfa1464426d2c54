import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deadUrl, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { watchTransit } from '../support/transit.ts';

afterEach(tidyUp);

const MB = 1024 * 1024;
/** More than all the system's buffers on the way can hold, so that only backpressure keeps the rest back. */
const LARGE = 40 * MB;
/** What a front may hold of one body: what is kept for replay, and a piece or two in each stream's buffer. */
const MOST_IN_TRANSIT = MB;

const piece = randomBytes(MB / 16);

/** Writes the large body as fast as it is taken. */
async function pour(sink: NodeJS.WritableStream): Promise<void> {
  for (let sent = 0; sent < LARGE; sent += piece.length) {
    if (!sink.write(piece)) await once(sink, 'drain');
  }
  sink.end();
}

/** Reads to the end and counts the bytes; fails if they are not those of the large body. */
async function drink(source: IncomingMessage): Promise<number> {
  let count = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    for (let i = 0; i < chunk.length;) {
      const from = (count + i) % piece.length;
      const to = Math.min(piece.length, from + chunk.length - i);
      if (piece.compare(chunk, i, i + to - from, from, to) !== 0)
        throw new Error(`other bytes at ${count + i}`);
      i += to - from;
    }
    count += chunk.length;
  }
  return count;
}

/** Resolves when a count has stood still for many turns of the event loop. */
async function standsStill(count: () => number): Promise<void> {
  for (let same = 0, last = count(); same < 200; same += 1) {
    await turn();
    const now = count();
    if (now !== last) same = 0;
    last = now;
  }
}

describe.each(senders)('carried by %s', (name, carried) => {
  describe('the body of a request', () => {
    test.each([
      ['GET', 'Content-Length: 5', 'abcde', '5'],
      ['POST', 'Content-Length: 5', 'abcde', '5'],
      ['DELETE', 'Content-Length: 5', 'abcde', '5'],
      ['POST', 'Content-Length: 40000', 'x'.repeat(40_000), '40000'],
      ['POST', 'Transfer-Encoding: chunked', '5\r\nabcde\r\n0\r\n\r\n', undefined],
      ['GET', 'Transfer-Encoding: chunked', '5\r\nabcde\r\n0\r\n\r\n', undefined],
      ['POST', 'Transfer-Encoding: Chunked', '5;ext=1\r\nabcde\r\n0\r\n\r\n', undefined],
    ])('of %s with %s arrives framed as it was', async (method, framing, sent, length) => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      for (let i = 0; i < 2; i += 1) await client.ask([`${method} / HTTP/1.1`, 'Host: f', framing], sent);
      for (const { body, headers } of backend.received) {
        expect(body.toString()).toBe(length === '40000' ? sent : 'abcde');
        expect(headers['content-length']).toBe(length);
        expect(headers['transfer-encoding']).toBe(length === undefined ? 'chunked' : undefined);
      }
      expect(backend.received).toHaveLength(2);
    });

    test.each([
      ['GET', 'Content-Length: 0'],
      ['POST', 'Content-Length: 0'],
      ['PUT', 'Content-Length: 0'],
      ['REPORT', 'Content-Length: 0'],
      ['POST', 'X-None: '],
      ['DELETE', 'X-None: '],
    ])('of %s with %s is none', async (method, framing) => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      for (let i = 0; i < 2; i += 1) await client.ask([`${method} / HTTP/1.1`, 'Host: f', framing]);
      for (const { body, headers } of backend.received) {
        expect(body).toHaveLength(0);
        expect(headers['content-length'] ?? '0').toBe('0');
        expect(headers['transfer-encoding']).toBeUndefined();
      }
      expect(backend.received).toHaveLength(2);
      expect(backend.connections()).toBe(1);
    });

    // RFC 9110 8.6: a method that gives content a meaning says that there is none.
    test.each(['POST', 'PUT', 'PATCH'])(
      'of %s with Content-Length: 0 is said to be empty',
      async (method) => {
        const backend = await startBackend('b');
        const front = await startFront({ members: [backend.url], ...carried });
        const client = await RawClient.connect(front.port);
        await client.ask([`${method} / HTTP/1.1`, 'Host: f', 'Content-Length: 0']);
        expect(backend.received[0]!.headers['content-length']).toBe('0');
      },
    );

    // A member that looks for no body behind DELETE would take it for a request. As the README says, httpxy trusts no chunks either.
    test.each([
      ['POST', 'Content-Length: 2', 'ok', 1, 1],
      ['POST', 'Transfer-Encoding: chunked', '2\r\nok\r\n0\r\n\r\n', 1, 3],
      ['DELETE', 'Content-Length: 2', 'ok', 3, 3],
    ])(
      'of %s with %s leaves the connection to the member, or not',
      async (method, framing, body, one, other) => {
        const backend = await startBackend('b');
        const front = await startFront({ members: [backend.url], ...carried });
        const client = await RawClient.connect(front.port);
        for (let i = 0; i < 3; i += 1) await client.ask([`${method} / HTTP/1.1`, 'Host: f', framing], body);
        expect(backend.connections()).toBe(name === 'itself' ? one : other);
      },
    );

    test('in chunks may be empty', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      for (const method of ['POST', 'GET']) {
        await client.ask([`${method} / HTTP/1.1`, 'Host: f', 'Transfer-Encoding: chunked'], '0\r\n\r\n');
      }
      expect(backend.received.map(({ method, body }) => [method, body.length])).toEqual([
        ['POST', 0],
        ['GET', 0],
      ]);
    });

    test('of 40 MB streams: a member that does not read stops the client, and little is held in between', async () => {
      const reached = Promise.withResolvers<IncomingMessage>();
      const backend = await startHandler((req, res) => {
        reached.resolve(req);
        req.on('end', () => res.end('done'));
      });
      const front = await startFront({ members: [backend.url], ...carried });
      const transit = watchTransit(front.server, backend.port);
      const upload = request({
        port: front.port,
        method: 'PUT',
        headers: { 'Content-Length': LARGE },
        agent: false,
      });
      const answered = once(upload, 'response');
      const poured = pour(upload);

      const arrived = await reached.promise;
      await standsStill(transit.cameUp);
      expect(transit.cameUp()).toBeLessThan(LARGE);
      expect(transit.up()).toBeLessThan(MOST_IN_TRANSIT);

      let most = 0;
      arrived.on('data', () => (most = Math.max(most, transit.up())));
      arrived.pause();
      expect(await drink(arrived)).toBe(LARGE);
      expect(most).toBeLessThan(MOST_IN_TRANSIT);
      await poured;
      const [answer] = (await answered) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      answer.resume();
      await once(answer, 'end');
      transit.stop();
    });
  });

  describe('the body of an answer', () => {
    test.each([
      ['counted', { 'Content-Length': LARGE }],
      ['chunked', {}],
    ])(
      'of 40 MB, %s, streams: a client that does not read stops the member, and little is held in between',
      async (_framing, headers) => {
        const backend = await startHandler((_req, res) => {
          res.writeHead(200, headers);
          // The end of the test may cut it.
          pour(res).catch(() => undefined);
        });
        const front = await startFront({ members: [backend.url], ...carried });
        const transit = watchTransit(front.server, backend.port);
        const download = request({ port: front.port, agent: false }).end();
        const [answer] = (await once(download, 'response')) as [IncomingMessage];

        await standsStill(transit.cameDown);
        expect(transit.cameDown()).toBeLessThan(LARGE);
        expect(transit.down()).toBeLessThan(MOST_IN_TRANSIT);

        let most = 0;
        answer.on('data', () => (most = Math.max(most, transit.down())));
        answer.pause();
        expect(await drink(answer)).toBe(LARGE);
        expect(answer.complete).toBe(true);
        expect(most).toBeLessThan(MOST_IN_TRANSIT);
        transit.stop();
      },
    );

    test('may stream while the request still does', async () => {
      const backend = await startHandler((req, res) => req.pipe(res));
      const front = await startFront({ members: [backend.url], ...carried });
      const echo = request({ port: front.port, method: 'POST', agent: false });
      const answered = once(echo, 'response');
      echo.write('first');
      const [answer] = (await answered) as [IncomingMessage];
      const [first] = (await once(answer, 'data')) as [Buffer];
      expect(first.toString()).toBe('first');
      answer.pause();
      const poured = pour(echo);
      expect(await drink(answer)).toBe(LARGE);
      await poured;
    });
  });

  // A server may know from the head alone that it will not take a body.
  describe('an answer that comes before the whole request', () => {
    const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n';

    test.each([
      ['closes the connection behind it', `${tooLarge}Connection: close\r\n\r\nno!`, 'ends'],
      ['keeps the connection and reads on', `${tooLarge}\r\nno!`, 'reads'],
      ['reads no further', `${tooLarge}\r\nno!`, 'stops'],
    ] as const)(
      'reaches the client, whose connection stays usable, when the member %s',
      async (_what, bytes, then) => {
        const backend = await startRawBackend((socket, head) => {
          if (!head.startsWith('POST')) {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          } else if (then === 'ends') {
            socket.end(bytes);
          } else {
            if (then === 'stops') socket.pause();
            socket.write(bytes);
          }
        });
        const front = await startFront({ members: [backend.url], ...carried });
        const client = await RawClient.connect(front.port);
        client.send(['POST / HTTP/1.1', 'Host: f', `Content-Length: ${LARGE}`]);
        client.socket.write(piece);
        const { status, body } = await client.readAnswer();
        expect([status, body]).toEqual([413, 'no!']);

        for (let sent = piece.length; sent < LARGE; sent += piece.length) {
          if (!client.socket.write(piece)) await once(client.socket, 'drain');
        }
        const next = await client.ask(['GET / HTTP/1.1', 'Host: f']);
        expect([next.status, next.body]).toEqual([200, 'ok']);
      },
    );

    test('may be lost with the connection that the member breaks off, but nothing else is', async () => {
      let isBreaking = true;
      const backend = await startRawBackend((socket) => {
        if (!isBreaking) {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          return;
        }
        socket.pause();
        socket.write(`${tooLarge}\r\nno!`, () => socket.destroy());
      });
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      client.send(['POST / HTTP/1.1', 'Host: f', `Content-Length: ${8 * piece.length}`]);
      for (let i = 0; i < 8; i += 1) client.socket.write(piece);
      expect([413, 502]).toContain((await client.readAnswer()).status);
      isBreaking = false;
      expect(await client.ask(['GET / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'ok' });
    });

    test('frees the member, though the client never sends the rest', async () => {
      const backend = await startRawBackend((socket) => socket.write(`${tooLarge}\r\nno!`));
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      client.send(['POST / HTTP/1.1', 'Host: f', 'Content-Length: 100'], 'a beginning');
      expect(await client.readAnswer()).toMatchObject({ status: 413, body: 'no!' });
      await until(() => front.balancer.view()[0]!.busy === 0);
    });
  });

  // RFC 9110 10.1.1; httpd passes the question on, we answer it: a member that has not been asked gets the body at once.
  describe('Expect', () => {
    test('100-continue is answered, and the body reaches the member', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      const head = ['POST / HTTP/1.1', 'Host: f', 'Expect: 100-continue', 'Content-Length: 5'];
      for (let i = 0; i < 2; i += 1) {
        client.send(head);
        expect(await client.readHead()).toMatchObject({ status: 100 });
        expect(await client.write('abcde').readAnswer()).toMatchObject({
          status: 200,
          body: 'b',
          interims: [],
        });
      }
      expect(backend.received.map(({ body, headers }) => [body.toString(), headers['expect']])).toEqual([
        ['abcde', undefined],
        ['abcde', undefined],
      ]);
    });

    test('100-continue without a body changes nothing', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      expect(await client.ask(['GET / HTTP/1.1', 'Host: f', 'Expect: 100-continue'])).toMatchObject({
        status: 200,
      });
    });

    test('foo is 417, and no member is asked', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      const { status } = await client.ask(['POST / HTTP/1.1', 'Host: f', 'Expect: foo', 'Content-Length: 0']);
      expect(status).toBe(417);
      expect(backend.received).toEqual([]);
    });
  });

  describe('the connection of a client that sends a body nobody wants outlives', () => {
    const reset = (): Promise<Backend> => startRawBackend((socket) => socket.resetAndDestroy());
    const silence = (): Promise<Backend> => startRawBackend(() => undefined);

    test.each([
      ['a refused connection', '/', {}, deadUrl, [503, 'ERR_BALANCER_CONNECT']],
      ['a reset connection', '/', {}, reset, [502, 'ERR_BALANCER_RESET']],
      [
        'a timeout',
        '/',
        { memberDefaults: { timeout: '50ms', connectiontimeout: '20s' } },
        silence,
        [504, 'ERR_BALANCER_TIMEOUT'],
      ],
      ['the end of the deadline', '/', { deadline: '50ms' }, silence, [504, 'ERR_BALANCER_DEADLINE']],
      ['a path that is refused', '/..%2f', {}, reset, [400, 'ERR_BALANCER_BAD_REQUEST']],
      [
        'a want of members',
        '/',
        { memberDefaults: { status: '+D' } },
        reset,
        [503, 'ERR_BALANCER_NO_MEMBER'],
      ],
    ] as const)('%s', async (_what, path, options, start, [status, code]) => {
      const member = await start();
      const front = await startFront(
        {
          members: [typeof member === 'string' ? member : member.url],
          exclude: '/app',
          ...options,
          ...carried,
        },
        { after: (app) => app.get('/app', (_req, res) => res.end('app')) },
      );
      const client = await RawClient.connect(front.port);
      const head = [`POST ${path} HTTP/1.1`, 'Host: f'];
      const counted = await client.ask([...head, 'Content-Length: 200000'], 'x'.repeat(200_000));
      expect(counted).toMatchObject({ status, body: expect.stringContaining(code) });
      const chunk = `30d40\r\n${'x'.repeat(200_000)}\r\n0\r\n\r\n`;
      const chunked = await client.ask([...head, 'Transfer-Encoding: chunked'], chunk);
      expect(chunked.status).toBe(status);
      expect(await client.ask(['GET /app HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'app' });
    });
  });
});
