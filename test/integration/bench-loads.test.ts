import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { openEchoes } from '../../bench/load/echo.ts';
import { openSlowReaders } from '../../bench/load/slow-readers.ts';
import { download, upload } from '../../bench/load/transfers.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function startServer(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const mib = 1_048_576;

function send(res: ServerResponse, told: number, bytes = told): void {
  res.writeHead(200, { 'Content-Length': told });
  res.write(Buffer.alloc(bytes), () => {
    if (bytes === told) res.end();
    else res.destroy();
  });
}

describe('transfers', () => {
  test('count every byte that came, or went, in each direction', async () => {
    const received: number[] = [];
    const port = await startServer((req, res) => {
      if (req.method === 'GET') {
        send(res, 3 * mib);
        return;
      }
      let bytes = 0;
      req.on('data', (chunk: Buffer) => (bytes += chunk.length));
      req.on('end', () => {
        received.push(bytes);
        res.end('ok');
      });
    });
    const options = { path: '/', bytes: 3 * mib, parallel: 2, durationMs: 0 };

    expect(await download(port, options)).toMatchObject({ mib: 6, transfers: 2, failed: 0 });
    expect(await upload(port, options)).toMatchObject({ mib: 6, transfers: 2, failed: 0 });
    expect(received).toEqual([3 * mib, 3 * mib]);
  });

  test.each<[string, (req: IncomingMessage, res: ServerResponse) => void]>([
    [
      'is cut off',
      (_req, res) => {
        send(res, 3 * mib, mib);
      },
    ],
    [
      'is shorter than it has to be',
      (_req, res) => {
        send(res, mib);
      },
    ],
    ['is refused', (_req, res) => res.writeHead(502).end('no member')],
  ])('tell a download as failed that %s', async (_what, answer) => {
    const port = await startServer(answer);
    const figures = await download(port, { path: '/', bytes: 3 * mib, parallel: 1, durationMs: 0 });
    expect(figures).toMatchObject({ mib: 0, transfers: 1, failed: 1 });
  });

  test('tell an upload as failed that was answered before it was over', async () => {
    const port = await startServer((_req, res) => res.end('ok'));
    const figures = await upload(port, { path: '/', bytes: 100 * mib, parallel: 1, durationMs: 0 });
    expect(figures).toMatchObject({ mib: 0, transfers: 1, failed: 1 });
  });
});

describe('echoes', () => {
  /** What it sends back of a message, and how many there were of each length. */
  async function startEcho(back: (message: Buffer) => Buffer): Promise<{ port: number; lengths: number[] }> {
    const lengths: number[] = [];
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (message: Buffer) => {
        lengths.push(message.length);
        socket.send(back(message));
      });
    });
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, lengths };
  }

  test('say messages of 64 and 1,024 bytes in turn, one after the other has come back', async () => {
    const { port, lengths } = await startEcho((message) => message);
    const echoes = await openEchoes(port, '/', 1);

    const first = await echoes.speak(50);
    const second = await echoes.speak(50);
    echoes.close();

    expect([first.failed, second.failed]).toEqual([0, 0]);
    // The last of each time comes back when its time is over.
    expect(lengths.length - first.messages - second.messages).toBe(2);
    expect(lengths.every((length, i) => length === (i % 2 === 0 ? 64 : 1_024))).toBe(true);
  });

  test('tell a connection as failed on which another message comes back', async () => {
    const { port } = await startEcho((message) => Buffer.alloc(message.length));
    const echoes = await openEchoes(port, '/', 3);
    expect(await echoes.speak(60_000)).toMatchObject({ messages: 0, failed: 3 });
  });

  test('are not opened where the handshake is refused', async () => {
    const port = await startServer((_req, res) => res.end());
    await expect(openEchoes(port, '/', 1)).rejects.toThrow('the handshake is answered "HTTP/1.1 200 OK');
  });
});

describe('slow readers', () => {
  test('stop reading until they sip, and get every byte in the end', async () => {
    const answers: ServerResponse[] = [];
    const port = await startServer((_req, res) => {
      answers.push(res);
      send(res, 20 * mib);
    });

    const readers = await openSlowReaders(port, { path: '/', bytes: 20 * mib, count: 3 });
    await readers.sip();
    // Time enough for those who would read on.
    await download(port, { path: '/', bytes: 20 * mib, parallel: 1, durationMs: 0 });

    // It is more than what two connections' buffers hold.
    expect(answers.map((res) => res.writableFinished)).toEqual([false, false, false, true]);
    expect(await readers.drain()).toEqual({ whole: 3, broken: 0 });
  });

  test('tell who was cut off', async () => {
    const answers: ServerResponse[] = [];
    const port = await startServer((_req, res) => {
      answers.push(res);
      send(res, 20 * mib);
    });
    const readers = await openSlowReaders(port, { path: '/', bytes: 20 * mib, count: 3 });

    answers[1]!.destroy();

    expect(await readers.drain()).toEqual({ whole: 2, broken: 1 });
  });

  test('fail where they are not answered at all', async () => {
    const port = await startServer((_req, res) => res.destroy());
    const opened = openSlowReaders(port, { path: '/', bytes: mib, count: 3 });
    await expect(opened).rejects.toThrow('cut off');
  });
});
