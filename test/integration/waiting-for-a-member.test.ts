import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition, Duration } from '../../src/index.ts';
import { ask, makeBody } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { watchQueue } from '../support/queue.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('the balancer’s timeout', () => {
    // E24 of the reference.
    test('E24: is how long a request waits for a member when there is none', async () => {
      const front = await startToldFront({
        ...sender,
        timeout: '120ms',
        members: [{ url: await deadUrl(), status: 'D' }],
      });
      const begun = performance.now();
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
      expect(performance.now() - begun).toBeGreaterThanOrEqual(119);
      expect(front.stories()).toEqual(['']);
    });

    test('without it nobody waits', async () => {
      const front = await startToldFront({ ...sender, members: [{ url: await deadUrl(), status: 'D' }] });
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
    });

    test('a request that waits is served as soon as a member is due again', async () => {
      const time = stopTime();
      const backend = await startBackend('a');
      const front = await startToldFront({
        ...sender,
        timeout: '5s',
        forcerecovery: false,
        members: [{ url: backend.url, route: 'a', retry: '100ms' }],
      });
      await backend.stop();
      expect((await ask(front.port)).status).toBe(503);
      await backend.start();
      const queue = watchQueue(front);
      const body = makeBody(100_000);
      const asked = [ask(front.port, { method: 'POST', body }), ask(front.port), ask(front.port)];
      await queue.untilWaiting(3);
      time.pass(100);
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(backend.received.map((each) => each.body.length).sort()).toEqual([0, 0, 100_000]);
      expect(front.member('a').status).toBe('');
    });

    test('a request that waits with the others is told when the one that tried has failed', async () => {
      const front = await startToldFront({
        ...sender,
        timeout: '150ms',
        forcerecovery: false,
        members: [{ url: await deadUrl(), route: 'a', retry: '60ms' }],
      });
      expect((await ask(front.port)).status).toBe(503);
      const told = await Promise.all([ask(front.port), ask(front.port), ask(front.port)]);
      expect(told.map(({ status }) => status)).toEqual([503, 503, 503]);
    });
  });

  describe('Retry-After', () => {
    type Row = readonly [
      why: string,
      retries: readonly Duration[],
      definition: Partial<BalancerDefinition>,
      expected: string | undefined,
    ];
    const rows: readonly Row[] = [
      ['the default of a member', [], {}, '60'],
      ['the earliest of all', [40, '25s', '2m'], {}, '25'],
      ['at least a second', ['100ms'], {}, '1'],
      ['a second for no time at all', [0], {}, '1'],
      ['rounded up', ['1500ms'], {}, '2'],
    ];
    test.each(rows)('says when a member is due again: %s', async (_why, retries, definition, expected) => {
      stopTime();
      const parameters = retries.length === 0 ? [{}] : retries.map((retry) => ({ retry }));
      const members = await Promise.all(parameters.map(async (each) => ({ url: await deadUrl(), ...each })));
      const front = await startToldFront({ ...sender, ...definition, members });
      expect((await ask(front.port)).headers['retry-after']).toBe(expected);
    });

    test('is told to those who find nobody usable as well', async () => {
      stopTime();
      const members = [{ url: await deadUrl(), retry: 30 }];
      const front = await startToldFront({ ...sender, forcerecovery: false, members });
      expect((await ask(front.port)).code).toBe('ERR_BALANCER_CONNECT');
      expect(await ask(front.port)).toMatchObject({
        status: 503,
        code: 'ERR_BALANCER_NO_MEMBER',
        headers: { 'retry-after': '30' },
      });
    });

    test('is left out where no time is known, and on 502 and 504', async () => {
      const disabled = await startToldFront({ ...sender, members: [{ url: await deadUrl(), status: 'D' }] });
      expect((await ask(disabled.port)).headers['retry-after']).toBeUndefined();
      const faulty = await startFaulty('closes the connection');
      const broken = await startToldFront({ ...sender, members: [faulty.url] });
      expect(await ask(broken.port)).toMatchObject({ status: 502, headers: {} });
      expect((await ask(broken.port)).headers['retry-after']).toBeUndefined();
    });
  });
});
