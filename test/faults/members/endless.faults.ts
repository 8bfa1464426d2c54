import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createGzip, gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask } from '../../support/ask.ts';
import { startBackend, startRawBackend } from '../../support/backend.ts';
import { senders, startFront } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

type Endless = Readonly<{
  /** What comes first, and what comes again and again until the connection is ended. */
  first: string;
  again: string;
  status: number;
  /** Node's client takes it as long as the member's `timeout` lets it. */
  hpm?: 'timeout';
}>;

const endless: Readonly<Record<string, Endless>> = {
  'a status line': { first: 'HTTP/1.1 200 ', again: 'O', status: 502 },
  'a line without a colon': { first: ok, again: 'X', status: 502 },
  'a value': { first: `${ok}X: `, again: 'x', status: 502 },
  'blanks in front of a value': { first: `${ok}X:`, again: ' ', status: 502, hpm: 'timeout' },
  'header lines': { first: ok, again: 'X: 1\r\n', status: 502 },
  cookies: { first: ok, again: 'Set-Cookie: a=1\r\n', status: 502 },
  '100 (Continue)': { first: '', again: 'HTTP/1.1 100 Continue\r\n\r\n', status: 502 },
  '102 (Processing)': { first: '', again: 'HTTP/1.1 102 Processing\r\n\r\n', status: 502 },
  '103 (Early Hints)': {
    first: '',
    again: 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n',
    status: 502,
  },
  'interim answers that nobody knows': { first: '', again: 'HTTP/1.1 199 Hm\r\n\r\n', status: 502 },
  'digits of a chunk’s size': { first: chunked, again: '0', status: 200, hpm: 'timeout' },
  'an extension of a chunk': { first: `${chunked}2;`, again: 'x', status: 200 },
  'a trailer': { first: `${chunked}0\r\nX: `, again: 'x', status: 200 },
  trailers: { first: `${chunked}0\r\n`, again: 'X: 1\r\n', status: 200 },
};

const piece = 4_096;
/** What a connection of the system takes before anybody reads, and a little. */
const mostBytes = 12_000_000;

describe.each(senders)('over %s, a member that never comes to an end of', (name, sender) => {
  test.each(Object.keys(endless))('%s is stopped soon, and disturbs nobody', async (what) => {
    const { first, again, status, hpm } = endless[what]!;
    const isTimed = hpm === 'timeout' && name !== 'itself';
    const sockets: Socket[] = [];
    const member = await startRawBackend((socket, head) => {
      const path = head.split(' ')[1]!;
      if (path !== '/endless') {
        socket.write(`${ok}Content-Length: ${path.length}\r\n\r\n${path}`);
        return;
      }
      sockets.push(socket);
      const more = again.repeat(Math.ceil(piece / again.length));
      socket.write(first);
      const pour = (): void => {
        if (!socket.destroyed) socket.write(more, pour);
      };
      pour();
    });
    const front = await startFront({
      ...sender,
      members: [{ url: member.url, timeout: isTimed ? '3s' : '20s' }],
    });
    const [told, ...others] = await Promise.all([
      ask(front.port, { method: 'POST', path: '/endless' }),
      ...['/a', '/b', '/c'].map((path) => ask(front.port, { path })),
    ]);
    expect(told.status).toBe(isTimed && status === 502 ? 504 : status);
    expect(told.whole && told.code === undefined).toBe(false);
    expect(others.map(({ text }) => text)).toEqual(['/a', '/b', '/c']);
    if (!sockets[0]!.closed) await once(sockets[0]!, 'close');
    expect(sockets).toHaveLength(1);
    if (!isTimed) expect(sockets[0]!.bytesWritten).toBeLessThan(mostBytes);
    await until(() => isIdle(front));
  });
});

describe.each(senders)('over %s, what is compressed', (_name, sender) => {
  test('is passed on as it came and never opened: 1 GiB of zeros in one of its thousandths', async () => {
    const size = 1_073_741_824;
    const sent = createHash('sha256');
    const backend = await startBackend('b', (_req, res) => {
      res.setHeader('Content-Encoding', 'gzip');
      const gzip = createGzip({ level: 1 });
      gzip.on('data', (chunk: Buffer) => {
        sent.update(chunk);
        if (!res.write(chunk)) gzip.pause();
      });
      res.on('drain', () => gzip.resume());
      gzip.on('end', () => res.end());
      const zeros = Buffer.alloc(1_048_576);
      let left = size;
      const pour = (): void => {
        if (left === 0) {
          gzip.end();
          return;
        }
        left -= zeros.length;
        gzip.write(zeros, pour);
      };
      pour();
    });
    const front = await startFront({ ...sender, members: [backend.url] });
    const req = request({ port: front.port, agent: false }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    expect(res.headers['content-encoding']).toBe('gzip');
    const before = process.memoryUsage().rss;
    let most = 0;
    let bytes = 0;
    const got = createHash('sha256');
    for await (const chunk of res as AsyncIterable<Buffer>) {
      got.update(chunk);
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(got.digest('hex')).toBe(sent.digest('hex'));
    expect(bytes).toBeLessThan(8_000_000);
    // Opened, it would be all of it.
    expect(most).toBeLessThan(size / 4);
  });

  test('broken is nobody’s business either', async () => {
    const junk = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(1_000, 7)]);
    expect(() => gunzipSync(junk)).toThrow();
    const backend = await startBackend('b', (_req, res) => {
      res.setHeader('Content-Encoding', 'gzip, br, x-unknown').end(junk);
    });
    const front = await startFront({ ...sender, members: [backend.url] });
    const told = await ask(front.port);
    expect([told.status, told.body.equals(junk), told.headers['content-encoding']]).toEqual([
      200,
      true,
      'gzip, br, x-unknown',
    ]);
  });
});

describe.each(senders)('over %s, a status', (_name, sender) => {
  test('from 000 to 999 is passed on from 200, and told to be none below', async () => {
    const member = await startRawBackend((socket, head) => {
      const status = head.split(' ')[1]!.slice(1);
      const isFinal = Number(status) >= 200;
      socket.end(
        `HTTP/1.1 ${status} S\r\n${isFinal ? 'Connection: close\r\nContent-Length: 2\r\n' : ''}\r\n${isFinal ? 'ok' : ''}`,
      );
    });
    const front = await startFront({ ...sender, members: [{ url: member.url, timeout: '20s' }] });
    for (let from = 0; from < 1_000; from += 20) {
      const statuses = Array.from({ length: 20 }, (_, i) => from + i);
      const told = await Promise.all(
        statuses.map((status) =>
          ask(front.port, { method: 'POST', path: `/${String(status).padStart(3, '0')}` }),
        ),
      );
      expect(told.map(({ status }) => status)).toEqual(
        statuses.map((status) => (status < 200 ? 502 : status)),
      );
      expect(told.every(({ whole }) => whole)).toBe(true);
    }
  });
});
