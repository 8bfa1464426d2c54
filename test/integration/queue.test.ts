import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask, hashOf, makeBody, type Told } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { senders, type FrontOptions } from '../support/front.ts';
import { startHolding, type Holding } from '../support/holding.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { startHashing } from '../support/pair.ts';
import { watchQueue, type QueueLog } from '../support/queue.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import {
  askToSwitch,
  closeWebSockets,
  openWebSocket,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

describe.each(senders)('%s: the queue', (_sender, sender) => {
  /** A member that serves one request at a time, and what is told of those that wait for it. */
  type Counter = Readonly<{
    backend: Holding;
    front: ToldFront;
    queue: QueueLog;
    /** Paths in the order in which the requests reached the balancer. */
    arrived: readonly string[];
    /** `waitedMs` of the request of this path. */
    waitedMs(path: string): number;
  }>;

  async function startCounter(
    definition: Partial<BalancerDefinition> = {},
    options: FrontOptions = {},
  ): Promise<Counter> {
    const backend = await startHolding('a');
    const arrived: string[] = [];
    const facts = new Map<string, () => number | undefined>();
    const front = await startToldFront(
      { ...sender, members: [{ url: backend.url, route: 'a', max: 1 }], ...definition },
      {
        ...options,
        before(app) {
          options.before?.(app);
          app.use((req, _res, next) => {
            arrived.push(req.url);
            facts.set(req.url, () => req.balancer?.waitedMs);
            next();
          });
        },
      },
    );
    return {
      backend,
      front,
      queue: watchQueue(front),
      arrived,
      waitedMs: (path) => facts.get(path)?.() ?? NaN,
    };
  }

  /** So many requests, each sent when the one before it waits, or is served. */
  async function lineUp({ backend, front, queue }: Counter, count: number): Promise<Promise<Told>[]> {
    const all: Promise<Told>[] = [];
    for (let i = 0; i < count; i += 1) {
      all.push(ask(front.port, { path: `/${i}` }));
      await (i === 0 ? until(() => backend.held() === 1) : queue.untilWaiting(i));
    }
    return all;
  }

  function statusesOf(told: readonly Told[]): readonly number[] {
    return told.map(({ status }) => status);
  }

  const pathsOf = ({ received }: Holding): readonly string[] => received.map(({ url }) => url);

  describe('is first come, first served', () => {
    test('whatever comes in meanwhile', async () => {
      const counter = await startCounter();
      const { backend, front, arrived } = counter;
      const all = await lineUp(counter, 10);
      for (let i = 10; i < 40; i += 1) {
        all.push(ask(front.port, { path: `/${i}` }));
        if (i % 2 === 0) backend.answer();
      }
      backend.open();
      expect(statusesOf(await Promise.all(all))).toEqual(Array(40).fill(200));
      expect(pathsOf(backend)).toEqual(arrived);
      expect(backend.most()).toBe(1);
    });

    test('so that 500 who wait are all served, once, in their order', async () => {
      const { backend, front, queue, arrived } = await startCounter({ queueTimeout: '25s' });
      const all = Array.from({ length: 501 }, (_, i) => ask(front.port, { path: `/${i}` }));
      await queue.untilWaiting(500);
      backend.open();
      expect(new Set(statusesOf(await Promise.all(all)))).toEqual(new Set([200]));
      expect(pathsOf(backend)).toEqual(arrived);
      expect(new Set(arrived).size).toBe(501);
      expect(backend.most()).toBe(1);
    });

    test.each<[string, (callback: () => void) => void]>([
      [
        'at once',
        (callback) => {
          callback();
        },
      ],
      [
        'in the next tick',
        (callback) => {
          process.nextTick(callback);
        },
      ],
      [
        'in a microtask',
        (callback) => {
          queueMicrotask(callback);
        },
      ],
    ])('and nobody overtakes who comes %s after a place is free', async (_when, defer) => {
      let first: ServerResponse | undefined;
      const counter = await startCounter(
        {},
        {
          before(app) {
            app.use((req, res, next) => {
              first ??= res;
              // As an app that does one thing after the other.
              if (req.url === '/late')
                first.once('finish', () => {
                  defer(next);
                });
              else next();
            });
          },
        },
      );
      const { backend, front } = counter;
      const all = await lineUp(counter, 3);
      const late = ask(front.port, { path: '/late' });
      await until(() => first!.listenerCount('finish') > 1);
      backend.open();
      expect(statusesOf(await Promise.all([...all, late]))).toEqual([200, 200, 200, 200]);
      expect(pathsOf(backend)).toEqual(['/0', '/1', '/2', '/late']);
    });

    test('and those who can be served now do not wait for those who cannot', async () => {
      const [a, b] = [await startHolding('a'), await startHolding('b')];
      const front = await startToldFront({
        ...sender,
        stickysession: 'S',
        members: [
          { url: a.url, route: 'a', max: 1 },
          { url: b.url, route: 'b', max: 1 },
        ],
      });
      const queue = watchQueue(front);
      const bound = (route: string, path: string): Promise<Told> =>
        ask(front.port, { path, headers: { Cookie: `S=x.${route}` } });
      const firsts = [bound('a', '/a1'), bound('b', '/b1')];
      await until(() => a.held() + b.held() === 2);
      const waiting: Promise<Told>[] = [];
      for (const [route, path] of [
        ['a', '/a2'],
        ['a', '/a3'],
        ['b', '/b2'],
      ] as const) {
        waiting.push(bound(route, path));
        await queue.untilWaiting(waiting.length);
      }
      waiting.push(ask(front.port, { path: '/any' }));
      await queue.untilWaiting(4);
      b.answer();
      await until(() => b.begun.length === 2);
      expect(pathsOf(b)).toEqual(['/b1', '/b2']);
      b.answer();
      await until(() => b.begun.length === 3);
      expect(pathsOf(b)).toEqual(['/b1', '/b2', '/any']);
      expect(queue.waiting()).toBe(2);
      a.open();
      b.open();
      await Promise.all([...firsts, ...waiting]);
      expect(pathsOf(a)).toEqual(['/a1', '/a2', '/a3']);
    });
  });

  describe('has room for queueLength', () => {
    test('and whoever finds it full is told at once, and when to come again', async () => {
      const counter = await startCounter({ queueLength: 2 });
      const { backend, front, queue } = counter;
      const all = await lineUp(counter, 3);
      expect(await ask(front.port, { path: '/3' })).toMatchObject({
        status: 503,
        code: 'ERR_BALANCER_OVERLOAD',
        headers: { 'retry-after': '1' },
      });
      expect(front.errors[0]!.message).toContain('2 requests are waiting already');
      expect(queue.lines()).toEqual(['waiting full', 'waiting full', 'refused full']);
      expect(queue.events.at(-1)!.waiting).toBe(2);
      backend.answer();
      await until(() => backend.begun.length === 2);
      all.push(ask(front.port, { path: '/4' }));
      await queue.untilWaiting(2);
      backend.open();
      expect(statusesOf(await Promise.all(all))).toEqual([200, 200, 200, 200]);
      expect(pathsOf(backend)).toEqual(['/0', '/1', '/2', '/4']);
    });

    test('so that with 0 nobody waits', async () => {
      const counter = await startCounter({ queueLength: 0, timeout: '20s' });
      const [first] = await lineUp(counter, 1);
      const { backend, front } = counter;
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_OVERLOAD' });
      backend.answer();
      expect((await first!).status).toBe(200);
    });

    test('whatever they wait for', async () => {
      const time = stopTime();
      const front = await startToldFront({
        ...sender,
        queueLength: 1,
        timeout: '150ms',
        members: [{ url: await deadUrl(), status: 'D' }],
      });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await queue.untilWaiting(1);
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_OVERLOAD' });
      time.pass(150);
      expect(await first).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
      expect(queue.lines()).toEqual(['waiting unusable', 'refused unusable', 'expired unusable']);
    });

    test('and a 503 costs the connection nothing, even under a body', async () => {
      const counter = await startCounter({ queueLength: 0 });
      const [first] = await lineUp(counter, 1);
      const { backend, front } = counter;
      const client = await RawClient.connect(front.port);
      const body = 'x'.repeat(50_000);
      const refused = await client.ask(
        ['POST /1 HTTP/1.1', 'Host: a', `Content-Length: ${body.length}`],
        body,
      );
      expect(refused.status).toBe(503);
      backend.open();
      await first;
      expect((await client.ask(['GET /2 HTTP/1.1', 'Host: a'])).status).toBe(200);
    });
  });

  describe('has a time', () => {
    test('of queueTimeout, and ends in 503 when it is up', async () => {
      const counter = await startCounter({ queueTimeout: '100ms' });
      const { backend, front, queue, waitedMs } = counter;
      const [first] = await lineUp(counter, 1);
      const begun = performance.now();
      expect(await ask(front.port, { path: '/1' })).toMatchObject({
        status: 503,
        code: 'ERR_BALANCER_OVERLOAD',
        headers: { 'retry-after': '1' },
      });
      expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
      expect(waitedMs('/1')).toBeGreaterThanOrEqual(99);
      expect(queue.lines()).toEqual(['waiting full', 'expired full']);
      expect(queue.waiting()).toBe(0);
      backend.answer();
      expect((await first!).status).toBe(200);
      expect(front.member('a')).toMatchObject({ inError: false, elected: 1 });
    });

    test('that begins when a member is found full, not when one was awaited', async () => {
      const time = stopTime();
      const backend = await startHolding('a');
      const front = await startToldFront({
        ...sender,
        timeout: '20s',
        queueTimeout: '200ms',
        members: [{ url: backend.url, route: 'a', max: 1, status: 'D' }],
      });
      const queue = watchQueue(front);
      const all = [ask(front.port, { path: '/0' }), ask(front.port, { path: '/1' })];
      await queue.untilWaiting(2);
      time.pass(210);
      front.balancer.change('a', 'enabled');
      await until(() => backend.held() === 1);
      await settles(() => front.errors.length);
      expect(front.errors).toEqual([]);
      backend.open();
      expect(statusesOf(await Promise.all(all))).toEqual([200, 200]);
    });

    test('and another one while no member is up', async () => {
      const counter = await startCounter({ timeout: '80ms', queueTimeout: '20s' });
      const { backend, front, queue } = counter;
      const all = await lineUp(counter, 2);
      front.balancer.change('a', 'disabled');
      expect(await all[1]).toMatchObject({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
      expect(queue.lines()).toEqual(['waiting full', 'expired full']);
      backend.answer();
      expect((await all[0]!).status).toBe(200);
    });

    test('that the deadline can cut short', async () => {
      const time = stopTime();
      const chat = await startChat();
      const front = await startUpgradeFront({
        ...sender,
        deadline: '100ms',
        members: [{ url: chat.url, route: 'a', max: 1 }],
      });
      const queue = watchQueue(front);
      // Which has no deadline once it is open.
      const { socket } = await openWebSocket(front.port);
      const asked = ask(front.port);
      await queue.untilWaiting(1);
      time.pass(100);
      expect(await asked).toMatchObject({ status: 504, code: 'ERR_BALANCER_DEADLINE' });
      expect(front.stories()).toEqual(['a upgraded 101', '']);
      expect(queue.lines()).toEqual(['waiting full', 'left full']);
      expect(queue.events[1]!.waitedMs).toBe(100);
      socket.terminate();
    });
  });

  describe('is left', () => {
    test('by a client that goes, without a trace', async () => {
      const counter = await startCounter({ queueLength: 2 });
      const { backend, front, queue, waitedMs } = counter;
      const all = await lineUp(counter, 2);
      const client = await RawClient.connect(front.port);
      client.send(['GET /gone HTTP/1.1', 'Host: a']);
      await queue.untilWaiting(2);
      client.socket.destroy();
      await until(() => queue.waiting() === 1);
      expect(queue.lines()).toEqual(['waiting full', 'waiting full', 'left full']);
      expect(waitedMs('/gone')).toBeGreaterThan(0);
      all.push(ask(front.port, { path: '/2' }));
      await queue.untilWaiting(2);
      backend.open();
      expect(statusesOf(await Promise.all(all))).toEqual([200, 200, 200]);
      expect(pathsOf(backend)).toEqual(['/0', '/1', '/2']);
      expect(front.errors).toEqual([]);
      expect(front.stories()).toEqual(['a answered 200', 'a answered 200', '', 'a answered 200']);
      expect(front.member('a').elected).toBe(3);
    });

    test('by a client that goes in the middle of its body', async () => {
      const counter = await startCounter();
      const { backend, front, queue } = counter;
      const all = await lineUp(counter, 1);
      const client = await RawClient.connect(front.port);
      client.send(['POST /gone HTTP/1.1', 'Host: a', 'Content-Length: 1000'], 'half');
      await queue.untilWaiting(1);
      client.socket.destroy();
      await until(() => queue.waiting() === 0);
      backend.open();
      await Promise.all(all);
      expect(pathsOf(backend)).toEqual(['/0']);
      expect(front.errors).toEqual([]);
    });

    test('by a client that goes while it waits for an upgrade', async () => {
      const backend = await startHolding('a');
      const front = await startUpgradeFront({
        ...sender,
        members: [{ url: backend.url, route: 'a', max: 1 }],
      });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await until(() => backend.held() === 1);
      const client = await RawClient.connect(front.port);
      client.send(askToSwitch('/gone'));
      await queue.untilWaiting(1);
      client.socket.destroy();
      await until(() => queue.waiting() === 0);
      backend.open();
      expect((await first).status).toBe(200);
      expect(backend.begun).toEqual(['GET /']);
      expect(front.errors).toEqual([]);
    });

    test('by all when the balancer closes', async () => {
      const counter = await startCounter();
      const { front, queue } = counter;
      const all = await lineUp(counter, 5);
      await front.balancer.close();
      const told = await Promise.all(all);
      expect(told.map(({ status, code }) => [status, code])).toEqual(
        Array(5).fill([503, 'ERR_BALANCER_CLOSED']),
      );
      expect(front.errors).toHaveLength(5);
      expect(queue.waiting()).toBe(0);
      expect(front.stories().slice(1)).toEqual(['', '', '', '']);
    });

    test('by those who are served in the grace of close', async () => {
      const counter = await startCounter();
      const { backend, front } = counter;
      const all = await lineUp(counter, 3);
      const closed = front.balancer.close({ grace: 20 });
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CLOSED' });
      backend.open();
      await closed;
      expect(statusesOf(await Promise.all(all))).toEqual([200, 200, 200]);
    });
  });

  describe('keeps a body', () => {
    test('whole, and in the client’s hands until it is wanted', async () => {
      const body = Buffer.concat(Array<Buffer>(20).fill(makeBody(1_000_003)));
      const hashing = await startHashing();
      const held: (() => void)[] = [];
      const front = await startToldFront({
        ...sender,
        members: [
          { url: hashing.url, route: 'b', status: 'D' },
          { handler: (_req, res) => held.push(() => res.end('a')), route: 'a', max: 1 },
        ],
      });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await until(() => held.length === 1);
      const client = await RawClient.connect(front.port);
      client.send(['POST /upload HTTP/1.1', 'Host: a', `Content-Length: ${body.length}`]);
      client.socket.write(body);
      await queue.untilWaiting(1);
      // What no buffer on the way takes stays with the client.
      await settles(() => client.socket.writableLength);
      expect(client.socket.writableLength).toBeGreaterThan(10_000_000);
      front.balancer.change('b', 'enabled');
      const answer = await client.readAnswer('POST');
      expect(answer.headers).toContain(hashOf(body));
      held[0]!();
      expect((await first).text).toBe('a');
      expect(hashing.received.map((each) => hashOf(each.body))).toEqual([hashOf(body)]);
    });

    test.each([
      ['counted', false],
      ['chunked', true],
    ])('%s, of many at a time', async (_how, chunked) => {
      const hashing = await startHashing();
      const front = await startToldFront({ ...sender, members: [{ url: hashing.url, route: 'b', max: 1 }] });
      const bodies = Array.from({ length: 12 }, (_, i) => makeBody(1 + i * 20_000));
      const told = await Promise.all(
        bodies.map((body) => ask(front.port, { method: i(body), body, chunked })),
      );
      expect(told.map(({ headers }) => headers['x-hash'])).toEqual(bodies.map(hashOf));
      expect(hashing.received).toHaveLength(12);
    });

    // POST, so that nothing could move that had been sent.
    const i = (body: Buffer): string => (body.length % 2 === 0 ? 'PUT' : 'POST');
  });

  describe('tells', () => {
    test('how many wait, and how long each has waited', async () => {
      const counter = await startCounter();
      const { backend, queue, waitedMs } = counter;
      const all = await lineUp(counter, 3);
      backend.open();
      await Promise.all(all);
      expect(
        queue.events.map(({ balancer, what, reason, waiting }) => [balancer, what, reason, waiting]),
      ).toEqual([
        ['balancer', 'waiting', 'full', 1],
        ['balancer', 'waiting', 'full', 2],
        ['balancer', 'served', 'full', 1],
        ['balancer', 'served', 'full', 0],
      ]);
      const [, , second, third] = queue.events.map((event) => event.waitedMs);
      expect(waitedMs('/0')).toBe(0);
      expect(waitedMs('/1')).toBe(second);
      expect(waitedMs('/2')).toBe(third);
      expect(second).toBeGreaterThan(0);
      expect(third).toBeGreaterThan(0);
    });

    test('nothing where nobody waits', async () => {
      const { backend, front, queue, waitedMs } = await startCounter();
      backend.open();
      await ask(front.port, { path: '/0' });
      expect(queue.events).toEqual([]);
      expect(waitedMs('/0')).toBe(0);
    });
  });

  test('serves nobody twice, whatever members and clients do', async () => {
    const seen: string[] = [];
    const backends = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        startBackend(name, (req, res) => {
          seen.push(req.url!);
          const n = Number(req.url!.slice(1));
          if (n % 11 === 0) req.socket.destroy();
          else setImmediate(() => res.end(name));
        }),
      ),
    );
    const front = await startToldFront({
      ...sender,
      members: backends.map(({ url }, i) => ({ url, route: 'abc'[i]!, max: 2 })),
    });
    const queue = watchQueue(front);
    const clients = Array.from({ length: 90 }, async (_, n) => {
      if (n % 7 !== 0) return ask(front.port, { method: 'POST', path: `/${n}`, body: makeBody(n * 100) });
      const client = await RawClient.connect(front.port);
      client.send([`POST /${n} HTTP/1.1`, 'Host: a', 'Content-Length: 0']);
      client.socket.end();
      await client.readRest();
      return undefined;
    });
    const told = await Promise.all(clients);
    await until(() => queue.waiting() === 0);
    expect(seen).toHaveLength(new Set(seen).size);
    for (const [n, answer] of told.entries()) {
      if (answer) expect([n, answer.status]).toEqual([n, n % 11 === 0 ? 502 : 200]);
    }
  });
});
