import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('maxattempts', () => {
    async function startDead(
      count: number,
      definition: Partial<BalancerDefinition>,
    ): ReturnType<typeof startToldFront> {
      const urls = await Promise.all(Array.from({ length: count }, deadUrl));
      return startToldFront({
        ...sender,
        ...definition,
        members: urls.map((url, i) => ({ url, route: 'abcd'[i]! })),
      });
    }
    const rows: readonly (readonly [members: number, maxattempts: number | undefined, tried: string])[] = [
      [1, undefined, 'a'],
      [3, undefined, 'a b c'],
      [3, 0, 'a'],
      [3, 1, 'a b'],
      [3, 2, 'a b c'],
      [1, 2, 'a a a'],
      // A second round begins; who is next in it, the method says.
      [2, 3, 'a b b a'],
    ];
    test.each(rows)('%i members, %s: %s', async (members, maxattempts, tried) => {
      const front = await startDead(members, maxattempts === undefined ? {} : { maxattempts });
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
      const names = front.errors[0]!.attempts.map(({ name }) => name);
      expect(names.join(' ')).toBe(tried);
    });

    test('an again on a fresh connection is no further attempt', async () => {
      const seen = new Set<number>();
      const killer = await startBackend('a', (req, res, { connection }) => {
        if (seen.has(connection)) req.socket.resetAndDestroy();
        else res.end('a');
        seen.add(connection);
      });
      const front = await startToldFront({
        ...sender,
        maxattempts: 0,
        members: [{ url: killer.url, route: 'a' }],
      });
      expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
      expect(front.stories()[1]).toMatch(/^a reset \w+, a again answered 200$/);
    });

    test('applies to requests that may have been executed as well', async () => {
      const faulty = await startFaulty('closes the connection');
      const healthy = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        maxattempts: 0,
        members: [faulty.url, { url: healthy.url, lbset: 1 }],
      });
      expect((await ask(front.port)).status).toBe(502);
      expect(healthy.begun).toEqual([]);
    });
  });

  describe('the retry budget', () => {
    // It counts the traffic of ten seconds.
    beforeEach(() => {
      stopTime();
    });

    test('lets a burst of ten be sent again, then none until there is more traffic', async () => {
      const faulty = await startFaulty('resets the connection');
      const healthy = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: faulty.url, route: 'a' },
          { url: healthy.url, route: 'b', lbset: 1 },
        ],
      });
      expect(await askStatuses(front.port, 12)).toEqual([...Array<number>(10).fill(200), 502, 502]);
      expect(front.stories()[10]).toMatch(/^a reset \w+$/);
    });

    test('keeps what is sent again within 20 % of the requests', async () => {
      const faulty = await startFaulty('resets the connection');
      const healthy = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [faulty.url, { url: healthy.url, lbset: 1 }],
      });
      for (let asked = 1; asked <= 200; asked += 1) {
        await ask(front.port);
        expect(faulty.begun).toHaveLength(asked);
        expect(healthy.begun.length).toBeLessThanOrEqual(Math.max(10, asked * 0.2));
      }
      expect(healthy.begun).toHaveLength(40);
    });

    test('does not count what has not left for a member', async () => {
      const healthy = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: await deadUrl(), retry: 0 },
          { url: healthy.url, lbset: 1 },
        ],
      });
      expect(new Set(await askStatuses(front.port, 40, { method: 'POST' }))).toEqual(new Set([200]));
      expect(front.balancer.view()[0]).toMatchObject({ elected: 40 });
    });

    test('an answer that failoverOn lists is relayed when it is used up', async () => {
      const busy = await startBackend('a', (_req, res) => {
        res.writeHead(503).end('busy');
      });
      const healthy = await startBackend('b');
      const members = [busy.url, { url: healthy.url, lbset: 1 }];
      const front = await startToldFront({ ...sender, failoverOn: [503], members });
      expect(await askStatuses(front.port, 11)).toEqual([...Array<number>(10).fill(200), 503]);
      expect(front.errors).toEqual([]);
    });
  });
});
