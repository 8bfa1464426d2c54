import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { RequestHandler } from 'express';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { makePattern, PatternReader } from '../support/patterns.ts';

/** More than the buffers of two connections take. */
const length = 12_000_000;
const contents = [1, 2].map((id) => makePattern(id, length));

afterEach(tidyUp);

const passOn: RequestHandler = (_req, _res, next) => {
  next();
};

const handlers: Readonly<Record<string, RequestHandler>> = {
  'a response that is corked again and again': (_req, res, next) => {
    let isCorked = false;
    const toggle = (): void => {
      if (isCorked) res.uncork();
      else if (!res.destroyed) res.cork();
      isCorked = !isCorked;
      if (isCorked || !res.writableEnded) setImmediate(toggle);
    };
    toggle();
    next();
  },
  'a response that says too early that it takes more': (_req, res, next) => {
    const say = (): void => {
      res.emit('drain');
      if (!res.closed) setImmediate(say);
    };
    say();
    next();
  },
};

async function startWith(sender: object, before: RequestHandler, kind: string): Promise<Front> {
  const backend = await startBackend('b', (req, res) => {
    const content = contents[Number(req.url!.slice(1))]!;
    if (kind === 'counted') res.setHeader('Content-Length', content.length);
    res.write(content);
    res.end();
  });
  return startFront({ ...sender, members: [backend.url] }, { before: (app) => app.use(before) });
}

/** Reads an answer, and stops for some turns of the loop before each piece. */
async function readSlowly(front: Front, id: number): Promise<PatternReader> {
  const req = request({ port: front.port, path: `/${id}`, agent: false }).end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  const reader = new PatternReader(contents[id]!);
  for await (const chunk of res as AsyncIterable<Buffer>) {
    reader.read(chunk);
    for (let i = 0; i < 5 * (id + 1); i += 1) await turn();
  }
  return reader;
}

describe.each(senders)('over %s, long answers reach slow clients whole through', (_name, sender) => {
  describe.each(['counted', 'chunked'])('%s', (kind) => {
    test.each(Object.keys(handlers))('%s', async (what) => {
      const front = await startWith(sender, handlers[what]!, kind);
      const readers = await Promise.all([readSlowly(front, 0), readSlowly(front, 1)]);
      expect(readers.map(({ fault }) => fault)).toEqual([undefined, undefined]);
      expect(readers.map(({ isWhole }) => isWhole)).toEqual([true, true]);
    });
  });

  test.each(['', 'X-T: 1\r\n'])(
    'a response that is corked up to its end, with trailers: %j',
    async (trailers) => {
      const member = await startRawBackend((socket) => {
        const pieces = ['4\r\nHTTP', '\r\n2\r\n/1', '\r\n0\r\n', `${trailers}\r\n`];
        socket.write('HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n');
        const writeNext = (): void => {
          const piece = pieces.shift();
          if (piece !== undefined) socket.write(piece, () => setImmediate(writeNext));
        };
        writeNext();
      });
      const cork: RequestHandler = (_req, res, next) => {
        res.cork();
        next();
      };
      const front = await startFront(
        { ...sender, members: [member.url] },
        { before: (app) => app.use(cork) },
      );
      const client = await RawClient.connect(front.port);
      for (let i = 0; i < 3; i += 1) {
        const { status, body } = await client.ask(['GET / HTTP/1.1', 'Host: f']);
        expect([status, body]).toEqual([200, 'HTTP/1']);
      }
    },
  );

  test('a connection within the process, whose other end keeps what it was handed', async () => {
    const front = await startWith(sender, passOn, 'counted');
    const [here, there] = duplexPair();
    front.server.emit('connection', there);
    const pieces: Buffer[] = [];
    let bytes = 0;
    here.on('data', (chunk: Buffer) => {
      pieces.push(chunk);
      bytes += chunk.length;
      if (bytes > length) here.destroy();
    });
    here.write('GET /0 HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n');
    await once(here, 'close');
    there.destroy();
    const all = Buffer.concat(pieces);
    const reader = new PatternReader(contents[0]!);
    reader.read(all.subarray(all.indexOf('\r\n\r\n') + 4));
    expect([reader.fault, reader.isWhole]).toEqual([undefined, true]);
  });
});
