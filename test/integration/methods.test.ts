import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition, MemberParameters, MemberSnapshot } from '../../src/index.ts';
import { ask, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { senders, type FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { askInTurn, askMany, tally } from '../support/load.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { createTimedLoad } from '../support/timed.ts';

afterEach(tidyUp);

function startOver(
  backends: readonly Backend[],
  definition: Partial<BalancerDefinition>,
  parameters: readonly MemberParameters[] = [],
  options: FrontOptions = {},
): Promise<ToldFront> {
  return startToldFront(
    { ...definition, members: backends.map(({ url }, i) => ({ url, route: 'abcde'[i]!, ...parameters[i] })) },
    options,
  );
}

function startNamed(names: readonly string[]): Promise<readonly Backend[]> {
  return Promise.all(names.map((name) => startBackend(name)));
}

describe('byresponsetime', () => {
  test.each([
    [1, 120],
    [4, 240],
    [16, 640],
  ])('gives 20 ms and 80 ms about 4 : 1, with %i at a time', async (parallel, count) => {
    const load = createTimedLoad();
    const backends = [await load.start('a', 20), await load.start('b', 80)];
    const front = await startOver(backends, { lbmethod: 'byresponsetime' });
    // Until it knows them, it takes them for equals.
    await load.askMany(front, 10 * parallel, parallel);
    const { a = 0, b = 0 } = tally(await load.askMany(front, count, parallel));
    expect(a / b).toBeGreaterThan(3);
    expect(a / b).toBeLessThan(5);
  });

  test('notices a member that becomes slow, and one that becomes quick', async () => {
    const load = createTimedLoad();
    const [a, b] = [await load.start('a', 10), await load.start('b', 40)];
    const front = await startOver([a, b], { lbmethod: 'byresponsetime' });
    const partOfA = async (): Promise<number> => (tally(await load.askMany(front, 40, 4))['a'] ?? 0) / 40;
    await partOfA();
    expect(await partOfA()).toBeGreaterThan(0.6);
    a.ms = 200;
    let batches = 0;
    while ((await partOfA()) > 0.3) batches += 1;
    expect(batches).toBeLessThan(8);
    a.ms = 2;
    for (batches = 0; (await partOfA()) < 0.6;) batches += 1;
    expect(batches).toBeLessThan(20);
  });
});

describe('Q36: a member that fails at once draws no more than its share', () => {
  test.each<[string, BalancerDefinition['lbmethod']]>([
    ['byrequests', 'byrequests'],
    ['bytraffic', 'bytraffic'],
    ['bybusyness', 'bybusyness'],
    ['byresponsetime', 'byresponsetime'],
    ['random', 'random'],
    ['byhash', 'byhash'],
    ['an own function', () => undefined],
  ])('under %s', async (_name, lbmethod = 'byrequests') => {
    const load = createTimedLoad();
    const good = await load.start('a', 100, (res) => res.end('a'.repeat(2_000)));
    const bad = await load.start('b', 0, (res) => res.writeHead(500).end('b'));
    const front = await startOver([good, bad], {
      lbmethod,
      ...(lbmethod === 'byhash' && { hashKey: { header: 'x-key' } }),
    });
    await load.askMany(front, 48, 4, (index) => ({ headers: { 'X-Key': `key ${index}` } }));
    const served = [good.begun.length, bad.begun.length];
    expect(served[0]! + served[1]!).toBe(48);
    // httpd gives it 35 of them by busyness, and 43 by traffic.
    if (typeof lbmethod === 'function' || lbmethod === 'byrequests') expect(served).toEqual([24, 24]);
    expect(served[1]).toBeLessThanOrEqual(24);
  });
});

describe('byhash', () => {
  const users = Array.from({ length: 24 }, (_, i) => `user-${i}`);
  const byField = (user: string): Asked => ({ headers: { 'X-User': user } });

  /** Who serves each user. */
  async function place(
    front: ToldFront,
    describeUser: (user: string) => Asked = byField,
  ): Promise<ReadonlyMap<string, string>> {
    const places = new Map<string, string>();
    for (const user of users) places.set(user, (await ask(front.port, describeUser(user))).text);
    return places;
  }

  /** Those whose places differ, as `from>to`. */
  function findMoves(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Set<string> {
    const moves = users.filter((user) => before.get(user) !== after.get(user));
    return new Set(moves.map((user) => `${before.get(user)!}>${after.get(user)!}`));
  }

  const byUser = { lbmethod: 'byhash', hashKey: { header: 'x-user' } } as const;

  test.each<[string, Partial<BalancerDefinition>, (user: string, i: number) => Asked, FrontOptions]>([
    ['a field', { hashKey: { header: 'x-user' } }, byField, {}],
    [
      'a cookie',
      { hashKey: { cookie: 'user' } },
      (user) => ({ headers: { Cookie: `theme=dark; user=${user}` } }),
      {},
    ],
    [
      'the address behind a trusted proxy',
      {},
      (_user, i) => ({ headers: { 'X-Forwarded-For': `192.0.2.${i + 1}` } }),
      { before: (app) => app.set('trust proxy', 'loopback') },
    ],
    [
      'what earlier middleware knows of the request',
      { hashKey: (req: IncomingMessage & { user?: { id: string } }) => req.user?.id },
      (user) => ({ headers: { Authorization: `Bearer ${user}` } }),
      {
        before: (app) =>
          app.use((req, _res, next) => {
            Object.assign(req, { user: { id: req.headers.authorization!.slice('Bearer '.length) } });
            next();
          }),
      },
    ],
  ])('keeps each client on one member by %s', async (_what, hashing, describeUser, options) => {
    const front = await startOver(
      await startNamed(['a', 'b', 'c']),
      { lbmethod: 'byhash', ...hashing },
      [],
      options,
    );
    const asUser = (user: string): Asked => describeUser(user, users.indexOf(user));
    const first = await place(front, asUser);
    expect(new Set(first.values())).toEqual(new Set(['a', 'b', 'c']));
    expect(await place(front, asUser)).toEqual(first);
  });

  test('takes everybody for one client, who comes from one address that is no proxy', async () => {
    const front = await startOver(await startNamed(['a', 'b', 'c']), { lbmethod: 'byhash' });
    const places = await place(front, (user) => ({
      headers: { 'X-Forwarded-For': `192.0.2.${users.indexOf(user)}` },
    }));
    expect(new Set(places.values()).size).toBe(1);
  });

  test('moves only the clients of a member that is removed, or comes', async () => {
    const front = await startOver(await startNamed(['a', 'b', 'c']), byUser);
    const before = await place(front);
    await front.balancer.remove('b');
    const without = await place(front);
    expect([...findMoves(before, without)].every((move) => move.startsWith('b>'))).toBe(true);
    expect([...without.values()]).not.toContain('b');
    const d = await startBackend('d');
    front.balancer.add({ url: d.url, route: 'd' });
    const moves = findMoves(without, await place(front));
    expect(moves.size).toBeGreaterThan(0);
    expect([...moves].every((move) => move.endsWith('>d'))).toBe(true);
  });

  test.each(senders)(
    'over %s: moves them when it fails, and back when it has recovered',
    async (_s, sender) => {
      const backends = await startNamed(['a', 'b', 'c']);
      const front = await startOver(backends, { ...sender, ...byUser, hashBalance: false }, [
        { retry: '50ms' },
      ]);
      const before = await place(front);
      await backends[0]!.stop();
      const moves = findMoves(before, await place(front));
      expect(moves.size).toBeGreaterThan(0);
      expect([...moves].every((move) => move.startsWith('a>'))).toBe(true);
      await backends[0]!.start();
      await until(() => (front.member('a').retryInMs ?? 0) === 0);
      // The trial is a request that belongs there.
      await place(front);
      expect(front.member('a').status).toBe('');
      expect(await place(front)).toEqual(before);
    },
  );

  test('lets nobody have much more than its share at a time', async () => {
    const backends = [await startHolding('a'), await startHolding('b'), await startHolding('c')];
    const front = await startOver(backends, byUser);
    const told = askMany(front.port, 12, 12, byField('one and the same'));
    await until(() => backends.reduce((sum, backend) => sum + backend.held(), 0) === 12);
    for (const backend of backends) {
      expect(backend.held()).toBeGreaterThan(0);
      expect(backend.held()).toBeLessThanOrEqual(Math.ceil((1.25 * 12) / 3));
    }
    for (const backend of backends) backend.open();
    expect(await told).toHaveLength(12);
  });
});

describe.each(senders)('%s: bytraffic', (_sender, sender) => {
  /** `a`, `b` and `c`, whose answers have the next of these lengths each, whoever answers. */
  async function startSized(sizes: readonly number[]): Promise<readonly Backend[]> {
    let next = 0;
    return Promise.all(
      ['a', 'b', 'c'].map((name) =>
        startBackend(name, (_req, res) => {
          const size = sizes[Math.min(next++, sizes.length - 1)]!;
          res.setHeader('X-Backend', name).end(name.repeat(size));
        }),
      ),
    );
  }

  test.each([
    ['Q33', [1, 1, 1], [500], 'a b c a b c a b c'],
    ['Q33', [1, 2, 1], [500], 'a b c b a b c b'],
    ['Q34', [1, 1, 2], [10_000, 10, 10, 10, 10, 3_000, 10], 'a b c c b c b b b b b b'],
  ])('%s: load factors %j, sizes %j', async (_id, factors, sizes, expected) => {
    const backends = await startSized(sizes);
    const parameters = factors.map((loadfactor) => ({ loadfactor }));
    const front = await startOver(backends, { ...sender, lbmethod: 'bytraffic' }, parameters);
    const told = await askMany(front.port, expected.split(' ').length, 1);
    expect(told.map(({ headers }) => headers['x-backend']).join(' ')).toBe(expected);
  });

  test('counts what is uploaded, too', async () => {
    const front = await startOver(await startNamed(['a', 'b', 'c']), { ...sender, lbmethod: 'bytraffic' });
    await ask(front.port, { method: 'POST', body: Buffer.alloc(50_000) });
    expect(await askInTurn(front.port, 6)).toBe('b c b c b c');
    expect(front.member('a').sent).toBeGreaterThan(50_000);
  });

  test('Q35, otherwise than httpd: a member that was down gets its share, not everything', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startOver([a, b], { ...sender, lbmethod: 'bytraffic' }, [{}, { retry: '20ms' }]);
    await b.stop();
    expect(await askInTurn(front.port, 12)).toBe(Array(12).fill('a').join(' '));
    await b.start();
    await until(() => (front.member('b').retryInMs ?? 0) === 0);
    const { b: served = 0 } = tally(await askMany(front.port, 20, 1));
    expect(served).toBeGreaterThan(3);
    expect(served).toBeLessThan(13);
  });
});

describe.each(senders)('%s: bybusyness', (_sender, sender) => {
  test('Q32: quick requests go past those who are busy', async () => {
    const answers: (() => void)[] = [];
    const backends = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        startBackend(name, (req, res) => {
          if (req.url === '/slow') answers.push(() => res.end(name));
          else res.end(name);
        }),
      ),
    );
    const front = await startOver(backends, { ...sender, lbmethod: 'bybusyness' });
    const slow = [];
    for (let i = 1; i <= 4; i += 1) {
      slow.push(ask(front.port, { path: '/slow' }));
      await until(() => answers.length === i);
    }
    expect(front.balancer.view().map(({ busy }) => busy)).toEqual([2, 1, 1]);
    expect(await askInTurn(front.port, 5)).toBe('b c b c b');
    for (const answer of answers) answer();
    expect((await Promise.all(slow)).map(({ text }) => text)).toEqual(['a', 'b', 'c', 'a']);
  });

  test.each([
    ['Q31', [1, 1, 1], 'a b c a b c'],
    ['Q31', [1, 2, 1], 'b a c b b a c b b a c b'],
  ])('%s: idle ones in turn, by load factors %j', async (_id, factors, expected) => {
    const parameters = factors.map((loadfactor) => ({ loadfactor }));
    const front = await startOver(
      await startNamed(['a', 'b', 'c']),
      { ...sender, lbmethod: 'bybusyness' },
      parameters,
    );
    expect(await askInTurn(front.port, expected.split(' ').length)).toBe(expected);
  });
});

describe('random', () => {
  test('reaches everybody', async () => {
    const front = await startOver(await startNamed(['a', 'b', 'c']), { lbmethod: 'random' });
    const counts = tally(await askMany(front.port, 150, 1));
    // Each would have to be missed 130 times of 150 at a chance of 2 to 1.
    for (const name of 'abc') expect(counts[name]).toBeGreaterThan(20);
  });

  test('takes the less busy of two', async () => {
    const backends = [await startHolding('a'), await startHolding('b')];
    const front = await startOver(backends, { lbmethod: 'random' });
    const told = askMany(front.port, 10, 10);
    await until(() => backends[0]!.held() + backends[1]!.held() === 10);
    expect(backends.map((backend) => backend.held())).toEqual([5, 5]);
    for (const backend of backends) backend.open();
    await told;
  });
});

describe.each(senders)('%s: a function of the definition', (_sender, sender) => {
  test('sees the members that may be chosen, as they are, and the request', async () => {
    const seen: (readonly MemberSnapshot[])[] = [];
    const urls: (string | undefined)[] = [];
    const backends = await startNamed(['a', 'b', 'c']);
    const front = await startOver(
      backends,
      {
        ...sender,
        lbmethod(members, req) {
          seen.push(members);
          urls.push(req.url);
          return members.at(-1);
        },
      },
      [{ loadfactor: 2 }, { status: 'D' }],
    );
    expect(await askInTurn(front.port, 2, { path: '/p?q=1' })).toBe('c c');
    expect(urls).toEqual(['/p?q=1', '/p?q=1']);
    expect(seen.map((members) => members.map(({ name, elected }) => `${name} ${elected}`))).toEqual([
      ['a 0', 'c 0'],
      ['a 0', 'c 1'],
    ]);
    expect(seen[1]![0]).toMatchObject({ url: backends[0]!.url, loadfactor: 2, busy: 0, status: '' });
  });

  test('may decide by the request, and leave others to byrequests', async () => {
    const front = await startOver(await startNamed(['a', 'b']), {
      ...sender,
      lbmethod: (members, req) =>
        req.headers['x-beta'] ? members.find(({ route }) => route === 'b') : undefined,
    });
    expect(await askInTurn(front.port, 4)).toBe('a b a b');
    expect(await askInTurn(front.port, 3, { headers: { 'X-Beta': '1' } })).toBe('b b b');
  });

  test('is asked again among those that are left when a member fails', async () => {
    const choices: string[] = [];
    const b = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      lbmethod(members) {
        choices.push(members.map(({ name }) => name).join(' '));
        return members[0];
      },
      members: [
        { url: await deadUrl(), route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    expect((await ask(front.port)).text).toBe('b');
    expect(choices).toEqual(['a b', 'b']);
  });

  test.each<[string, BalancerDefinition['lbmethod'], RegExp]>([
    ['a stranger', (members) => ({ ...members[0] }), /return one of the members it was given/],
    ['null', () => null as unknown as undefined, /has returned null/],
    ['a promise', (async () => Promise.reject(new Error('late'))) as never, /has returned a Promise/],
    [
      'nothing, but throws',
      () => {
        throw new TypeError('no');
      },
      /has thrown/,
    ],
  ])(
    'that returns %s fails the request, and nobody is blamed',
    async (_what, lbmethod = 'random', message) => {
      const front = await startOver(await startNamed(['a', 'b']), { ...sender, lbmethod });
      expect(await ask(front.port)).toMatchObject({ status: 500, code: 'ERR_BALANCER_LBMETHOD' });
      expect(front.errors).toHaveLength(1);
      expect(front.errors[0]!.message).toMatch(message);
      expect(front.balancer.view().map(({ elected, status }) => [elected, status])).toEqual([
        [0, ''],
        [0, ''],
      ]);
    },
  );

  test('that throws once a member has failed is told of, once', async () => {
    const b = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      lbmethod(members) {
        if (members.length === 1) throw new TypeError('I need two');
        return members[0];
      },
      members: [
        { url: await deadUrl(), route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    expect(await ask(front.port)).toMatchObject({ status: 500, code: 'ERR_BALANCER_LBMETHOD' });
    expect(front.errors).toHaveLength(1);
    expect(front.stories()).toEqual(['a connect ECONNREFUSED']);
    expect(b.begun).toEqual([]);
  });

  test('that throws when another member was to be tried leaves the answer that is there', async () => {
    const a = await startBackend('a', (_req, res) => res.writeHead(503).end('a'));
    const b = await startBackend('b');
    const front = await startOver([a, b], {
      ...sender,
      failoverOn: [503],
      lbmethod(members) {
        if (members.length === 1) throw new TypeError('I need two');
        return members[0];
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 503, text: 'a' });
    expect(front.errors).toEqual([]);
  });
});
