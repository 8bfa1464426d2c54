import { METHODS } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient, type WireAnswer } from '../support/raw-client.ts';

afterEach(tidyUp);

/** A backend that answers each head with these bytes, one character a byte, and may end the connection behind them. */
function startSpeaker(bytes: string, { ends = false } = {}): Promise<Backend> {
  return startRawBackend((socket) => {
    if (ends) socket.end(bytes, 'latin1');
    else socket.write(bytes, 'latin1');
  });
}

describe.each(senders)('carried by %s', (_name, carried) => {
  async function connectTo(backend: Backend): Promise<RawClient> {
    const front = await startFront({ members: [backend.url], ...carried });
    return RawClient.connect(front.port);
  }

  async function ask(backend: Backend, method = 'GET', version = '1.1'): Promise<WireAnswer> {
    const client = await connectTo(backend);
    return client.ask([`${method} / HTTP/${version}`, 'Host: front.example']);
  }

  describe('a request', () => {
    // CONNECT is no request about a path; Node hands it to nobody.
    test.each(METHODS.filter((method) => method !== 'CONNECT'))(
      'with method %s reaches the member',
      async (method) => {
        const backend = await startBackend('b');
        const { status } = await ask(backend, method);
        expect(status).toBe(200);
        expect(backend.received).toMatchObject([{ method, url: '/' }]);
        expect(backend.received[0]!.body).toHaveLength(0);
      },
    );

    test.each(METHODS.filter((method) => method !== 'CONNECT'))(
      'with method %s may have a body',
      async (method) => {
        const backend = await startBackend('b');
        const client = await connectTo(backend);
        const head = [`${method} /a HTTP/1.1`, 'Host: front.example'];
        await client.ask([...head, 'Content-Length: 5'], 'count');
        await client.ask([...head, 'Transfer-Encoding: chunked'], '5\r\nchunk\r\n0\r\n\r\n');
        await client.ask([`GET /b HTTP/1.1`, 'Host: front.example']);
        expect(backend.received.map((one) => `${one.method} ${one.url} ${one.body.toString()}`)).toEqual([
          `${method} /a count`,
          `${method} /a chunk`,
          'GET /b ',
        ]);
      },
    );

    test('OPTIONS * is not about a path, so it is left to the app', async () => {
      const backend = await startBackend('b');
      const front = await startFront(
        { members: [backend.url], ...carried },
        { after: (app) => app.use((_req, res) => res.status(204).set('X-App', 'here').end()) },
      );
      const client = await RawClient.connect(front.port);
      const { status, headers } = await client.ask(['OPTIONS * HTTP/1.1', 'Host: front.example']);
      expect([status, ...valuesOf(headers, 'x-app')]).toEqual([204, 'here']);
      expect(backend.received).toEqual([]);
    });

    test('in absolute form is sent on in origin form, and its authority counts as the host', async () => {
      const backend = await startBackend('b');
      const client = await connectTo(backend);
      await client.ask(['GET http://asked.example/a?b HTTP/1.1', 'Host: other.example']);
      expect(backend.received[0]).toMatchObject({
        url: '/a?b',
        headers: { 'x-forwarded-host': 'asked.example' },
      });
    });

    test('of HTTP/1.0 is sent on as one of HTTP/1.1', async () => {
      const versions: string[] = [];
      const backend = await startBackend('b', (req, res) => {
        versions.push(req.httpVersion);
        res.end('done');
      });
      expect(await ask(backend, 'GET', '1.0')).toMatchObject({ status: 200, body: 'done' });
      expect(versions).toEqual(['1.1']);
    });
  });

  describe('an answer', () => {
    test.each([
      ['counted', 'Content-Length: 5\r\n\r\nabcde', ['5', undefined]],
      [
        'chunked',
        'Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n',
        [undefined, 'chunked'],
      ],
    ])('that is %s stays so', async (_framing, rest, [length, coding]) => {
      const backend = await startSpeaker(`HTTP/1.1 200 OK\r\n${rest}`);
      const client = await connectTo(backend);
      for (let i = 0; i < 2; i += 1) {
        const { body, headers } = await client.ask(['GET / HTTP/1.1', 'Host: f']);
        expect(body).toBe('abcde');
        expect(valuesOf(headers, 'content-length')[0]).toBe(length);
        expect(valuesOf(headers, 'transfer-encoding')[0]).toBe(coding);
      }
      expect(backend.connections()).toBe(1);
    });

    test.each(['1.0', '1.1'])('that the end of an HTTP/%s connection delimits is whole', async (version) => {
      const backend = await startSpeaker(`HTTP/${version} 200 OK\r\nX-A: 1\r\n\r\nuntil the end`, {
        ends: true,
      });
      const client = await connectTo(backend);
      for (let i = 0; i < 2; i += 1) {
        const answer = await client.ask(['GET / HTTP/1.1', 'Host: f']);
        expect(answer).toMatchObject({ status: 200, body: 'until the end', chunked: true });
      }
      expect(backend.connections()).toBe(2);
    });

    test('of a counting HTTP/1.0 server is whole', async () => {
      const backend = await startSpeaker('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', { ends: true });
      expect(await ask(backend)).toMatchObject({ status: 200, body: 'ok', chunked: false });
    });

    test('in chunks ends, for a client of HTTP/1.0, with the connection', async () => {
      const backend = await startSpeaker(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      );
      const { body, headers } = await ask(backend, 'GET', '1.0');
      expect(body).toBe('ab');
      expect(valuesOf(headers, 'transfer-encoding')).toEqual([]);
    });

    test.each([
      ['200 with length 0', '200 OK\r\nContent-Length: 0'],
      ['200 with no chunks', '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0'],
      ['201 with length 0', '201 Created\r\nContent-Length: 0'],
      ['205', '205 Reset Content\r\nContent-Length: 0'],
      ['204', '204 No Content'],
      ['304', '304 Not Modified\r\nETag: "a"'],
      ['404 with length 0', '404 Not Found\r\nContent-Length: 0'],
    ])('of %s is empty, and the next one follows on both connections', async (_what, head) => {
      const backend = await startSpeaker(`HTTP/1.1 ${head}\r\n\r\n`);
      const client = await connectTo(backend);
      for (let i = 0; i < 3; i += 1) {
        const { status, reason, body } = await client.ask(['GET / HTTP/1.1', 'Host: f']);
        expect(`${status} ${reason}`).toBe(head.split('\r\n')[0]);
        expect(body).toBe('');
      }
      expect(backend.connections()).toBe(1);
    });

    // P5; RFC 9110 8.6
    test.each([
      ['HEAD', '200 OK', '5'],
      ['GET', '304 Not Modified', undefined],
      ['GET', '204 No Content', undefined],
    ])('to %s of %s has Content-Length %s, and no body', async (method, start, length) => {
      const backend = await startSpeaker(`HTTP/1.1 ${start}\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n`);
      const client = await connectTo(backend);
      for (let i = 0; i < 2; i += 1) {
        const { headers, body } = await client.ask([`${method} / HTTP/1.1`, 'Host: f']);
        expect(valuesOf(headers, 'content-length')[0]).toBe(length);
        expect(valuesOf(headers, 'transfer-encoding')).toEqual([]);
        expect(body).toBe('');
      }
    });

    test('to HEAD is the last on its connection: content that comes with it spoils no other answer', async () => {
      const backend = await startRawBackend((socket, head) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
        if (head.startsWith('HEAD'))
          setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'));
        else socket.write('ok');
      });
      const client = await connectTo(backend);
      for (let i = 0; i < 10; i += 1) {
        expect(await client.ask(['HEAD / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: '' });
        expect(await client.ask(['GET / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'ok' });
      }
    });

    // P4, P10, P18
    test.each([
      ['an unusual status and reason', '299 Strange Reason', ''],
      ['no reason', '200 ', ''],
      ['a reason beyond ASCII', '200 caf\xc3\xa9 \xe6\x97\xa5', ''],
      ['a status nobody has defined', '799 Never Seen', ''],
      ['300 fields', '200 OK', Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}\r\n`).join('')],
    ])('with %s is relayed', async (_what, start, fields) => {
      const backend = await startSpeaker(`HTTP/1.1 ${start}\r\n${fields}Content-Length: 2\r\n\r\nok`);
      const { status, reason, headers, body } = await ask(backend);
      expect(`${status} ${reason}`).toBe(start);
      expect(headers.filter((name) => /^X-\d+$/.test(name))).toHaveLength(fields.split('\r\n').length - 1);
      expect(body).toBe('ok');
    });

    // httpd answers 206 by itself (P18).
    test('of 200 to a Range is relayed as it is', async () => {
      const backend = await startBackend('b', (_req, res) => res.end('0123456789'));
      const client = await connectTo(backend);
      const answer = await client.ask(['GET / HTTP/1.1', 'Host: f', 'Range: bytes=2-3']);
      expect(answer).toMatchObject({ status: 200, body: '0123456789' });
      expect(backend.received[0]!.headers).toMatchObject({ range: 'bytes=2-3' });
    });

    test('to a request that was sent behind another waits for its turn', async () => {
      const large = 'x'.repeat(3_000_000);
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<undefined>();
      const backend = await startBackend('b', (req, res) => {
        if (req.url === '/first') {
          void arrived.then(() => res.end('first'));
        } else {
          res.end(large);
          arrive(undefined);
        }
      });
      const client = await connectTo(backend);
      client.send(['GET /first HTTP/1.1', 'Host: f']).send(['GET /second HTTP/1.1', 'Host: f']);
      expect((await client.readAnswer()).body).toBe('first');
      expect((await client.readAnswer()).body).toBe(large);
    });

    test('that comes byte by byte goes out as it comes', async () => {
      const { promise: told, resolve: tell } = Promise.withResolvers<undefined>();
      const backend = await startRawBackend((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na');
        void told.then(() => socket.write('b'));
      });
      const client = (await connectTo(backend)).send(['GET / HTTP/1.1', 'Host: f']);
      await client.readHead();
      expect(await client.readBytes(1)).toBe('a');
      tell(undefined);
      expect(await client.readBytes(1)).toBe('b');
    });
  });

  // Answers that Node's parsers take for none, or that Node will not write: P6, P7, P8, P11, P12, P14.
  test.each([
    ['with a control character in its reason', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok'],
    ['with a control character in a value', 'HTTP/1.1 200 OK\r\nX-A: 1\x012\r\nContent-Length: 2\r\n\r\nok'],
    ['with a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['with a status above 999', 'HTTP/1.1 1000 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['without a status line', 'hello\r\n\r\n'],
    ['with a line that has no colon', 'HTTP/1.1 200 OK\r\nfoo\r\nContent-Length: 2\r\n\r\nok'],
    ['with a blank before a colon', 'HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 2\r\n\r\nok'],
    ['with a blank in a name', 'HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['with a folded field', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
    ['with a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nok'],
    [
      'that is chunked and counted',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n',
    ],
    ['with a coding besides chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['with an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: foo\r\n\r\nok'],
    [
      'that switches protocols unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
    ],
    [
      'with a head that is too long',
      `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20_000)}\r\nContent-Length: 2\r\n\r\nok`,
    ],
  ])('an answer %s is 502, and the next request is served', async (_what, bytes) => {
    let answer = bytes;
    const backend = await startRawBackend((socket) => socket.end(answer, 'latin1'));
    const front = await startFront({ members: [backend.url], ...carried });
    const client = await RawClient.connect(front.port);
    const { status, body } = await client.ask(['POST / HTTP/1.1', 'Host: f', 'Content-Length: 0']);
    expect(status).toBe(502);
    expect(body).toContain('ERR_BALANCER_BAD_ANSWER');
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    expect(await client.ask(['GET / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'ok' });
  });
});
