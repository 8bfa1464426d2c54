import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clock } from '../../src/clock.ts';
import type { AttemptFacts, BalancerDefinition, BalancerFacts } from '../../src/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty, type Fault } from '../support/faults.ts';
import { senders, type FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startUpgradeBackend,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** A front that keeps its requests. */
type Keeping = ToldFront &
  Readonly<{
    /** `req.balancer` of a request, the last one by default. */
    facts(at?: number): BalancerFacts;
    /** What the app's log would have found when the answer was finished. */
    logged: (BalancerFacts | undefined)[];
  }>;

async function startKeeping(
  definition: BalancerDefinition,
  options: FrontOptions = {},
  start: typeof startToldFront = startToldFront,
): Promise<Keeping> {
  const requests: IncomingMessage[] = [];
  const logged: (BalancerFacts | undefined)[] = [];
  const front = await start(definition, {
    ...options,
    before(app) {
      options.before?.(app);
      app.use((req, res, next) => {
        requests.push(req);
        res.once('finish', () => logged.push(structuredClone(req.balancer)));
        next();
      });
    },
  });
  return { ...front, logged, facts: (at = -1) => requests.at(at)!.balancer! };
}

/** An attempt without its times. */
function untimed({ startedMs: _started, durationMs: _duration, ...rest }: AttemptFacts): unknown {
  return rest;
}

describe.each(senders)('%s: req.balancer.attempts', (_sender, sender) => {
  /** `a` is asked first, `b` when it does not serve. */
  async function startPair(first: string, definition: Partial<BalancerDefinition> = {}) {
    const b = await startBackend('b');
    const members = [
      { url: first, route: 'a' },
      { url: b.url, route: 'b', lbset: 1 },
    ];
    return { b, front: await startKeeping({ ...sender, members, ...definition }) };
  }

  test('has one line for a request that is answered', async () => {
    const { url } = await startBackend('a', (_req, res) => res.writeHead(404).end());
    const { front } = await startPair(url);
    await ask(front.port);
    expect(front.facts()).toMatchObject({ member: url, memberRoute: 'a', waitedMs: 0 });
    expect(front.facts().attempts.map(untimed)).toEqual([
      { member: url, name: 'a', reason: 'method', outcome: 'answered', status: 404, code: undefined },
    ]);
  });

  test('tells of each member that was tried, in order of time', async () => {
    const dead = await deadUrl();
    const { b, front } = await startPair(dead);
    await ask(front.port);
    const { attempts, member, memberRoute } = front.facts();
    expect(attempts.map(untimed)).toEqual([
      {
        member: dead,
        name: 'a',
        reason: 'method',
        outcome: 'connect',
        status: undefined,
        code: 'ECONNREFUSED',
      },
      { member: b.url, name: 'b', reason: 'method', outcome: 'answered', status: 200, code: undefined },
    ]);
    expect([member, memberRoute]).toEqual([b.url, 'b']);
    const [first, second] = attempts as [AttemptFacts, AttemptFacts];
    expect(first.startedMs).toBeGreaterThanOrEqual(0);
    expect(first.durationMs).toBeGreaterThan(0);
    expect(second.startedMs).toBeGreaterThanOrEqual(first.startedMs + first.durationMs);
    expect(second.durationMs).toBeGreaterThan(0);
  });

  test.each<[fault: Fault, outcome: AttemptFacts['outcome'], definition: Partial<BalancerDefinition>]>([
    ['resets the connection', 'reset', {}],
    ['stays silent', 'timeout', { proxytimeout: '100ms', memberDefaults: { connectiontimeout: '20s' } }],
    ['answers garbage', 'bad-answer', {}],
  ])('of a member that %s: %s', async (fault, outcome, definition) => {
    const { url } = await startFaulty(fault);
    const { front } = await startPair(url, definition);
    await ask(front.port);
    expect(front.facts().attempts).toMatchObject([
      { name: 'a', outcome, status: undefined },
      { name: 'b', outcome: 'answered', status: 200 },
    ]);
    if (outcome === 'timeout') expect(front.facts().attempts[0]!.durationMs).toBeGreaterThanOrEqual(99);
  });

  test('of an answer that was discarded, and its status', async () => {
    const { url } = await startBackend('a', (_req, res) => res.writeHead(503).end());
    const { front } = await startPair(url, { failoverOn: [503] });
    await ask(front.port);
    expect(front.facts().attempts).toMatchObject([
      { name: 'a', outcome: 'discarded', status: 503 },
      { name: 'b', outcome: 'answered', status: 200 },
    ]);
  });

  test('of a member that was tried again', async () => {
    let isLast = false;
    const { url } = await startBackend('a', (req, res) => {
      if (isLast) req.socket.resetAndDestroy();
      else res.end('a');
      isLast = !isLast;
    });
    const { front } = await startPair(url);
    await askStatuses(front.port, 2);
    expect(front.facts().attempts).toMatchObject([
      { name: 'a', reason: 'method', outcome: 'reset', code: 'ECONNRESET' },
      { name: 'a', reason: 'again', outcome: 'answered', status: 200 },
    ]);
  });

  test('tells why: by route, by redirect, by the method', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startKeeping({
      ...sender,
      stickysession: 'SID',
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b', redirect: 'a', status: 'disabled' },
      ],
    });
    for (const route of ['a', 'b', 'gone']) await ask(front.port, { headers: { Cookie: `SID=x.${route}` } });
    expect(
      [-3, -2, -1].map((at) => front.facts(at).attempts.map(({ name, reason }) => [name, reason])),
    ).toEqual([[['a', 'route']], [['a', 'redirect']], [['a', 'method']]]);
    expect([-3, -2, -1].map((at) => front.facts(at).routeChanged)).toEqual([false, true, true]);
  });

  test('of an answer that broke off: its status, and the time of its head', async () => {
    const time = stopTime();
    const { url } = await startFaulty('stalls in a counted body');
    const front = await startKeeping({ ...sender, members: [{ url, route: 'a' }], proxytimeout: '1s' });
    const asked = ask(front.port);
    await until(() => front.stories()[0] === 'a answered 200');
    const { durationMs } = front.facts().attempts[0]!;
    time.pass(1_000);
    expect((await asked).whole).toBe(false);
    await until(() => front.facts().attempts[0]!.outcome === 'timeout');
    expect(front.facts().attempts).toMatchObject([{ outcome: 'timeout', status: 200, durationMs }]);
  });

  test('is current at any time', async () => {
    const held = await startHolding('b');
    const dead = await deadUrl();
    const front = await startKeeping({
      ...sender,
      members: [
        { url: dead, route: 'a' },
        { url: held.url, route: 'b', lbset: 1 },
      ],
    });
    const asked = ask(front.port);
    await until(() => held.held() === 1);
    expect(front.facts()).toMatchObject({
      member: held.url,
      attempts: [
        { name: 'a', outcome: 'connect' },
        { name: 'b', outcome: 'pending', status: undefined, durationMs: 0 },
      ],
    });
    held.open();
    await asked;
    expect(front.facts().attempts[1]).toMatchObject({ outcome: 'answered', status: 200 });
    expect(front.logged).toEqual([front.facts()]);
  });

  test('of a client that left, and of a deadline', async () => {
    const time = stopTime();
    const held = await startHolding('a');
    const front = await startKeeping({
      ...sender,
      deadline: '1s',
      members: [{ url: held.url, route: 'a' }],
    });
    const leaving = new AbortController();
    const asked = fetch(front.url, { signal: leaving.signal }).catch(() => 'left');
    await until(() => held.held() === 1);
    leaving.abort();
    await asked;
    await until(() => front.facts().attempts[0]!.outcome !== 'pending');
    expect(front.facts().attempts).toMatchObject([{ outcome: 'client-gone', status: undefined }]);

    const late = ask(front.port);
    await until(() => held.begun.length === 2);
    time.pass(1_000);
    expect((await late).code).toBe('ERR_BALANCER_DEADLINE');
    expect(front.facts().attempts).toMatchObject([{ outcome: 'deadline', status: undefined }]);
  });

  test('begins at arrivedAt, in time of day', async () => {
    const { url } = await startBackend('a');
    const front = await startKeeping({ ...sender, members: [{ url, route: 'a' }] });
    const before = performance.timeOrigin + clock.now();
    await ask(front.port);
    const after = performance.timeOrigin + clock.now();
    const { arrivedAt, attempts } = front.facts();
    expect(arrivedAt).toBeGreaterThan(before);
    const [{ startedMs, durationMs }] = attempts as [AttemptFacts];
    expect(arrivedAt + startedMs + durationMs).toBeLessThan(after);
    expect(Math.abs(arrivedAt - Date.now())).toBeLessThan(60_000);
  });

  test('stands in the error too', async () => {
    const dead = await deadUrl();
    const front = await startKeeping({ ...sender, members: [{ url: dead, route: 'a' }] });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CONNECT');
    expect(front.errors[0]!.attempts).toEqual(front.facts().attempts);
    expect(front.errors[0]!.attempts).toMatchObject([
      { name: 'a', outcome: 'connect', code: 'ECONNREFUSED' },
    ]);
  });

  test('is empty where nobody was tried, and req.balancer is missing where nothing was forwarded', async () => {
    const { url } = await startBackend();
    const members = [{ url, route: 'a', status: 'disabled' }];
    const front = await startKeeping({ ...sender, members });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_NO_MEMBER');
    expect(front.facts()).toMatchObject({ attempts: [], member: undefined, waitedMs: 0 });
    expect((await ask(front.port, { path: '/%zz' })).status).toBe(400);
    expect(front.facts()).toBeUndefined();
  });

  test('waitedMs is what was waited, and not what was served', async () => {
    const held = await startHolding('a');
    const front = await startKeeping({ ...sender, members: [{ url: held.url, route: 'a', max: 1 }] });
    let waiting = 0;
    front.balancer.on('queue', (event) => (waiting = event.waiting));
    const first = ask(front.port);
    await until(() => held.held() === 1);
    const second = ask(front.port);
    await until(() => waiting === 1);
    expect(front.facts()).toMatchObject({ attempts: [], waitedMs: 0 });
    held.answer();
    await first;
    await until(() => held.held() === 1);
    const { waitedMs, attempts } = front.facts();
    expect(waitedMs).toBeGreaterThan(0);
    expect(attempts[0]!.startedMs).toBeGreaterThanOrEqual(waitedMs);
    held.open();
    await second;
    expect(front.facts().waitedMs).toBe(waitedMs);
    expect(front.facts(-2).waitedMs).toBe(0);
  });

  test('tells of an upgrade: switched while it lasts, and of a refusal', async () => {
    const chat = await startChat('chat');
    const refusing = await startUpgradeBackend((socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
    });
    const front = await startKeeping(
      {
        ...sender,
        stickysession: 'SID',
        members: [
          { url: chat.url, route: 'a' },
          { url: refusing.url, route: 'b' },
        ],
      },
      {},
      startUpgradeFront,
    );
    const { socket } = await openWebSocket(front.port, '/', { headers: { Cookie: 'SID=x.a' } });
    expect(await say(socket, 'hello')).toBe('hello');
    const switched = { name: 'a', reason: 'route', outcome: 'upgraded', status: 101, code: undefined };
    expect(front.facts().attempts).toMatchObject([switched]);
    const { durationMs } = front.facts().attempts[0]!;
    socket.close();
    await once(socket, 'close');
    await until(() => front.balancer.view().every(({ busy }) => busy === 0));
    expect(front.facts().attempts).toMatchObject([{ ...switched, durationMs }]);

    expect((await readRefusal(front.port, '/', { headers: { Cookie: 'SID=x.b' } })).status).toBe(403);
    expect(front.facts().attempts).toMatchObject([{ name: 'b', outcome: 'answered', status: 403 }]);
  });
});

describe('req.balancer.attempts of a handler', () => {
  test('tells of its answer, and of one that passes on', async () => {
    const front = await startKeeping(
      {
        members: [
          {
            route: 'here',
            handler: (req, res, next) => {
              if (req.url === '/next') next();
              else if (req.url === '/fail') throw new Error('no');
              else res.writeHead(202).end('here');
            },
          },
        ],
      },
      { after: (app) => app.use('/next', (_req, res) => void res.send('app')) },
    );
    expect((await ask(front.port)).text).toBe('here');
    const attempt = { member: 'local:here', name: 'here', reason: 'method', code: undefined };
    expect(front.facts().attempts.map(untimed)).toEqual([{ ...attempt, outcome: 'answered', status: 202 }]);
    expect((await ask(front.port, { path: '/next' })).text).toBe('app');
    expect(front.facts().attempts.map(untimed)).toEqual([
      { ...attempt, outcome: 'passed-on', status: undefined },
    ]);
    await ask(front.port, { path: '/fail' });
    expect(front.facts().attempts).toMatchObject([{ outcome: 'passed-on' }]);
    expect(front.logged).toHaveLength(3);
    expect(front.logged[0]!.attempts).toMatchObject([{ outcome: 'answered', status: 202 }]);
  });
});
