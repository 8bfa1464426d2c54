import { describe, expect, jest, test } from '@jest/globals';
import { byRequests } from '../../../src/choice/by-requests.ts';
import type { Method } from '../../../src/choice/method.ts';
import { buildMethod } from '../../../src/choice/methods.ts';
import { methodNames } from '../../../src/definition/check-lbmethod.ts';
import type { LbMethod } from '../../../src/definition/definition.ts';
import type { Settings } from '../../../src/definition/settings.ts';
import type { MemberSnapshot } from '../../../src/member/snapshot.ts';
import { Status } from '../../../src/member/status.ts';
import { partOf, setStatus, simulateTraffic, type Traffic } from './simulate-traffic.ts';
import { buildCandidates, makeContext, makeRequest } from './views.ts';

function build(lbmethod: Settings['lbmethod']): Method {
  return buildMethod({ lbmethod, hashKey: 'ip', hashBalance: 1.25 });
}

describe('a member that fails at once (Q36)', () => {
  const q36: Omit<Traffic, 'method'> = {
    members: 'a, b',
    serve: (name) => (name === 'a' ? { ms: 150, bytes: 2_000 } : { ms: 1, bytes: 150, isBad: true }),
    load: { parallel: 4 },
  };

  // httpd: byrequests 24, bybusyness 35, bytraffic 43 of 48.
  test.each([
    ['byrequests', 24],
    ['bytraffic', 12],
    ['bybusyness', 12],
    ['byresponsetime', 12],
    ['random', 12],
    ['byhash', 24],
  ] as const)('gets no more of 48 requests under %s than %i', (name, most) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const sent = simulateTraffic({ ...q36, method: build(name), requests: 48, seed });
      const count = sent.filter((each) => each.name === 'b').length;
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(most);
    }
  });

  test.each(methodNames)(
    'gets no more in the long run either, and its part when it has recovered: %s',
    (name) => {
      const sent = simulateTraffic({
        ...q36,
        method: build(name),
        serve: (member, atMs) =>
          member === 'a' || atMs > 20_000 ? { ms: 50, bytes: 2_000 } : { ms: 1, bytes: 150, isBad: true },
        untilMs: 120_000,
      });
      expect(partOf(sent, 'b', 0, 20_000)).toBeLessThanOrEqual(0.51);
      expect(partOf(sent, 'b', 90_000)).toBeGreaterThan(0.35);
      expect(partOf(sent, 'b', 90_000)).toBeLessThan(0.6);
    },
  );
});

describe('a member that was away for a while', () => {
  const loads = [{ parallel: 1 }, { parallel: 12 }, { perSecond: 200 }] as const;
  const cases = methodNames.flatMap((name) =>
    loads.map((load) => [name, JSON.stringify(load), load] as const),
  );
  const away: Pick<Traffic, 'members' | 'serve' | 'events' | 'untilMs'> = {
    members: 'a, b, c',
    serve: () => ({ ms: 40 }),
    events: [
      [5_000, setStatus('b', Status.disabled)],
      [25_000, setStatus('b', 0)],
    ],
    untilMs: 70_000,
  };

  test.each(cases)('is not flooded when it comes back: %s, %s', (name, _load, load) => {
    const sent = simulateTraffic({ ...away, load, method: build(name) });
    expect(partOf(sent, 'b', 5_000, 25_000)).toBe(0);
    expect(partOf(sent, 'b', 25_000, 26_000)).toBeLessThan(0.55);
    expect(partOf(sent, 'b', 60_000)).toBeGreaterThan(0.2);
    expect(partOf(sent, 'b', 60_000)).toBeLessThan(0.45);
  });

  test.each(cases)('is held back by its slow start, but not out: %s, %s', (name, _load, load) => {
    const settings = { slowStartMs: 20_000 };
    const sent = simulateTraffic({ ...away, load, method: build(name), settings });
    // A third would be its part; it has a tenth to a third of its weight.
    expect(partOf(sent, 'b', 25_000, 30_000)).toBeGreaterThan(0);
    expect(partOf(sent, 'b', 25_000, 30_000)).toBeLessThan(0.25);
    expect(partOf(sent, 'b', 30_000, 45_000)).toBeGreaterThan(0.07);
    // Nor does it make up for it afterwards.
    expect(partOf(sent, 'b', 45_000, 50_000)).toBeLessThan(0.45);
  });
});

describe('a function as the method', () => {
  const candidates = buildCandidates('a, b*2, c', { b: { busy: 3 } });

  test('is given the members as they are, and the request, and names one of them', () => {
    const req = makeRequest();
    const choose = jest.fn<LbMethod>((members) => members[2]);
    expect(build(choose).choose(candidates, makeContext({ req }))).toBe(candidates[2]);
    const [members, asked] = choose.mock.calls[0]!;
    expect(asked).toBe(req);
    expect(members.map(({ name, loadfactor, busy }) => [name, loadfactor, busy])).toEqual([
      ['a', 1, 0],
      ['b', 2, 3],
      ['c', 1, 0],
    ]);
  });

  test('leaves to byrequests what it does not want to choose', () => {
    const method = build(() => undefined);
    expect(method.choose(candidates, makeContext())).toBe(candidates[1]);
    expect(byRequests.choose(candidates, makeContext())).toBe(candidates[1]);
    expect(method.share!(candidates, 0, new Float64Array(3))).toBe(400);
  });

  test.each<[string, (members: readonly MemberSnapshot[]) => unknown, string]>([
    [
      'a member that is none of them',
      ([a]) => ({ ...a! }),
      'has returned an object: return one of the members',
    ],
    ['null', () => null, 'has returned null'],
    ['a name', () => 'a', "has returned 'a'"],
    ['a promise', ([a]) => Promise.resolve(a), 'has returned a Promise'],
    ['a promise that fails', () => Promise.reject(new Error('late')), 'has returned a Promise'],
  ])('is told to be wrong when it returns %s', (_what, choose, message) => {
    const method = build(choose as LbMethod);
    expect(() => method.choose(candidates, makeContext())).toThrow(message);
  });

  test('is told to have thrown, and what', () => {
    const cause = new TypeError('no such tenant');
    const method = build(() => {
      throw cause;
    });
    expect(() => method.choose(candidates, makeContext())).toThrow(
      expect.objectContaining({ message: 'the function given as lbmethod has thrown', cause }),
    );
  });
});
