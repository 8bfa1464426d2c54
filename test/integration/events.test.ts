import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventNames } from '../../src/events.ts';
import type { BalancerDefinition, BalancerEventName, BalancerEvents, Logger } from '../../src/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { catchError } from '../support/catch-error.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, type Front, type FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

/** `request` is told of every request, at its end: it has a file of its own. */
type EventName = Exclude<BalancerEventName, 'request'>;

type Told = Readonly<{ [Name in EventName]: readonly [Name, BalancerEvents[Name]] }[EventName]>;

/** Listens to these events of a front, in the order in which they are told. */
function listenTo({ balancer }: Front): Told[] {
  const told: Told[] = [];
  balancer.on('state', (event) => told.push(['state', event]));
  balancer.on('attempt', (event) => told.push(['attempt', event]));
  balancer.on('failover', (event) => told.push(['failover', event]));
  balancer.on('ejection', (event) => told.push(['ejection', event]));
  balancer.on('queue', (event) => told.push(['queue', event]));
  balancer.on('members', (event) => told.push(['members', event]));
  return told;
}

async function startListening(
  definition: BalancerDefinition,
  options: FrontOptions = {},
): Promise<readonly [ToldFront, Told[]]> {
  const front = await startToldFront({ name: 'app', ...definition }, options);
  return [front, listenTo(front)];
}

/** An event in a line: what differs from one to the next, without times. */
function tell([name, event]: Told): string {
  switch (name) {
    case 'state':
      return `state ${event.member} ${event.from}>${event.to} ${event.cause}`;
    case 'attempt': {
      const { name: member, reason, outcome, status, code } = event.attempt;
      return ['attempt', member, reason, outcome, status ?? code].filter(Boolean).join(' ');
    }
    case 'failover':
      return `failover ${event.from}>${event.to} ${event.outcome}`;
    case 'ejection':
      return `ejection ${event.member} ${event.timeMs}`;
    case 'queue':
      return `queue ${event.what} ${event.reason} ${event.waiting}`;
    case 'members':
      return `members +${event.added.join()} -${event.removed.join()}`;
  }
}

const linesOf = (told: readonly Told[]): readonly string[] => told.map(tell);

afterEach(tidyUp);

describe.each(senders)('%s: what happens to a request is told in order', (_sender, sender) => {
  /** `a` is asked first, `b` when it does not serve. */
  async function startPair(
    first: string,
    definition: Partial<BalancerDefinition> = {},
  ): Promise<readonly [ToldFront, Told[], Backend]> {
    const b = await startBackend('b');
    const members = [
      { url: first, route: 'a' },
      { url: b.url, route: 'b', lbset: 1 },
    ];
    return [...(await startListening({ ...sender, members, ...definition })), b];
  }

  test('a refused connection', async () => {
    const dead = await deadUrl();
    const [front, told, b] = await startPair(dead);
    expect((await ask(front.port, { path: '/x' })).text).toBe('b');

    const attempt = {
      member: dead,
      name: 'a',
      reason: 'method',
      outcome: 'connect',
      status: undefined,
      code: 'ECONNREFUSED',
      startedMs: expect.any(Number),
      durationMs: expect.any(Number),
    };
    const request = { balancer: 'app', method: 'GET', path: '/x' };
    expect(told).toEqual([
      ['state', { balancer: 'app', member: 'a', url: dead, from: '', to: 'E', cause: 'failed' }],
      ['attempt', { ...request, attempt }],
      ['failover', { ...request, from: 'a', to: 'b', outcome: 'connect' }],
      [
        'attempt',
        {
          ...request,
          attempt: {
            ...attempt,
            member: b.url,
            name: 'b',
            outcome: 'answered',
            status: 200,
            code: undefined,
          },
        },
      ],
    ]);
  });

  test.each<
    [fault: Parameters<typeof startFaulty>[0], outcome: string, definition: Partial<BalancerDefinition>]
  >([
    ['resets the connection', 'reset ECONNRESET', {}],
    ['stays silent', 'timeout', { proxytimeout: '100ms', memberDefaults: { connectiontimeout: '20s' } }],
    ['answers garbage', 'bad-answer', {}],
  ])('a member that %s', async (fault, outcome, definition) => {
    const { url } = await startFaulty(fault);
    const [front, told] = await startPair(url, definition);
    expect((await ask(front.port)).text).toBe('b');
    const [kind = ''] = outcome.split(' ');
    const lines = linesOf(told).map((line) => line.replace(/(attempt a method \S+) (?!ECONN).*/, '$1'));
    expect(lines[0]!.startsWith(`attempt a method ${kind}`)).toBe(true);
    expect(lines.slice(1)).toEqual([`failover a>b ${kind}`, 'attempt b method answered 200']);
  });

  test('an answer of failoverOn', async () => {
    const a = await startBackend('a', (_req, res) => res.writeHead(503).end());
    const [front, told] = await startPair(a.url, { failoverOn: [503] });
    expect((await ask(front.port)).text).toBe('b');
    expect(linesOf(told)).toEqual([
      'attempt a method discarded 503',
      'failover a>b discarded',
      'attempt b method answered 200',
    ]);
  });

  test('a connection that has served before, and is closed: the same member again', async () => {
    let isLast = false;
    const a = await startBackend('a', (req, res) => {
      if (isLast) req.socket.resetAndDestroy();
      else res.end('a');
      isLast = !isLast;
    });
    const [front, told] = await startListening({ ...sender, members: [{ url: a.url, route: 'a' }] });
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    expect(linesOf(told)).toEqual([
      'attempt a method answered 200',
      'attempt a method reset ECONNRESET',
      'failover a>a reset',
      'attempt a again answered 200',
    ]);
  });

  test('an answer that breaks off: the attempt has a second outcome', async () => {
    const { url } = await startFaulty('closes in a counted body');
    const [front, told] = await startListening({ ...sender, members: [{ url, route: 'a' }] });
    expect((await ask(front.port)).whole).toBe(false);
    await until(() => told.length === 2);
    expect(told.map(([, event]) => event)).toMatchObject([
      { attempt: { outcome: 'answered', status: 200 } },
      { attempt: { outcome: 'reset', status: 200 } },
    ]);
  });

  test('a failonstatus, and the recovery of the member', async () => {
    let status = 500;
    const { url } = await startBackend('a', (_req, res) => res.writeHead(status).end());
    const members = [{ url, route: 'a', retry: 0 }];
    const [front, told] = await startListening({ ...sender, failonstatus: [500], members });
    expect(await askStatuses(front.port, 1)).toEqual([500]);
    status = 200;
    expect(await askStatuses(front.port, 1)).toEqual([200]);
    expect(linesOf(told)).toEqual([
      'state a >E failed',
      'attempt a method answered 500',
      'state a E> recovered',
      'attempt a method answered 200',
    ]);
  });

  test('a forced recovery, of all members at once', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const members = [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ];
    const [front, told] = await startListening({ ...sender, members });
    front.balancer.change('a', '+E');
    front.balancer.change('b', '+E');
    expect((await ask(front.port)).text).toBe('a');
    expect(linesOf(told)).toEqual([
      'state a >E changed',
      'state b >E changed',
      'state a E> forced-recovery',
      'state b E> forced-recovery',
      'attempt a method answered 200',
    ]);
  });

  test('an ejection: the state first', async () => {
    const a = await startBackend('a', (_req, res) => res.writeHead(500).end());
    const [front, told] = await startPair(a.url, { ejection: { consecutive: 2, time: '7s' } });
    expect(await askStatuses(front.port, 3)).toEqual([500, 500, 200]);
    expect(linesOf(told)).toEqual([
      'attempt a method answered 500',
      'state a >E ejected',
      'ejection a 7000',
      'attempt a method answered 500',
      'attempt b method answered 200',
    ]);
    expect(told[2]).toEqual(['ejection', { balancer: 'app', member: 'a', url: a.url, timeMs: 7000 }]);
  });

  test('a client that leaves', async () => {
    const held = await startHolding('a');
    const [front, told] = await startListening({ ...sender, members: [{ url: held.url, route: 'a' }] });
    const leaving = new AbortController();
    const asked = fetch(front.url, { signal: leaving.signal }).catch(() => 'left');
    await until(() => held.held() === 1);
    leaving.abort();
    expect(await asked).toBe('left');
    await until(() => told.length > 0);
    expect(linesOf(told)).toEqual(['attempt a method client-gone']);
  });
});

describe('what happens to members is told in order', () => {
  test('health checks that fail, and pass again', async () => {
    let status = 500;
    const { url } = await startBackend('a', (_req, res) => res.writeHead(status).end());
    const members = [{ url, route: 'a', hcmethod: 'GET', hcinterval: '100ms', hctimeout: '20s' } as const];
    const [, told] = await startListening({ members });
    await until(() => told.length === 1);
    status = 200;
    await until(() => told.length === 2);
    const origin = { balancer: 'app', member: 'a', url };
    expect(told).toEqual([
      ['state', { ...origin, from: '', to: 'C', cause: 'checks-failed' }],
      ['state', { ...origin, from: 'C', to: '', cause: 'checks-passed' }],
    ]);
  });

  test('what the program changes: change, add, drain, remove, update', async () => {
    const urls = (await Promise.all(['a', 'b', 'c'].map((name) => startBackend(name)))).map(({ url }) => url);
    const [front, told] = await startListening({
      members: [
        { url: urls[0]!, route: 'a' },
        { url: urls[1]!, route: 'b' },
      ],
    });
    const { balancer } = front;
    balancer.change('a', '+DI');
    balancer.change('a', { loadfactor: 2 });
    balancer.change('a', { disabled: false, ignoreErrors: false });
    const added = balancer.add({ url: urls[2]!, route: 'c' });
    await balancer.drain('b');
    await balancer.remove('b');
    balancer.update({ name: 'renamed', members: [{ url: urls[1]!, route: 'b' }], logger: false });
    expect(added).toBe('c');
    expect(linesOf(told)).toEqual([
      'state a >ID changed',
      'state a ID> changed',
      'members +c -',
      'state b >N changed',
      'members + -b',
      'members +b -a,c',
    ]);
  });

  test('a change that is wrong tells nothing', async () => {
    const { url } = await startBackend();
    const [front, told] = await startListening({ members: [{ url, route: 'a' }] });
    catchError(() => {
      front.balancer.change('a', { disabled: true, loadfactor: -1 });
    });
    catchError(() => {
      front.balancer.change('a', '+X');
    });
    expect(told).toEqual([]);
  });
});

describe('who waits is told', () => {
  async function startCounter(definition: Partial<BalancerDefinition> = {}) {
    const held = await startHolding('a');
    const members = [{ url: held.url, route: 'a', max: 1 }];
    const [front, all] = await startListening({ members, ...definition });
    const first = ask(front.port, { path: '/1' });
    await until(() => held.held() === 1);
    return { held, front, first, queue: () => all.filter(([name]) => name === 'queue') };
  }

  test('waiting, then served', async () => {
    const { held, front, first, queue } = await startCounter();
    const second = ask(front.port, { path: '/2' });
    await until(() => queue().length === 1);
    held.open();
    await Promise.all([first, second]);
    expect(queue()).toEqual([
      ['queue', { balancer: 'app', what: 'waiting', reason: 'full', waiting: 1, waitedMs: 0 }],
      [
        'queue',
        { balancer: 'app', what: 'served', reason: 'full', waiting: 0, waitedMs: expect.any(Number) },
      ],
    ]);
    const [, { waitedMs }] = queue()[1] as ['queue', BalancerEvents['queue']];
    expect(waitedMs).toBeGreaterThan(0);
  });

  test('waiting, then expired', async () => {
    const { held, front, first, queue } = await startCounter({ queueTimeout: '50ms' });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_OVERLOAD');
    expect(linesOf(queue())).toEqual(['queue waiting full 1', 'queue expired full 0']);
    held.open();
    await first;
  });

  test('refused, where the queue is full', async () => {
    const { held, front, first, queue } = await startCounter({ queueLength: 0 });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_OVERLOAD');
    expect(linesOf(queue())).toEqual(['queue refused full 0']);
    held.open();
    await first;
  });

  test('left, where the client, the deadline or the balancer ends it', async () => {
    const { held, front, first, queue } = await startCounter();
    const leaving = new AbortController();
    const asked = fetch(front.url, { signal: leaving.signal }).catch(() => 'left');
    await until(() => queue().length === 1);
    leaving.abort();
    await asked;
    await until(() => queue().length === 2);

    const refused = ask(front.port);
    await until(() => queue().length === 3);
    const closed = front.balancer.close();
    expect((await refused).code).toBe('ERR_BALANCER_CLOSED');
    await closed;
    await first;
    expect(held.received).toHaveLength(1);
    expect(linesOf(queue())).toEqual([
      'queue waiting full 1',
      'queue left full 0',
      'queue waiting full 1',
      'queue left full 0',
    ]);
  });

  test('with its reason, where no member is up', async () => {
    const { url } = await startBackend();
    const [front, told] = await startListening({
      timeout: '10s',
      members: [{ url, route: 'a', status: 'disabled' }],
    });
    const asked = ask(front.port);
    await until(() => told.length === 1);
    front.balancer.change('a', 'enabled');
    expect((await asked).status).toBe(200);
    expect(linesOf(told)).toEqual([
      'queue waiting unusable 1',
      'state a D> changed',
      'queue served unusable 0',
      'attempt a method answered 200',
    ]);
  });
});

test('events hold neither query, cookie, header, body nor path parameter', async () => {
  const [dead, a] = [await deadUrl(), await startBackend('a')];
  const [front, told] = await startListening(
    {
      stickysession: 'SID',
      members: [
        { url: dead, route: 'dead', lbset: 0 },
        { url: a.url, route: 'a', lbset: 1 },
      ],
    },
    { mount: '/shop;x=secret', before: (app) => app.set('strict routing', true) },
  );
  const headers = { Cookie: 'SID=secret.a; other=secret', Authorization: 'secret' };
  const paths = ['/cart;SID=secret/list;p=secret?q=secret', '/;SID=secret.dead?secret'];
  for (const path of paths) {
    await ask(front.port, {
      method: 'PUT',
      path: `/shop;x=secret${path}`,
      headers,
      body: Buffer.from('secret'),
    });
  }
  const found = told.flatMap(([, event]) => ('path' in event ? [event.path] : []));
  expect(new Set(found)).toEqual(new Set(['/shop/cart/list', '/shop/']));
  expect(JSON.stringify(told)).not.toContain('secret');
});

describe('listeners', () => {
  async function startQuiet(): Promise<readonly [ToldFront, unknown[][]]> {
    const errors: unknown[][] = [];
    const note = (...words: unknown[]): number => errors.push(words);
    const logger: Logger = { info: note, warn: note, error: note };
    const { url } = await startBackend('a');
    return [await startToldFront({ name: 'app', logger, members: [{ url, route: 'a' }] }), errors];
  }

  test('are told no more once they are off', async () => {
    const [front] = await startQuiet();
    const told: unknown[] = [];
    const listener = (event: unknown): unknown => told.push(event);
    front.balancer.on('attempt', listener);
    await ask(front.port);
    front.balancer.off('attempt', listener);
    await ask(front.port);
    expect(told).toHaveLength(1);
  });

  test('that throw or reject disturb neither the request nor the others: it is logged', async () => {
    const [front, errors] = await startQuiet();
    const { balancer } = front;
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
    const told: string[] = [];
    for (const event of ['attempt', 'state'] as const) {
      balancer.on(event, () => {
        throw thrown;
      });
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users do
      balancer.on(event, () => Promise.reject(rejected));
      balancer.on(event, () => told.push(event));
    }
    balancer.change('a', '+I');
    expect((await ask(front.port)).text).toBe('a');
    await until(() => errors.length === 4);
    expect(told).toEqual(['state', 'attempt']);
    const words = (event: string): string => `[app] a listener of '${event}' has thrown:`;
    expect(errors).toEqual([
      [words('state'), thrown],
      [words('state'), rejected],
      [words('attempt'), thrown],
      [words('attempt'), rejected],
    ]);
  });

  test('of an event that is none, or that cannot be called, are refused with the names to write', async () => {
    const [{ balancer }] = await startQuiet();
    const listener = (): void => undefined;
    for (const method of ['on', 'off'] as const) {
      const call = balancer[method] as (event: unknown, listener: unknown) => void;
      for (const name of ['State', 'toString', '', undefined, 1, null]) {
        const error = catchError(() => {
          call(name, listener);
        });
        expect(error).toBeInstanceOf(TypeError);
        for (const known of eventNames) expect(String(error)).toContain(`'${known}'`);
      }
      for (const wrong of [undefined, null, 'state', {}, 1]) {
        const error = catchError(() => {
          call('state', wrong);
        });
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toMatch(/the listener of 'state' is .*: write a function/);
      }
    }
  });
});

describe.each(senders)('%s: listeners may act on what they are told', (_sender, sender) => {
  /** `a` refuses, and then `b` is asked. */
  async function startPair(b: Backend): Promise<ToldFront> {
    const members = [
      { url: await deadUrl(), route: 'a' },
      { url: b.url, route: 'b', lbset: 1 },
    ];
    return startToldFront({ ...sender, members });
  }

  test.each(['state', 'attempt'] as const)('%s: the member that has failed is removed', async (name) => {
    const b = await startBackend('b');
    const front = await startPair(b);
    let isRemoved = false;
    front.balancer.on(name, () => {
      if (!isRemoved) void front.balancer.remove('a');
      isRemoved = true;
    });
    expect((await ask(front.port)).text).toBe('b');
    expect(front.balancer.view().map((member) => member.name)).toEqual(['b']);
    expect(b.received).toHaveLength(1);
  });

  test.each(['state', 'attempt', 'failover'] as const)(
    '%s: the balancer is closed, and the request refused, once',
    async (name) => {
      const b = await startHolding('b');
      const front = await startPair(b);
      const closed: Promise<void>[] = [];
      front.balancer.on(name, () => {
        if (closed.length === 0) closed.push(front.balancer.close());
      });
      const { status, code } = await ask(front.port);
      await Promise.all(closed);
      expect([status, code]).toEqual([503, 'ERR_BALANCER_CLOSED']);
      expect(front.errors).toHaveLength(1);
      expect(b.received.length).toBeLessThan(2);
      expect(front.balancer.view().map(({ busy }) => busy)).toEqual([0, 0]);
    },
  );

  test.each(['state', 'attempt', 'failover'] as const)('%s: another definition is applied', async (name) => {
    const b = await startBackend('b');
    const front = await startPair(b);
    const c = await startBackend('c');
    let isUpdated = false;
    front.balancer.on(name, () => {
      if (isUpdated) return;
      isUpdated = true;
      front.balancer.update({
        logger: false,
        members: [{ url: c.url, route: 'c' }],
        ...('httpProxyMiddleware' in sender ? {} : { httpProxyMiddleware: {} }),
      });
    });
    // Whoever has been chosen already serves it.
    const text = name === 'state' ? 'c' : 'b';
    expect((await ask(front.port)).text).toBe(text);
    expect((await ask(front.port)).text).toBe('c');
    expect(b.received.length + c.received.length).toBe(2);
    expect(front.stories()[0]).toBe(`a connect ECONNREFUSED, ${text} answered 200`);
  });

  test('queue: the balancer is closed, and nobody waits any more', async () => {
    const held = await startHolding('a');
    const front = await startToldFront({ ...sender, members: [{ url: held.url, route: 'a', max: 1 }] });
    let closed: Promise<void> | undefined;
    front.balancer.on('queue', () => {
      closed ??= front.balancer.close();
    });
    const first = ask(front.port);
    await until(() => held.held() === 1);
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CLOSED');
    expect((await first).code).toBe('ERR_BALANCER_CLOSED');
    await closed;
    expect(front.errors).toHaveLength(2);
  });

  test('attempt: who is told of an answer explains, changes and adds without disturbing it', async () => {
    const front = await startPair(await startBackend('b'));
    front.balancer.on('attempt', ({ attempt }) => {
      if (attempt.outcome !== 'answered') return;
      front.balancer.view();
      front.balancer.change('b', { loadfactor: 5 });
      front.balancer.add({ url: 'http://127.0.0.1:9/', route: 'c', status: 'disabled' });
    });
    expect((await ask(front.port)).text).toBe('b');
    expect(front.member('b').loadfactor).toBe(5);
    expect(front.member('c').status).toBe('D');
  });
});

describe('diagnostics_channel', () => {
  const leave: (() => void)[] = [];
  afterEach(() => {
    for (const each of leave.splice(0)) each();
  });

  function subscribeTo(name: BalancerEventName, balancer: string): unknown[] {
    const told: unknown[] = [];
    const subscriber = (message: unknown): void => {
      // Other tests' balancers speak on the same channels.
      if ((message as { balancer: string }).balancer === balancer) told.push(message);
    };
    const on = channel(`express-proxy-balancer:${name}`);
    on.subscribe(subscriber);
    leave.push(() => {
      on.unsubscribe(subscriber);
    });
    return told;
  }

  /** Makes each event happen. */
  async function makeNews(
    name: string,
    prepare: (front: ToldFront) => void = () => undefined,
  ): Promise<void> {
    const dead = await deadUrl();
    const bad = await startBackend('bad', (_req, res) => res.writeHead(500).end());
    const held = await startHolding('held');
    const front = await startToldFront({
      name,
      ejection: { consecutive: 1 },
      members: [
        { url: dead, route: 'dead' },
        { url: bad.url, route: 'bad', lbset: 1 },
        { url: held.url, route: 'held', lbset: 2, max: 1 },
      ],
    });
    prepare(front);
    await ask(front.port);
    const asked = [ask(front.port), ask(front.port)];
    await until(() => held.held() === 1);
    held.open();
    await Promise.all(asked);
    await front.balancer.remove('bad');
  }

  test('tells every event although nobody listens', async () => {
    const told = eventNames.map((name) => [name, subscribeTo(name, 'published')] as const);
    await makeNews('published');
    // A client may have its answer before the app knows that.
    await until(() => told.every(([name, messages]) => name !== 'request' || messages.length === 3));
    const counts = Object.fromEntries(told.map(([name, messages]) => [name, messages.length]));
    // Refused and ejected; refused, bad, and two that are held; the first request moved; one has waited.
    expect(counts).toEqual({
      state: 2,
      attempt: 4,
      request: 3,
      failover: 1,
      ejection: 1,
      queue: 2,
      members: 1,
    });
  });

  test('tells the same objects that listeners get', async () => {
    const published = eventNames.map((name) => subscribeTo(name, 'the-same'));
    const heard: (readonly [BalancerEventName, unknown])[] = [];
    await makeNews('the-same', ({ balancer }) => {
      for (const name of eventNames) balancer.on(name, (event) => heard.push([name, event]));
    });
    for (const [i, name] of eventNames.entries()) {
      const ours = heard.flatMap(([each, event]) => (each === name ? [event] : []));
      expect(ours.length).toBeGreaterThan(0);
      expect(ours).toHaveLength(published[i]!.length);
      expect(ours.every((event, at) => event === published[i]![at])).toBe(true);
    }
  });
});
