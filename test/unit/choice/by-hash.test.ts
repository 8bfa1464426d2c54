import { describe, expect, test } from '@jest/globals';
import { buildByHash } from '../../../src/choice/by-hash.ts';
import { random } from '../../../src/choice/random.ts';
import type { Candidates } from '../../../src/choice/method.ts';
import type { HashKey } from '../../../src/definition/definition.ts';
import { partOf, simulateTraffic } from './simulate-traffic.ts';
import { buildCandidates, makeContext, makeRequest } from './views.ts';

const keys = Array.from({ length: 10_000 }, (_, i) => `user ${i}`);
const byUser: HashKey = (req) => (req as { user?: string }).user;

/** The member's name for each key. */
function place(candidates: Candidates, hashBalance = Infinity, now = 0): readonly string[] {
  const method = buildByHash(byUser, hashBalance);
  return keys.map((user) => {
    const context = makeContext({ now, req: makeRequest({ user }) });
    return method.choose(candidates, context).settings.name;
  });
}

function partOfKeys(names: readonly string[], name: string): number {
  return names.filter((each) => each === name).length / names.length;
}

describe('byhash without bound', () => {
  const before = place(buildCandidates('a, b, c, d, e'));

  test('keeps each key where it is, from process to process', () => {
    expect(place(buildCandidates('a, b, c, d, e'))).toEqual(before);
    // Another answer would move sessions in a cluster where two versions run side by side.
    expect(before.slice(0, 12).join(' ')).toBe('c d a e a e b d a d a a');
  });

  test('does not ask for the order of the members', () => {
    expect(place(buildCandidates('e, b, d, c, a'))).toEqual(before);
  });

  test('gives each its share of the keys', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect(partOfKeys(before, name)).toBeCloseTo(0.2, 1);
  });

  test('gives each its share by load factor', () => {
    const names = place(buildCandidates('a, b*3, c*6'));
    expect(Math.abs(partOfKeys(names, 'a') - 0.1)).toBeLessThan(0.015);
    expect(Math.abs(partOfKeys(names, 'b') - 0.3)).toBeLessThan(0.02);
    expect(Math.abs(partOfKeys(names, 'c') - 0.6)).toBeLessThan(0.02);
  });

  test('moves only the keys of a member that is gone, to all others', () => {
    const after = place(buildCandidates('a, b, d, e'));
    const moved = after.filter((name, i) => name !== before[i]);
    expect(after.filter((name, i) => before[i] !== 'c' && name !== before[i])).toEqual([]);
    for (const name of ['a', 'b', 'd', 'e']) expect(partOfKeys(moved, name)).toBeCloseTo(0.25, 1);
  });

  test('moves about a sixth of the keys when a sixth member comes, and only to it', () => {
    const after = place(buildCandidates('a, b, c, d, e, f'));
    const moved = after.filter((name, i) => name !== before[i]);
    expect(new Set(moved)).toEqual(new Set(['f']));
    expect(Math.abs(moved.length / keys.length - 1 / 6)).toBeLessThan(0.015);
  });

  test('moves keys only to a member whose load factor grows, and back in a slow start', () => {
    const heavier = place(buildCandidates('a, b, c, d, e*2'));
    expect(new Set(heavier.filter((name, i) => name !== before[i]))).toEqual(new Set(['e']));
    const slow = { e: { settings: { slowStartMs: 1_000 }, state: { upSince: 0 } } };
    const parts = [0, 500, 1_000].map((now) =>
      partOfKeys(place(buildCandidates('a, b, c, d, e', slow), Infinity, now), 'e'),
    );
    expect(parts[0]).toBeGreaterThan(0.01);
    expect(parts[0]).toBeLessThan(0.04);
    expect(parts[1]).toBeGreaterThan(parts[0]! + 0.05);
    expect(parts[2]).toBe(partOfKeys(before, 'e'));
  });

  test('looks at nothing else', () => {
    const busy = { busy: 1_000, debt: 50, lbstatus: -10_000 };
    expect(place(buildCandidates('a, b, c, d, e', { a: busy, c: busy }))).toEqual(before);
  });
});

describe('byhash with a bound', () => {
  const before = place(buildCandidates('a, b, c, d, e'));

  test('keeps keys where they are while everybody is below it', () => {
    const pasts = { a: { busy: 2 }, b: { busy: 2 }, c: { busy: 2 }, d: { busy: 2 }, e: { busy: 2 } };
    expect(place(buildCandidates('a, b, c, d, e', pasts), 1.25)).toEqual(before);
  });

  test.each([
    ['busy', { busy: 4 }],
    // Up to three failures are pardoned.
    ['failing', { debt: 7 }],
  ])('moves the keys of a %s member, and no others, as if it were gone', (_how, past) => {
    const others = { b: { busy: 1 }, c: { busy: 1 }, d: { busy: 1 }, e: { busy: 1 } };
    const after = place(buildCandidates('a, b, c, d, e', { ...others, a: past }), 1.25);
    expect(after).toEqual(place(buildCandidates('b, c, d, e')));
  });

  test('allows more to a member with a greater load factor', () => {
    const pasts = { a: { busy: 2 }, b: { busy: 4 } };
    expect(place(buildCandidates('a, b*4', pasts), 1)).toEqual(place(buildCandidates('b')));
    expect(new Set(place(buildCandidates('a, b*4', pasts), 2))).toEqual(new Set(['a', 'b']));
  });

  test.each([1, 1.25, 2])(
    'never goes above %d times the share, be all requests of one client',
    (hashBalance) => {
      const method = buildByHash('ip', hashBalance);
      const pasts: Record<string, { busy: number }> = {
        a: { busy: 0 },
        b: { busy: 0 },
        c: { busy: 0 },
        d: { busy: 0 },
      };
      for (let i = 0; i < 100; i += 1) {
        const candidates = buildCandidates('a, b, c, d', pasts);
        const { name } = method.choose(
          candidates,
          makeContext({ req: makeRequest({ ip: '192.0.2.1' }) }),
        ).settings;
        pasts[name]!.busy += 1;
        expect(pasts[name]!.busy).toBeLessThanOrEqual(Math.ceil((hashBalance * (i + 1)) / 4));
      }
    },
  );

  test('gives no member more than its bound under load', () => {
    const sent = simulateTraffic({
      method: buildByHash('ip', 1.25),
      members: 'a, b, c',
      serve: () => ({ ms: 20 }),
      load: { parallel: 12 },
      requests: 6_000,
    });
    for (const name of ['a', 'b', 'c']) {
      expect(partOf(sent, name)).toBeGreaterThan(0.25);
      expect(partOf(sent, name)).toBeLessThan(0.45);
    }
  });
});

describe('the key', () => {
  const candidates = buildCandidates('a, b, c, d, e');
  const expected = place(candidates);

  test.each<[string, HashKey, (key: string) => object]>([
    ["Express's address of the client", 'ip', (ip) => ({ ip, socket: { remoteAddress: '192.0.2.9' } })],
    ['the address of the connection', 'ip', (remoteAddress) => ({ socket: { remoteAddress } })],
    ['a field, whatever its spelling', { header: 'X-User' }, (user) => ({ rawHeaders: ['x-USER', user] })],
    ['a cookie', { cookie: 'user' }, (user) => ({ rawHeaders: ['Cookie', `a=b; user="${user}"`] })],
    ['what a function says', byUser, (user) => ({ user })],
  ])('is %s', (_what, hashKey, say) => {
    const method = buildByHash(hashKey, Infinity);
    const names = keys.slice(0, 100).map((key) => {
      return method.choose(candidates, makeContext({ req: makeRequest(say(key) as Record<string, unknown>) }))
        .settings.name;
    });
    expect(names).toEqual(expected.slice(0, 100));
  });

  test('may be a number', () => {
    const choose = (id: number | string): string =>
      buildByHash(() => id, Infinity).choose(candidates, makeContext()).settings.name;
    for (let id = 0; id < 20; id += 1) expect(choose(id)).toBe(choose(String(id)));
  });

  test.each<[string, HashKey]>([
    ['address', 'ip'],
    ['field', { header: 'x-user' }],
    ['cookie', { cookie: 'user' }],
    ['answer of the function', byUser],
    ['text in it', () => ''],
  ])('sends a request without one to the less busy of two that are drawn: no %s', (_what, hashKey) => {
    const working = buildCandidates('a, b, c', { a: { busy: 2 }, b: { busy: 1 }, c: { busy: 3 } });
    for (const drawn of [0, 0.4, 0.9]) {
      const context = makeContext({ random: () => drawn });
      expect(buildByHash(hashKey, 1.25).choose(working, context)).toBe(random.choose(working, context));
    }
  });

  test('leaves nothing behind for the next request', () => {
    expect(buildByHash(byUser, 1.25).share).toBeUndefined();
  });

  test.each<[string, () => unknown, string]>([
    [
      'has thrown',
      () => {
        throw new TypeError('no user');
      },
      'the function given as hashKey has thrown',
    ],
    ['returned null', () => null, 'has returned null: return a string, a number or undefined'],
    ['returned an object', () => ({}), 'has returned an object'],
    ['is asynchronous', () => Promise.reject(new Error('late')), 'has returned a Promise'],
  ])('is told to be wrong when its function %s', (_what, key, message) => {
    const method = buildByHash(key as HashKey, 1.25);
    expect(() => method.choose(candidates, makeContext())).toThrow(message);
  });
});
