import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, askStatuses, makeBody } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('deadline', () => {
    test('ends a request that waits for its answer: 504', async () => {
      const silent = await startFaulty('stays silent');
      const other = await startBackend('b');
      const members = [
        { url: silent.url, route: 'a' },
        { url: other.url, lbset: 1 },
      ];
      const front = await startToldFront({ ...sender, deadline: '80ms', failontimeout: true, members });
      const begun = performance.now();
      expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
      expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
      expect(front.stories()).toEqual(['a deadline']);
      // No fault of the member: it had less than its own timeout.
      expect(front.member('a').status).toBe('');
      expect(other.begun).toEqual([]);
    });

    test('counts all attempts together', async () => {
      const silent = await startFaulty('stays silent');
      const next = await startFaulty('stays silent');
      const front = await startToldFront({
        ...sender,
        deadline: '120ms',
        memberDefaults: { timeout: '70ms' },
        members: [
          { url: silent.url, route: 'a' },
          { url: next.url, route: 'b', lbset: 1 },
        ],
      });
      expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
      expect(front.stories()).toEqual([expect.stringMatching(/^a timeout\b.*, b deadline$/)]);
    });

    test('cuts an answer that drips, with a warning', async () => {
      const drip = await startBackend('drip', (_req, res) => {
        const timer = setInterval(() => res.write('.'), 10);
        res.on('close', () => {
          clearInterval(timer);
        });
      });
      const warnings: string[] = [];
      const logger = {
        info: () => undefined,
        error: () => undefined,
        warn: (text: string) => warnings.push(text),
      };
      const front = await startToldFront({
        ...sender,
        logger,
        // Longer than any pause of a machine under load: the head must have come before.
        deadline: '1s',
        members: [{ url: drip.url, route: 'a' }],
      });
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      expect((await client.readHead()).status).toBe(200);
      const rest = await client.readRest();
      expect(rest).toContain('.');
      expect(rest).not.toMatch(/^0\r\n/m);
      expect(warnings).toEqual([expect.stringContaining(drip.url)]);
      expect(front.stories()).toEqual(['a deadline 200']);
      expect(front.errors).toEqual([]);
    });

    test('ends an upload that drips', async () => {
      const backend = await startBackend('a');
      const front = await startToldFront({ ...sender, deadline: '80ms', members: [backend.url] });
      const client = await RawClient.connect(front.port);
      client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 100']);
      const timer = setInterval(() => client.write('.'), 10);
      try {
        expect((await client.readHead()).status).toBe(504);
        expect(backend.received).toEqual([]);
      } finally {
        clearInterval(timer);
      }
    });

    test('ends a wait for a member', async () => {
      const front = await startToldFront({
        ...sender,
        deadline: '50ms',
        timeout: '10s',
        members: [{ url: await deadUrl(), status: 'D' }],
      });
      expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
    });

    test('leaves alone what ends in time', async () => {
      const backend = await startBackend('a');
      const front = await startToldFront({ ...sender, deadline: '1m', members: [backend.url] });
      expect(await askStatuses(front.port, 3, { method: 'POST', body: makeBody(10) })).toEqual([
        200, 200, 200,
      ]);
    });
  });

  test('a timeout is as long as it says', async () => {
    const silent = await startFaulty('stays silent');
    const front = await startToldFront({ ...sender, members: [{ url: silent.url, timeout: '100ms' }] });
    const begun = performance.now();
    expect((await ask(front.port)).status).toBe(504);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
    expect(performance.now() - begun).toBeLessThan(400);
  });
});
