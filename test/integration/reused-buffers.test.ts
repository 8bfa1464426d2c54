import { createHash, randomBytes } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { compress } from '../support/wrappers.ts';

/** More than the buffers of a connection take, so that slow clients are waited for; for each client from another place on. */
const whole = randomBytes(14_000_000);
const contents = Array.from({ length: 5 }, (_, i) => whole.subarray(100_003 * i));
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Reads a piece, then waits for `turns` turns of the loop, and so on. */
async function readSlowly(url: string, turns: number): Promise<string> {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  const hash = createHash('sha256');
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let i = 0; i < turns; i += 1) await new Promise(setImmediate);
  }
  return hash.digest('hex');
}

afterEach(tidyUp);

describe.each(senders)('long answers, carried by %s', (_name, carried) => {
  describe.each(['counted', 'chunked'])('%s', (kind) => {
    test.each([
      ['as they come', undefined],
      ['through middleware that compresses', compress],
    ])('reach each client whole, quick and slow ones at a time, %s', async (_how, before) => {
      const backend = await startBackend('b', (req, res) => {
        const content = contents[Number(req.url!.slice(1))]!;
        res.setHeader('Content-Type', 'image/png');
        if (kind === 'counted') res.setHeader('Content-Length', content.length);
        // Pieces of many sizes, so that they are cut at other places than they were written at.
        for (let at = 0; at < content.length;) {
          const piece = content.subarray(at, at + 1 + ((at * 7_919) % 70_000));
          res.write(piece);
          at += piece.length;
        }
        res.end();
      });
      const front = await startFront(
        { members: [backend.url], ...carried },
        before ? { before: (app) => app.use(before) } : {},
      );
      // Twice, so that connections are used again.
      for (const round of [1, 2]) {
        const digests = contents.map((_, i) => readSlowly(`${front.url}/${i}`, 10 * i * round));
        expect(await Promise.all(digests)).toEqual(contents.map(digestOf));
      }
    });
  });
});
