import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, hashOf, makeBody, type Told } from '../support/ask.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startHashing } from '../support/pair.ts';
import { passWhileWaiting, watchQueue } from '../support/queue.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

function statusesOf(told: readonly Told[]): readonly number[] {
  return told.map(({ status }) => status);
}

/** How often a backend was asked for each path. */
function countsOf({ begun }: Backend): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of begun) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

describe.each(senders)('%s: hold', (_sender, sender) => {
  describe('over a single member that restarts', () => {
    test('lets no GET fail, and no POST that has not left, under a loop of them', async () => {
      const backend = await startBackend('a');
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: backend.url, route: 'a' }],
      });
      let isOver = false;
      const failed: string[] = [];
      const answered = new Set<string>();
      let count = 0;
      const loop = async (method: string): Promise<void> => {
        while (!isOver) {
          const path = `/${count++}`;
          const told = await ask(
            front.port,
            method === 'GET' ? { path } : { path, method, body: makeBody(100) },
          );
          if (told.status === 200) answered.add(`${method} ${path}`);
          else failed.push(`${method} ${path} ${told.code}`);
        }
      };
      const loops = ['GET', 'GET', 'GET', 'POST', 'POST', 'POST'].map(loop);
      for (let restarts = 1; restarts <= 3; restarts += 1) {
        await until(() => backend.received.length >= restarts * 30);
        await backend.stop();
        await until(() => front.member('a').inError);
        await backend.start();
        await until(() => !front.member('a').inError);
      }
      isOver = true;
      await Promise.all(loops);
      // A connection that ends under a POST leaves open whether it was executed.
      for (const line of failed) expect(line).toMatch(/^POST \/\d+ ERR_BALANCER_RESET$/);
      const counts = countsOf(backend);
      const twice = [...counts].filter(([line, times]) => line.startsWith('POST') && times > 1);
      expect(twice).toEqual([]);
      for (const line of answered) expect(counts.has(line)).toBe(true);
    });

    test.each(['GET', 'POST'])('keeps a %s that has surely not been sent, whole', async (method) => {
      const hashing = await startHashing();
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: hashing.url, route: 'b' }],
      });
      await hashing.stop();
      const body = makeBody(1_000_000);
      const queue = watchQueue(front);
      const asked = ask(front.port, { method, body });
      await queue.untilWaiting(1);
      await hashing.start();
      expect(await asked).toMatchObject({ status: 200, headers: { 'x-hash': hashOf(body) } });
      expect(hashing.begun).toEqual([`${method} /`]);
      expect(front.stories()).toEqual(['b connect ECONNREFUSED, b answered 200']);
      expect(queue.lines()).toEqual(['waiting unusable', 'served unusable']);
      expect(front.member('b').inError).toBe(false);
    });

    test('gives up a POST that may have been executed, at once', async () => {
      const backend = await startFaulty('resets the connection');
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: backend.url, route: 'a' }],
      });
      const queue = watchQueue(front);
      expect(await ask(front.port, { method: 'POST', body: makeBody(10) })).toMatchObject({
        status: 502,
        code: 'ERR_BALANCER_RESET',
      });
      expect(backend.begun).toEqual(['POST /']);
      expect(queue.events).toEqual([]);
    });

    test('tries connections, not requests: each is sent once, to the one that is up again', async () => {
      const backend = await startBackend('a');
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: backend.url, route: 'a' }],
      });
      await backend.stop();
      const queue = watchQueue(front);
      const all = Array.from({ length: 30 }, (_, i) =>
        ask(front.port, { path: `/${i}`, method: i % 2 === 0 ? 'GET' : 'POST' }),
      );
      await queue.untilWaiting(30);
      const { elected } = front.member('a');
      await backend.start();
      expect(new Set(statusesOf(await Promise.all(all)))).toEqual(new Set([200]));
      expect(new Set(countsOf(backend).values())).toEqual(new Set([1]));
      expect(backend.begun).toHaveLength(30);
      // Those who waited were sent once each: no request was the first to find the member up.
      expect(front.member('a').elected).toBe(elected + 30);
    });

    test('serves those who come while it is down as well, and is over with the first connection', async () => {
      const backend = await startBackend('a');
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: backend.url, route: 'a' }],
      });
      await backend.stop();
      const queue = watchQueue(front);
      const first = ask(front.port);
      await queue.untilWaiting(1);
      const late = ask(front.port, { method: 'POST', path: '/late' });
      await queue.untilWaiting(2);
      await backend.start();
      expect(statusesOf(await Promise.all([first, late]))).toEqual([200, 200]);
      // It never had an attempt that failed.
      expect(front.stories()[1]).toBe('a answered 200');
      expect(queue.waiting()).toBe(0);
    });

    test('keeps to max when all go at once', async () => {
      const backend = await startHolding('a');
      backend.open();
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: backend.url, route: 'a', max: 2 }],
      });
      await backend.stop();
      const queue = watchQueue(front);
      const all = Array.from({ length: 20 }, (_, i) => ask(front.port, { path: `/${i}` }));
      await queue.untilWaiting(20);
      await backend.start();
      expect(new Set(statusesOf(await Promise.all(all)))).toEqual(new Set([200]));
      expect(backend.most()).toBe(2);
      expect(backend.begun).toHaveLength(20);
    });
  });

  describe('lasts as long as it says', () => {
    test.each([
      ['and ends with the failure', 60, 'ERR_BALANCER_CONNECT'],
      ['also where the member is tried again all the time', 0, 'ERR_BALANCER_CONNECT'],
    ])('%s', async (_what, retry, code) => {
      const time = stopTime();
      const front = await startToldFront({
        ...sender,
        hold: '250ms',
        members: [{ url: await deadUrl(), route: 'a', retry }],
      });
      const asked = ask(front.port);
      const took = await passWhileWaiting(time, watchQueue(front), [asked]);
      expect(await asked).toMatchObject({ status: 503, code });
      expect(took).toBe(250);
    });

    test('and ends in 503 for those who have never been tried', async () => {
      const front = await startToldFront({
        ...sender,
        hold: '150ms',
        members: [
          { url: await deadUrl(), route: 'a', status: 'E' },
          { url: 'http://127.0.0.1:7', status: 'D' },
        ],
      });
      await ask(front.port);
      const begun = performance.now();
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
      expect(performance.now() - begun).toBeGreaterThanOrEqual(149);
      expect(front.stories()[1]).toBe('');
    });

    test('ends with close, for each', async () => {
      const front = await startToldFront({ ...sender, hold: '20s', members: [await deadUrl()] });
      const queue = watchQueue(front);
      const all = [ask(front.port), ask(front.port, { method: 'POST', body: makeBody(1_000) })];
      await queue.untilWaiting(2);
      await front.balancer.close();
      expect((await Promise.all(all)).map(({ code }) => code)).toEqual([
        'ERR_BALANCER_CLOSED',
        'ERR_BALANCER_CLOSED',
      ]);
      expect(queue.waiting()).toBe(0);
    });

    test('ends with a client that leaves', async () => {
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [{ url: await deadUrl(), route: 'a' }],
      });
      const queue = watchQueue(front);
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      await queue.untilWaiting(1);
      client.socket.destroy();
      await until(() => queue.waiting() === 0);
      expect(front.errors).toEqual([]);
      expect(front.stories()).toEqual(['a connect ECONNREFUSED']);
    });

    test('ends with the deadline', async () => {
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        deadline: '150ms',
        members: [await deadUrl()],
      });
      expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
    });
  });

  describe('over several members', () => {
    test('is for when all are down; the first that listens gets everybody', async () => {
      const [a, b] = [await startBackend('a'), await startBackend('b')];
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        members: [
          { url: a.url, route: 'a' },
          { url: b.url, route: 'b' },
        ],
      });
      await a.stop();
      expect((await ask(front.port)).text).toBe('b');
      expect((await ask(front.port)).text).toBe('b');
      await b.stop();
      const queue = watchQueue(front);
      const all = Array.from({ length: 6 }, (_, i) =>
        ask(front.port, { path: `/${i}`, method: i % 2 === 0 ? 'GET' : 'POST' }),
      );
      await queue.untilWaiting(6);
      await a.start();
      expect((await Promise.all(all)).map(({ text }) => text)).toEqual(Array(6).fill('a'));
      expect(front.member('b').inError).toBe(true);
      expect(a.begun).toHaveLength(6);
    });

    test('waits for a session’s own where nofailover is on, and not for others', async () => {
      const [a, b] = [await startBackend('a'), await startBackend('b')];
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        nofailover: true,
        stickysession: 'S',
        members: [
          { url: a.url, route: 'a' },
          { url: b.url, route: 'b' },
        ],
      });
      await a.stop();
      const queue = watchQueue(front);
      const bound = { headers: { Cookie: 'S=x.a' } };
      const tried = ask(front.port, { ...bound, method: 'POST', path: '/tried' });
      await queue.untilWaiting(1);
      const untried = ask(front.port, { ...bound, path: '/untried' });
      await queue.untilWaiting(2);
      expect((await ask(front.port)).text).toBe('b');
      await a.start();
      expect([(await tried).text, (await untried).text]).toEqual(['a', 'a']);
      expect([...a.begun].sort()).toEqual(['GET /untried', 'POST /tried']);
    });

    test('with nofailover ends in 503 when the session’s own does not come back', async () => {
      const b = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        hold: '150ms',
        nofailover: true,
        stickysession: 'S',
        members: [
          { url: await deadUrl(), route: 'a', retry: 60 },
          { url: b.url, route: 'b' },
        ],
      });
      const bound = { headers: { Cookie: 'S=x.a' } };
      expect(await ask(front.port, bound)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
      expect(await ask(front.port, bound)).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_FAILOVER' });
      expect(b.begun).toEqual([]);
    });

    test('does not bring back by a connection who failed otherwise, while others are merely full', async () => {
      const b = await startHolding('b');
      const a = await startBackend('a', (_req, res) => res.writeHead(500).end('a'));
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        failonstatus: 500,
        members: [
          { url: a.url, route: 'a', loadfactor: 2 },
          { url: b.url, route: 'b', max: 1 },
        ],
      });
      expect((await ask(front.port)).status).toBe(500);
      const queue = watchQueue(front);
      const all = [ask(front.port), ask(front.port)];
      await queue.untilWaiting(1);
      const begun = performance.now();
      // More than twice the time in which a member that is awaited would be connected to.
      await until(() => performance.now() - begun > 600);
      expect(a.connections()).toBe(1);
      expect(front.member('a').inError).toBe(true);
      b.open();
      expect(statusesOf(await Promise.all(all))).toEqual([200, 200]);
    });
  });

  describe('over a member that listens and does not serve', () => {
    test('does not spin on one that resets: it pauses longer each time', async () => {
      const time = stopTime();
      const backend = await startFaulty('resets the connection');
      const front = await startToldFront({
        ...sender,
        hold: '800ms',
        members: [{ url: backend.url, route: 'a' }],
      });
      const asked = ask(front.port);
      const took = await passWhileWaiting(time, watchQueue(front), [asked]);
      expect(await asked).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
      expect(took).toBe(800);
      // At 0, 100, 300, 700 and, for the last time, 800 ms.
      expect(backend.begun).toHaveLength(5);
    });

    test('tries again when the process stands still until its pause is over', async () => {
      const time = stopTime();
      const backend = await startFaulty('resets the connection');
      const front = await startToldFront({
        ...sender,
        hold: '800ms',
        members: [{ url: backend.url, route: 'a' }],
      });
      const stopListening = front.balancer.on('attempt', () => {
        stopListening();
        time.pass(150);
      });
      const asked = ask(front.port);
      await passWhileWaiting(time, watchQueue(front), [asked]);
      await asked;
      // At 0, 160, 360, 760 and 800 ms.
      expect(backend.begun).toHaveLength(5);
    });

    test('takes what it sends again from the budget of all', async () => {
      const time = stopTime();
      const backend = await startFaulty('resets the connection');
      const front = await startToldFront({
        ...sender,
        hold: '500ms',
        members: [{ url: backend.url, route: 'a' }],
      });
      const queue = watchQueue(front);
      const asked = Array.from({ length: 20 }, () => ask(front.port));
      await passWhileWaiting(time, queue, asked);
      const told = await Promise.all(asked);
      expect(new Set(statusesOf(told))).toEqual(new Set([502]));
      expect(backend.begun).toHaveLength(30);
    });

    test('serves a GET when one that was in error by failontimeout answers again', async () => {
      let isStuck = true;
      const backend = await startBackend('a', (_req, res) => {
        if (!isStuck) res.end('a');
      });
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        failontimeout: true,
        members: [{ url: backend.url, route: 'a', timeout: '80ms', connectiontimeout: '20s' }],
      });
      const queue = watchQueue(front);
      const get = ask(front.port);
      await queue.untilWaiting(1);
      expect(front.member('a').inError).toBe(true);
      isStuck = false;
      expect((await get).text).toBe('a');
      expect(front.stories()[0]).toMatch(/^(a timeout( \w+)?, )+a answered 200$/);
      expect(front.member('a').inError).toBe(false);
    });

    test('tells a POST of the timeout, at once', async () => {
      const backend = await startFaulty('stays silent');
      const front = await startToldFront({
        ...sender,
        hold: '20s',
        failontimeout: true,
        members: [{ url: backend.url, route: 'a', timeout: '80ms', connectiontimeout: '20s' }],
      });
      expect(await ask(front.port, { method: 'POST' })).toMatchObject({
        status: 504,
        code: 'ERR_BALANCER_TIMEOUT',
      });
      expect(backend.begun).toEqual(['POST /']);
    });
  });
});
