// First: what has been put around Node's `write` by the time that the balancer comes.
import { kept } from '../support/members/patch-write.ts';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../../support/backend.ts';
import { senders, startFront } from '../../support/front.ts';
import { makePattern, PatternReader } from '../../support/patterns.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

describe.each(senders)('over %s', (_name, sender) => {
  test('who has watched writes since before the balancer came keeps the bytes that were written, and holds nothing up', async () => {
    const content = makePattern(7, 12_000_000);
    const backend = await startBackend('b', (_req, res) => {
      res.end(content);
    });
    const front = await startFront(
      { ...sender, members: [backend.url] },
      {
        before: (app) =>
          app.use((_req, res, next) => {
            kept.of = res;
            kept.pieces = [];
            next();
          }),
      },
    );
    const req = request({ port: front.port, agent: false }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const reader = new PatternReader(content);
    for await (const chunk of res as AsyncIterable<Buffer>) {
      reader.read(chunk);
      for (let i = 0; i < 5; i += 1) await turn();
    }
    expect([reader.fault, reader.isWhole]).toEqual([undefined, true]);
    const watcher = new PatternReader(content);
    for (const piece of kept.pieces) watcher.read(piece);
    expect(kept.pieces.length).toBeGreaterThan(10);
    expect(watcher.fault).toBeUndefined();
  });
});
