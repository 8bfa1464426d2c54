import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, type Told } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startHolding, type Holding } from '../support/holding.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { watchQueue } from '../support/queue.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

const sticky = { stickysession: 'S' } as const;

/** A request of a session that is bound to a route. */
function boundTo(route: string, path = '/'): Readonly<{ path: string; headers: Record<string, string> }> {
  return { path, headers: { Cookie: `S=x.${route}` } };
}

function statusesOf(told: readonly Told[]): readonly number[] {
  return told.map(({ status }) => status);
}

/** So many requests at once, each with a path of its own. */
function storm(port: number, count: number, requests: (i: number) => object = () => ({})): Promise<Told[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => ask(port, { path: `/${i}`, ...requests(i) })));
}

/** Every request that some backends have got, sorted. */
function executed(...backends: readonly Holding[]): readonly string[] {
  return backends.flatMap(({ begun }) => begun).sort();
}

function paths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `GET /${i}`).sort();
}

describe.each(senders)('%s: max', (_sender, sender) => {
  describe('under a storm of requests', () => {
    test('is what a member serves at a time, and all are served once', async () => {
      const a = await startHolding('a');
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: a.url, route: 'a', max: 3 },
          { url: b.url, route: 'b', max: 2, loadfactor: 5 },
        ],
      });
      a.open();
      b.open();
      const told = await storm(front.port, 80);
      expect(new Set(statusesOf(told))).toEqual(new Set([200]));
      expect([a.most(), b.most()]).toEqual([3, 2]);
      expect(executed(a, b)).toEqual(paths(80));
      expect(front.balancer.view().map(({ inError }) => inError)).toEqual([false, false]);
    });

    test('holds while requests fail over to those that are left', async () => {
      const a = await startHolding('a');
      const b = await startHolding('b');
      const seen = new Set<string>();
      const moody = await startBackend('moody', (req, res) => {
        // The first sight of some requests; what may be sent again has a budget.
        const isFirst = !seen.has(req.url!) && Number(req.url!.slice(1)) % 12 === 0;
        seen.add(req.url!);
        if (isFirst) req.socket.destroy();
        else res.end('moody');
      });
      const front = await startToldFront({
        ...sender,
        members: [
          { url: await deadUrl(), route: 'dead', max: 2 },
          { url: moody.url, route: 'moody', max: 2 },
          { url: a.url, route: 'a', max: 2 },
          { url: b.url, route: 'b', max: 2 },
        ],
      });
      a.open();
      b.open();
      const told = await storm(front.port, 72);
      expect(new Set(statusesOf(told))).toEqual(new Set([200]));
      expect([a.most(), b.most()]).toEqual([2, 2]);
      const movedOn = front.stories().filter((story) => story.includes(', '));
      expect(movedOn.length).toBeGreaterThan(0);
      expect(front.balancer.view().map(({ name, inError }) => inError && name)).toEqual([
        'dead',
        false,
        false,
        false,
      ]);
    });

    test('holds for sessions, which all stay with their member', async () => {
      const a = await startHolding('a');
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        ...sticky,
        members: [
          { url: a.url, route: 'a', max: 2 },
          { url: b.url, route: 'b', max: 1 },
        ],
      });
      a.open();
      b.open();
      const told = await storm(front.port, 60, (i) => boundTo(i % 3 === 0 ? 'b' : 'a', `/${i}`));
      expect(told.map(({ text }) => text)).toEqual(
        Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'b' : 'a')),
      );
      expect([a.most(), b.most()]).toEqual([2, 1]);
      expect(executed(a, b)).toEqual(paths(60));
    });

    test('holds for sessions and others together', async () => {
      const a = await startHolding('a');
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        ...sticky,
        members: [
          { url: a.url, route: 'a', max: 2 },
          { url: b.url, route: 'b', max: 2 },
        ],
      });
      a.open();
      b.open();
      const told = await storm(front.port, 60, (i) => (i % 2 === 0 ? boundTo('a', `/${i}`) : {}));
      expect(told.filter((_, i) => i % 2 === 0).map(({ text }) => text)).toEqual(Array(30).fill('a'));
      expect(new Set(statusesOf(told))).toEqual(new Set([200]));
      expect([a.most(), b.most()]).toEqual([2, 2]);
      expect(executed(a, b)).toEqual(paths(60));
    });
  });

  describe('and who has no place', () => {
    // E23 of the reference; httpd puts both members in error.
    test('E23: two members for one request each serve two of four, and nobody is in error', async () => {
      const time = stopTime();
      const a = await startHolding('a');
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        memberDefaults: { max: 1, acquire: 200 },
        members: [
          { url: a.url, route: 'a' },
          { url: b.url, route: 'b' },
        ],
      });
      const queue = watchQueue(front);
      const all = storm(front.port, 4);
      await until(() => a.held() + b.held() === 2 && queue.waiting() === 2);
      time.pass(199);
      await settles(() => front.errors.length);
      expect(front.errors).toEqual([]);
      time.pass(1);
      await until(() => front.errors.length === 2);
      a.answer();
      b.answer();
      const told = await all;
      expect([...statusesOf(told)].sort()).toEqual([200, 200, 503, 503]);
      for (const { code, headers } of told.filter(({ status }) => status === 503)) {
        expect(code).toBe('ERR_BALANCER_OVERLOAD');
        expect(headers['retry-after']).toBe('1');
      }
      expect(front.balancer.view().map(({ inError, busy }) => [inError, busy])).toEqual([
        [false, 0],
        [false, 0],
      ]);
      expect(executed(a, b)).toHaveLength(2);
    });

    test('goes to whoever is free, if it is bound to nobody', async () => {
      const [a, b] = [await startHolding('a'), await startHolding('b')];
      const front = await startToldFront({
        ...sender,
        members: [
          { url: a.url, route: 'a', max: 1, loadfactor: 100 },
          { url: b.url, route: 'b' },
        ],
      });
      const first = ask(front.port);
      await until(() => a.held() === 1);
      b.open();
      expect((await ask(front.port)).text).toBe('b');
      expect((await ask(front.port)).text).toBe('b');
      a.answer();
      expect((await first).text).toBe('a');
    });

    test('gets no standby and no higher lbset: a member that is full is not missing', async () => {
      const [a, standby, higher] = [
        await startHolding('a'),
        await startHolding('h'),
        await startHolding('l'),
      ];
      const front = await startToldFront({
        ...sender,
        queueTimeout: '60ms',
        members: [
          { url: a.url, route: 'a', max: 1 },
          { url: standby.url, status: 'hot-standby' },
          { url: higher.url, lbset: 1 },
        ],
      });
      const first = ask(front.port);
      await until(() => a.held() === 1);
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_OVERLOAD' });
      a.answer();
      expect((await first).status).toBe(200);
      expect(executed(standby, higher)).toEqual([]);
    });

    test('with acquire 0 gets 503 at once, and waits in no queue', async () => {
      const a = await startHolding('a');
      const front = await startToldFront({ ...sender, members: [{ url: a.url, max: 1, acquire: 0 }] });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await until(() => a.held() === 1);
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_OVERLOAD' });
      a.answer();
      await first;
      expect(queue.events).toEqual([]);
    });

    test('after a failure waits for the member that is left', async () => {
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: await deadUrl(), route: 'a', loadfactor: 100 },
          { url: b.url, route: 'b', max: 1 },
        ],
      });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await until(() => b.held() === 1);
      front.balancer.change('a', '-E');
      const second = ask(front.port);
      await queue.untilWaiting(1);
      b.answer();
      await until(() => b.begun.length === 2);
      b.answer();
      expect(statusesOf(await Promise.all([first, second]))).toEqual([200, 200]);
      expect(front.stories()).toEqual([
        'a connect ECONNREFUSED, b answered 200',
        'a connect ECONNREFUSED, b answered 200',
      ]);
      expect(queue.lines()).toEqual(['waiting full', 'served full']);
    });

    test('after a failure, and in vain, is told of the failure', async () => {
      const b = await startHolding('b');
      const front = await startToldFront({
        ...sender,
        queueTimeout: '60ms',
        members: [
          { url: await deadUrl(), route: 'a', loadfactor: 100 },
          { url: b.url, route: 'b', max: 1 },
        ],
      });
      const first = ask(front.port);
      await until(() => b.held() === 1);
      front.balancer.change('a', '-E');
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
      b.answer();
      await first;
      expect(front.member('b')).toMatchObject({ inError: false, elected: 1 });
    });
  });

  describe('of a session’s member', () => {
    async function startThree(
      definition: object,
    ): Promise<
      Readonly<{ a: Holding; b: Holding; c: Holding; front: Awaited<ReturnType<typeof startToldFront>> }>
    > {
      const [a, b, c] = [await startHolding('a'), await startHolding('b'), await startHolding('c')];
      const front = await startToldFront({
        ...sender,
        ...sticky,
        members: [
          { url: a.url, route: 'a', max: 1, acquire: 100 },
          { url: b.url, route: 'b' },
          { url: c.url, route: 'c' },
        ],
        ...definition,
      });
      b.open();
      c.open();
      return { a, b, c, front };
    }

    test('makes it wait for a place there, although others are free', async () => {
      const { a, front } = await startThree({});
      front.balancer.change('a', { acquire: '20s' });
      const queue = watchQueue(front);
      const first = ask(front.port, boundTo('a'));
      await until(() => a.held() === 1);
      const second = ask(front.port, boundTo('a'));
      await queue.untilWaiting(1);
      a.answer();
      await until(() => a.begun.length === 2);
      a.answer();
      expect([(await first).text, (await second).text]).toEqual(['a', 'a']);
      expect(queue.lines()).toEqual(['waiting full', 'served full']);
    });

    test('lets it go elsewhere after acquire', async () => {
      const { a, front } = await startThree({});
      const queue = watchQueue(front);
      const first = ask(front.port, boundTo('a'));
      await until(() => a.held() === 1);
      const begun = performance.now();
      const second = await ask(front.port, boundTo('a'));
      expect(second.text).toMatch(/^[bc]$/);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
      expect(queue.lines()).toEqual(['waiting full', 'expired full']);
      expect(front.member('a')).toMatchObject({ inError: false, elected: 1 });
      a.answer();
      await first;
    });

    test('with nofailover ends in 503 after acquire', async () => {
      const { a, b, c, front } = await startThree({ nofailover: true });
      const first = ask(front.port, boundTo('a'));
      await until(() => a.held() === 1);
      expect(await ask(front.port, boundTo('a'))).toMatchObject({
        status: 503,
        code: 'ERR_BALANCER_OVERLOAD',
      });
      expect(executed(b, c)).toEqual([]);
      a.answer();
      expect((await first).text).toBe('a');
    });

    test('where it was redirected to, lets it go elsewhere as well', async () => {
      const { a, front } = await startThree({});
      front.balancer.change('b', { redirect: 'a', disabled: true });
      const first = ask(front.port, boundTo('b'));
      await until(() => a.held() === 1);
      expect((await ask(front.port, boundTo('b'))).text).toBe('c');
      a.answer();
      expect((await first).text).toBe('a');
    });
  });

  describe('and upgraded connections', () => {
    test('counts them, with requests, until they are closed', async () => {
      const chat = await startChat('chat');
      const front = await startUpgradeFront({ ...sender, members: [{ url: chat.url, route: 'a', max: 2 }] });
      const queue = watchQueue(front);
      const one = await openWebSocket(front.port, '/1');
      await openWebSocket(front.port, '/2');
      expect(front.member('a').busy).toBe(2);

      const third = openWebSocket(front.port, '/3');
      await queue.untilWaiting(1);
      const request = ask(front.port, { path: '/4' });
      await queue.untilWaiting(2);
      expect(chat.sockets).toHaveLength(2);

      one.socket.close();
      const { socket } = await third;
      expect(await say(socket, 'hello')).toBe('hello');
      expect(front.member('a').busy).toBe(2);
      expect(queue.waiting()).toBe(1);
      socket.close();
      expect((await request).text).toBe('chat');
      expect(chat.handshakes.map(({ url }) => url)).toEqual(['/1', '/2', '/3', '/4']);
    });

    test('refuses them like requests when their time is up', async () => {
      const chat = await startChat('chat');
      const front = await startUpgradeFront({
        ...sender,
        members: [{ url: chat.url, route: 'a', max: 1, acquire: 60 }],
      });
      await openWebSocket(front.port);
      expect(await readRefusal(front.port)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
      expect(chat.handshakes).toHaveLength(1);
      expect(front.member('a').inError).toBe(false);
    });

    test('holds under a storm of them', async () => {
      const chat = await startChat('chat');
      const front = await startUpgradeFront({ ...sender, members: [{ url: chat.url, route: 'a', max: 2 }] });
      let most = 0;
      const all = Array.from({ length: 12 }, async (_, i) => {
        const { socket } = await openWebSocket(front.port, `/${i}`);
        await say(socket, 'hello');
        most = Math.max(most, chat.sockets.filter(({ readyState }) => readyState === socket.OPEN).length);
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      });
      await Promise.all(all);
      expect(most).toBe(2);
      expect(chat.handshakes).toHaveLength(12);
    });
  });

  describe('and a place', () => {
    test('is free again when a client has left in the middle of its answer', async () => {
      const backend = await startBackend('a', (req, res) => {
        if (req.url === '/half') res.write('half');
        else res.end('whole');
      });
      const front = await startToldFront({ ...sender, members: [{ url: backend.url, route: 'a', max: 1 }] });
      const queue = watchQueue(front);
      const client = await RawClient.connect(front.port);
      await client.send(['GET /half HTTP/1.1', 'Host: a']).readHead();
      const second = ask(front.port);
      await queue.untilWaiting(1);
      client.socket.destroy();
      expect((await second).text).toBe('whole');
    });

    test('is free again when a member has failed', async () => {
      const time = stopTime();
      const backend = await startBackend('a', (req, res) => {
        if (req.url !== '/reset') res.end('whole');
      });
      const front = await startToldFront({
        ...sender,
        members: [{ url: backend.url, route: 'a', max: 1, timeout: '80ms' }],
      });
      const first = ask(front.port, { path: '/reset' });
      await until(() => backend.received.length === 1);
      const queue = watchQueue(front);
      const second = ask(front.port);
      await queue.untilWaiting(1);
      time.pass(80);
      expect((await first).status).toBe(504);
      expect((await second).text).toBe('whole');
    });

    test('is counted of a function that answers, too', async () => {
      const held: (() => void)[] = [];
      const front = await startToldFront({
        ...sender,
        members: [{ handler: (_req, res) => held.push(() => res.end('here')), route: 'a', max: 1 }],
      });
      const queue = watchQueue(front);
      const first = ask(front.port);
      await until(() => held.length === 1);
      const second = ask(front.port);
      await queue.untilWaiting(1);
      held[0]!();
      expect((await first).text).toBe('here');
      await until(() => held.length === 2);
      held[1]!();
      expect((await second).text).toBe('here');
    });
  });

  describe('changed while others wait', () => {
    async function startWaiting(waiting: number): Promise<
      Readonly<{
        a: Holding;
        front: Awaited<ReturnType<typeof startToldFront>>;
        queue: ReturnType<typeof watchQueue>;
        all: Promise<Told[]>;
      }>
    > {
      const a = await startHolding('a');
      const front = await startToldFront({ ...sender, members: [{ url: a.url, route: 'a', max: 1 }] });
      const queue = watchQueue(front);
      const all = storm(front.port, waiting + 1);
      await queue.untilWaiting(waiting);
      return { a, front, queue, all };
    }

    test('raised, lets as many go at once', async () => {
      const { a, front, queue, all } = await startWaiting(4);
      front.balancer.change('a', { max: 3 });
      await until(() => a.held() === 3);
      expect(queue.waiting()).toBe(2);
      a.open();
      expect(statusesOf(await all)).toEqual(Array(5).fill(200));
      expect(a.most()).toBe(3);
    });

    test('lowered, cuts nobody off, and lets nobody in until enough have gone', async () => {
      const { a, front, queue, all } = await startWaiting(4);
      front.balancer.change('a', { max: 3 });
      await until(() => a.held() === 3);
      front.balancer.change('a', { max: 1 });
      a.answer(2);
      await until(() => front.member('a').busy === 1);
      expect(queue.waiting()).toBe(2);
      a.answer();
      await until(() => a.begun.length === 4);
      expect(a.held()).toBe(1);
      a.open();
      expect(statusesOf(await all)).toEqual(Array(5).fill(200));
    });

    test.each([
      [
        'is added',
        (front: Awaited<ReturnType<typeof startToldFront>>, url: string) =>
          front.balancer.add({ url, route: 'b' }),
      ],
      [
        'comes with another definition',
        (front: Awaited<ReturnType<typeof startToldFront>>, url: string) => {
          const { url: own } = front.member('a');
          front.balancer.update({
            ...sender,
            members: [
              { url: own, route: 'a', max: 1 },
              { url, route: 'b' },
            ],
          });
        },
      ],
    ])('a member that %s serves them', async (_what, come) => {
      const { a, front, all } = await startWaiting(4);
      const b = await startHolding('b');
      b.open();
      come(front, b.url);
      await until(() => b.begun.length === 4);
      a.answer();
      expect((await all).map(({ text }) => text).sort()).toEqual(['a', 'b', 'b', 'b', 'b']);
    });

    test('a member that is enabled serves them', async () => {
      const [a, b] = [await startHolding('a'), await startHolding('b')];
      const front = await startToldFront({
        ...sender,
        members: [
          { url: a.url, route: 'a', max: 1 },
          { url: b.url, route: 'b', max: 2, status: 'D' },
        ],
      });
      const queue = watchQueue(front);
      const all = storm(front.port, 4);
      await queue.untilWaiting(3);
      front.balancer.change('b', 'enabled');
      await until(() => b.held() === 2);
      expect(queue.waiting()).toBe(1);
      a.open();
      b.open();
      expect(statusesOf(await all)).toEqual([200, 200, 200, 200]);
      expect([a.most(), b.most()]).toEqual([1, 2]);
    });

    test('those who wait for a member that is removed are told that there is none, or go elsewhere', async () => {
      const [a, b] = [await startHolding('a'), await startHolding('b')];
      const front = await startToldFront({
        ...sender,
        ...sticky,
        members: [
          { url: a.url, route: 'a', max: 1 },
          { url: b.url, route: 'b' },
        ],
      });
      b.open();
      const queue = watchQueue(front);
      const first = ask(front.port, boundTo('a'));
      await until(() => a.held() === 1);
      const second = ask(front.port, boundTo('a'));
      await queue.untilWaiting(1);
      const removed = front.balancer.remove('a');
      expect((await second).text).toBe('b');
      a.answer();
      expect((await first).text).toBe('a');
      await removed;
    });
  });
});
