import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, askStatuses, makeBody } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('deadline', () => {
    test('ends a request that waits for its answer: 504', async () => {
      const time = stopTime();
      const silent = await startFaulty('stays silent');
      const other = await startBackend('b');
      const members = [
        { url: silent.url, route: 'a' },
        { url: other.url, lbset: 1 },
      ];
      const front = await startToldFront({ ...sender, deadline: '80ms', failontimeout: true, members });
      const asked = ask(front.port);
      await until(() => silent.begun.length === 1);
      time.pass(79);
      await settles(() => front.errors.length);
      expect(front.errors).toEqual([]);
      time.pass(1);
      expect(await asked).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
      expect(front.stories()).toEqual(['a deadline']);
      // No fault of the member: it had less than its own timeout.
      expect(front.member('a').status).toBe('');
      expect(other.begun).toEqual([]);
    });

    test('counts all attempts together', async () => {
      const time = stopTime();
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
      const asked = ask(front.port);
      await until(() => silent.begun.length === 1);
      time.pass(70);
      await until(() => next.begun.length === 1);
      time.pass(50);
      expect(await asked).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
      expect(front.stories()).toEqual([expect.stringMatching(/^a timeout\b.*, b deadline$/)]);
    });

    test('cuts an answer that drips, with a warning', async () => {
      const time = stopTime();
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
        deadline: '1s',
        members: [{ url: drip.url, route: 'a' }],
      });
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      await until(() => drip.begun.length === 1);
      time.pass(10);
      expect((await client.readHead()).status).toBe(200);
      expect(await client.readBytes(6)).toBe('1\r\n.\r\n');
      time.pass(990);
      const rest = await client.readRest();
      expect(rest).not.toMatch(/^0\r\n/m);
      expect(warnings).toEqual([expect.stringContaining(drip.url)]);
      expect(front.stories()).toEqual(['a deadline 200']);
      expect(front.errors).toEqual([]);
    });

    test('ends an upload that drips', async () => {
      const time = stopTime();
      const backend = await startBackend('a');
      const front = await startToldFront({ ...sender, deadline: '80ms', members: [backend.url] });
      const client = await RawClient.connect(front.port);
      client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 100']);
      const timer = setInterval(() => client.write('.'), 10);
      try {
        await until(() => front.stories().length === 1);
        time.pass(10);
        await until(() => backend.begun.length === 1);
        time.pass(70);
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
    const time = stopTime();
    const silent = await startFaulty('stays silent');
    const front = await startToldFront({ ...sender, members: [{ url: silent.url, timeout: '100ms' }] });
    const asked = ask(front.port);
    await until(() => silent.begun.length === 1);
    time.pass(99);
    await settles(() => front.errors.length);
    expect(front.errors).toEqual([]);
    time.pass(1);
    expect((await asked).status).toBe(504);
  });
});
