import { afterEach, describe, expect, test } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { deadUrl, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { linesOf, RawClient, type WireAnswer } from '../support/raw-client.ts';

afterEach(tidyUp);

const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A member that says this to every request. */
function startSpeaker(bytes: string, { ends = false } = {}): Promise<Backend> {
  return startRawBackend((socket) => {
    if (ends) socket.end(bytes, 'latin1');
    else socket.write(bytes, 'latin1');
  });
}

describe.each(senders)('carried by %s', (name, carried) => {
  async function connectTo(url: string): Promise<RawClient> {
    const front = await startFront({ members: [url], ...carried }, { mount: '/shop' });
    return RawClient.connect(front.port);
  }

  async function ask(backend: Backend, version = '1.1', method = 'GET'): Promise<WireAnswer> {
    const client = await connectTo(`${backend.url}/base/`);
    return client.ask([`${method} /shop/ HTTP/${version}`, 'Host: front.example']);
  }

  describe('an interim answer', () => {
    test('103 reaches the client, its links mapped like those of the answer', async () => {
      const backend = await startRawBackend((socket) => {
        const link = (file: string): string => `Link: <${backend.url}/base/${file}>; rel=preload; as=style`;
        socket.write(`HTTP/1.1 103 Early Hints\r\n${link('a.css')}\r\n${link('b.css')}\r\n\r\n`);
        socket.write(`HTTP/1.1 200 OK\r\n${link('a.css')}\r\nContent-Length: 2\r\n\r\nok`);
      });
      const { interims, status, headers } = await ask(backend);
      const mapped = (file: string): string => `<http://front.example/shop/${file}>; rel=preload; as=style`;
      expect(interims.map((each) => each.status)).toEqual([103]);
      expect(valuesOf(interims[0]!.headers, 'link').join(', ')).toBe(
        `${mapped('a.css')}, ${mapped('b.css')}`,
      );
      expect([status, ...valuesOf(headers, 'link')]).toEqual([200, mapped('a.css')]);
    });

    test('103 reaches the client as soon as the member says it', async () => {
      const { promise: seen, resolve: see } = Promise.withResolvers<undefined>();
      const backend = await startRawBackend((socket) => {
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
        void seen.then(() => socket.write(final));
      });
      const client = await connectTo(backend.url);
      client.send(['GET /shop/ HTTP/1.1', 'Host: f']);
      expect((await client.readHead()).status).toBe(103);
      see(undefined);
      expect(await client.readAnswer()).toMatchObject({ status: 200, body: 'ok' });
    });

    test('103 leaves its hop-by-hop fields behind', async () => {
      const hints =
        'Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nX-End: 2\r\nLink: </a>; rel=preload\r\n';
      const { interims } = await ask(await startSpeaker(`HTTP/1.1 103 Early Hints\r\n${hints}\r\n${final}`));
      expect(
        linesOf(interims[0]!.headers)
          .map((line) => line.toLowerCase())
          .sort(),
      ).toEqual(['link: </a>; rel=preload', 'x-end: 2']);
    });

    test('102 reaches the client, as often as it is said', async () => {
      const { interims, status } = await ask(
        await startSpeaker('HTTP/1.1 102 Processing\r\n\r\n'.repeat(3) + final),
      );
      expect([...interims.map((each) => each.status), status]).toEqual([102, 102, 102, 200]);
    });

    // P13; RFC 9110 15.2: 1xx is no part of HTTP/1.0.
    test.each(['102 Processing\r\n', '103 Early Hints\r\nLink: </a>; rel=preload\r\n'])(
      '%j does not reach a client of HTTP/1.0',
      async (start) => {
        const answer = await ask(await startSpeaker(`HTTP/1.1 ${start}\r\n${final}`), '1.0');
        expect(answer).toMatchObject({ interims: [], status: 200, body: 'ok' });
      },
    );

    test.each([
      ['100, which nobody has asked the member for', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['100 with fields', 'HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n'],
      ['100, twice', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2)],
    ])('ends here: %s', async (_what, interim) => {
      const backend = await startSpeaker(interim + final);
      const client = await connectTo(backend.url);
      for (let i = 0; i < 2; i += 1) {
        const answer = await client.ask(['GET /shop/ HTTP/1.1', 'Host: f']);
        expect(answer).toMatchObject({ interims: [], status: 200, body: 'ok' });
      }
    });

    test('100 in one piece with what follows, or in many, ends here', async () => {
      const backend = await startRawBackend((socket) => {
        socket.setNoDelay(true);
        const bytes = `HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n${final}`;
        const writeFrom = (at: number): void => {
          if (at < bytes.length) socket.write(bytes[at]!, () => setImmediate(writeFrom, at + 1));
        };
        writeFrom(0);
      });
      expect(await ask(backend)).toMatchObject({ interims: [], status: 200, body: 'ok' });
    });

    // P13: httpd forwards ten and ends the exchange.
    test('comes through ten times; the eleventh is 502', async () => {
      const backend = await startSpeaker('HTTP/1.1 102 Processing\r\n\r\n'.repeat(12) + final);
      const { interims, status, body } = await ask(backend, '1.1', 'POST');
      expect(interims).toHaveLength(10);
      expect(status).toBe(502);
      expect(body).toContain('ERR_BALANCER_BAD_ANSWER');
    });

    test('binds the client to its member: no other is tried when that one breaks off', async () => {
      const talker = await startSpeaker('HTTP/1.1 102 Processing\r\n\r\n', { ends: true });
      const other = await startBackend('other');
      const front = await startFront({ members: [talker.url, other.url], ...carried });
      const client = await RawClient.connect(front.port);
      const { interims, status } = await client.ask(['GET / HTTP/1.1', 'Host: f']);
      expect([interims.length, status]).toEqual([1, 502]);
      expect(other.received).toEqual([]);
    });
  });

  describe('the trailers of an answer', () => {
    const chunks = 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n';

    test.each([
      ['announced', 'Trailer: X-Sum\r\n', ['X-Sum']],
      ['not announced', '', []],
    ])('reach the client, %s', async (_how, announcement, announced) => {
      const backend = await startSpeaker(
        `HTTP/1.1 200 OK\r\n${announcement}${chunks}X-Sum: 1\r\nx-more: \xe9\r\n\r\n`,
      );
      const client = await connectTo(backend.url);
      for (let i = 0; i < 2; i += 1) {
        const { body, headers, trailers } = await client.ask(['GET /shop/ HTTP/1.1', 'Host: f']);
        expect(body).toBe('ok');
        expect(linesOf(trailers)).toEqual(['X-Sum: 1', 'x-more: \xe9']);
        expect(valuesOf(headers, 'trailer')).toEqual(announced);
      }
    });

    test('do not reach a client of HTTP/1.0, which gets the body', async () => {
      const backend = await startSpeaker(`HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n${chunks}X-Sum: 1\r\n\r\n`);
      const { body, headers } = await ask(backend, '1.0');
      expect(body).toBe('ok');
      expect(valuesOf(headers, 'trailer')).toEqual([]);
    });

    // RFC 9110 6.5.1: framing, routing, credentials are not a trailer's business.
    test('that may not be trailers are left out', async () => {
      const forbidden = [
        'Connection: close',
        'Set-Cookie: a=1',
        'Content-Type: a/b',
        'Location: /',
        'Host: h',
      ];
      const trailers = [...forbidden, 'X-Sum: 1'].map((line) => `${line}\r\n`).join('');
      const answer = await ask(await startSpeaker(`HTTP/1.1 200 OK\r\n${chunks}${trailers}\r\n`));
      expect(answer.body).toBe('ok');
      expect(linesOf(answer.trailers)).toEqual(['X-Sum: 1']);
    });

    // Node would end the process over a Trailer field where nothing can follow the body.
    test.each([
      ['a counted body', 'GET', '200 OK\r\nContent-Length: 2\r\nTrailer: X-Sum', 'ok'],
      ['HEAD', 'HEAD', '200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum', ''],
      ['204', 'GET', '204 No Content\r\nTrailer: X-Sum', ''],
      ['304', 'GET', '304 Not Modified\r\nTrailer: X-Sum', ''],
    ])('may be announced where there are none: with %s', async (_what, method, head, body) => {
      const backend = await startSpeaker(`HTTP/1.1 ${head}\r\n\r\n${body}`);
      const client = await connectTo(backend.url);
      const answer = await client.ask([`${method} /shop/ HTTP/1.1`, 'Host: f']);
      expect(answer.body).toBe(body);
      expect(valuesOf(answer.headers, 'trailer')).toEqual([]);
      expect((await client.ask([`${method} /shop/ HTTP/1.1`, 'Host: f'])).status).toBe(answer.status);
    });
  });

  describe('the trailers of a request', () => {
    const post = ['POST /shop/ HTTP/1.1', 'Host: f', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'];
    // As the README's table of the two senders says.
    const passed = name === 'http-proxy-middleware';

    test(passed ? 'reach the member' : 'are dropped, and the body arrives', async () => {
      const backend = await startBackend('b');
      const client = await connectTo(backend.url);
      for (let i = 0; i < 2; i += 1) {
        const { status } = await client.ask(post, '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n');
        expect(status).toBe(200);
      }
      for (const { body, trailers, headers } of backend.received) {
        expect(body.toString()).toBe('ok');
        expect(trailers).toEqual(passed ? { 'x-sum': '1' } : {});
        expect(headers['trailer']).toBeUndefined();
      }
      expect(backend.received).toHaveLength(2);
    });

    test('that may not be trailers reach nobody', async () => {
      const backend = await startBackend('b');
      const client = await connectTo(backend.url);
      const trailers = ['Host: evil', 'Content-Type: a/b', 'Authorization: me', 'X-Forwarded-For: 1.2.3.4'];
      await client.ask(post, `2\r\nok\r\n0\r\n${trailers.join('\r\n')}\r\n\r\n`);
      expect(backend.received[0]!.trailers).toEqual({});
    });

    test('go with the body to another member', async () => {
      const backend = await startBackend('b');
      const front = await startFront(
        { members: [await deadUrl(), backend.url], ...carried },
        { mount: '/shop' },
      );
      const client = await RawClient.connect(front.port);
      const { status } = await client.ask(post, '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n');
      expect(status).toBe(200);
      expect(backend.received[0]!.body.toString()).toBe('ok');
      expect(backend.received[0]!.trailers).toEqual(passed ? { 'x-sum': '1' } : {});
    });

    test('may be announced by a request that has no body', async () => {
      const backend = await startBackend('b');
      const client = await connectTo(backend.url);
      for (let i = 0; i < 2; i += 1) {
        const { status } = await client.ask(['GET /shop/ HTTP/1.1', 'Host: f', 'Trailer: X-Sum']);
        expect(status).toBe(200);
      }
      expect(backend.received.map(({ headers }) => headers['trailer'])).toEqual([undefined, undefined]);
    });
  });
});
