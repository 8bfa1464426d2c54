import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { ask, hashOf, makeBody } from '../support/ask.ts';
import { deadUrl } from '../support/backend.ts';
import { startFaulty, startHasty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startHashing, startPair } from '../support/pair.ts';
import { startToldFront } from '../support/stories.ts';

const small = makeBody(1_000);
const large = makeBody(300_000);

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('a body that can be read only once arrives whole at the second member', () => {
    const eightMegabytes = makeBody(8 * 1024 * 1024);

    test.each([
      ['counted', false],
      ['chunked', true],
    ])('8 MB of a %s POST, after a refused connection', async (_framing, chunked) => {
      const healthy = await startHashing();
      const front = await startPair(await deadUrl(), healthy.url, sender);
      const told = await ask(front.port, { method: 'POST', body: eightMegabytes, chunked });
      expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(eightMegabytes)]);
      expect(healthy.begun).toHaveLength(1);
      expect(front.stories()).toEqual(['a connect ECONNREFUSED, b answered 200']);
    });

    test('a PUT that was reset while it was on its way', async () => {
      const hasty = await startHasty('resets the connection');
      const healthy = await startHashing();
      const front = await startPair(hasty.url, healthy.url, sender);
      const body = makeBody(60_000);
      for (const chunked of [false, true]) {
        const told = await ask(front.port, { method: 'PUT', body, chunked });
        expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(body)]);
      }
    });

    test('as long as replayBytes says', async () => {
      const faulty = await startFaulty('closes the connection');
      const healthy = await startHashing();
      const front = await startPair(faulty.url, healthy.url, { ...sender, replayBytes: 300_000 });
      const told = await ask(front.port, { method: 'PUT', body: large });
      expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(large)]);
      expect((await ask(front.port, { method: 'PUT', body: makeBody(300_001) })).status).toBe(502);
    });
  });

  test('a request that waits for 100 (Continue) loses nothing on its way to the second member', async () => {
    const healthy = await startHashing();
    const front = await startPair(await deadUrl(), healthy.url, sender);
    const told = await ask(front.port, { method: 'POST', body: small, headers: { Expect: '100-continue' } });
    expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(small)]);
  });

  test('a body that a parser has read moves at any size', async () => {
    const faulty = await startFaulty('closes the connection');
    const healthy = await startHashing();
    const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(300_000) }));
    const front = await startToldFront(
      { ...sender, members: [faulty.url, { url: healthy.url, lbset: 1 }] },
      { before: (app) => app.use(express.json({ limit: '1mb' })) },
    );
    const asked = { method: 'PUT', body, headers: { 'Content-Type': 'application/json' } };
    const told = await ask(front.port, asked);
    expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(body)]);
  });
});
