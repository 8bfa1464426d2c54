import { describe, expect, test } from '@jest/globals';
import { byResponseTime } from '../../../src/choice/by-response-time.ts';
import type { Candidates } from '../../../src/choice/method.ts';
import type { Member } from '../../../src/member/member.ts';
import { partOf, simulateTraffic, type Sent, type Traffic } from './simulate-traffic.ts';
import { buildCandidates, makeContext } from './views.ts';

function simulate(traffic: Partial<Traffic> & Pick<Traffic, 'serve' | 'load'>): readonly Sent[] {
  return simulateTraffic({ method: byResponseTime, members: 'a, b', untilMs: 20_000, ...traffic });
}

const loads: readonly (readonly [string, Traffic['load']])[] = [
  ['1 in parallel', { parallel: 1 }],
  ['4 in parallel', { parallel: 4 }],
  ['16 in parallel', { parallel: 16 }],
  ['64 in parallel', { parallel: 64 }],
  ['20 a second', { perSecond: 20 }],
  ['400 a second', { perSecond: 400 }],
];

describe('byresponsetime', () => {
  test.each(loads)(
    'sends a member of 20 ms four times as many requests as one of 80 ms: %s',
    (_load, load) => {
      const sent = simulate({ serve: (name) => ({ ms: name === 'a' ? 20 : 80 }), load });
      const ratio = partOf(sent, 'a') / partOf(sent, 'b');
      expect(ratio).toBeGreaterThan(3);
      expect(ratio).toBeLessThan(5);
    },
  );

  test.each(loads)('never starves a member that is far slower: %s', (_load, load) => {
    const sent = simulate({ serve: (name) => ({ ms: name === 'a' ? 20 : 1_000 }), load, untilMs: 60_000 });
    expect(partOf(sent, 'b')).toBeGreaterThanOrEqual(0.01);
    expect(partOf(sent, 'b')).toBeLessThan(0.1);
  });

  test.each(loads)(
    'notices within seconds that the quick one is slow, and the slow one quick: %s',
    (_load, load) => {
      const serve: Traffic['serve'] = (name, atMs) => ({ ms: (name === 'a') === atMs < 10_000 ? 20 : 200 });
      const sent = simulate({ serve, load });
      expect(partOf(sent, 'a', 8_000, 10_000)).toBeGreaterThan(0.8);
      expect(partOf(sent, 'b', 15_000, 17_000)).toBeGreaterThan(0.6);
      expect(partOf(sent, 'b', 18_000)).toBeGreaterThan(0.8);
    },
  );

  test.each(loads)('lets the load factor weigh: %s', (_load, load) => {
    const sent = simulate({ members: 'a, b*3', serve: () => ({ ms: 30 }), load });
    expect(partOf(sent, 'b')).toBeGreaterThan(0.7);
    expect(partOf(sent, 'b')).toBeLessThan(0.8);
  });

  test('gives all the same while nobody has answered', () => {
    const sent = simulate({
      members: 'a, b, c',
      serve: () => ({ ms: 100 }),
      load: { parallel: 9 },
      requests: 9,
    });
    expect(['a', 'b', 'c'].map((name) => partOf(sent, name))).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  /** The shares of one election, as parts of all. */
  function sharesOf(...[notation, pasts]: Parameters<typeof buildCandidates>): number[] {
    const candidates = buildCandidates(notation, pasts);
    const shares = new Float64Array(candidates.length);
    const sum = byResponseTime.share!(candidates, 0, shares);
    return [...shares].map((share) => share / sum);
  }

  test.each([
    ['by the mean time', 'a, b', { a: { responseMs: 19 }, b: { responseMs: 79 } }, [0.8, 0.2]],
    [
      'as to the quickest, without a sample',
      'a, b, c',
      { a: { responseMs: 19 }, b: { responseMs: 39 } },
      [0.4, 0.2, 0.4],
    ],
    ['by what is under way', 'a, b', { a: { busy: 3 } }, [0.2, 0.8]],
    ['by failures', 'a, b', { a: { debt: 3 } }, [0.2, 0.8]],
    ['by the load factor', 'a, b*4', {}, [0.2, 0.8]],
    ['by what is under way for the load factor', 'a, b*4', { a: { busy: 2 }, b: { busy: 8 } }, [0.2, 0.8]],
    [
      'as to the quickest, after long without a sample',
      'a, b',
      { a: { responseMs: 20 }, b: { responseMs: 9_000, sampledAt: -600_000 } },
      [0.5, 0.5],
    ],
    [
      'no more than that, when the quickest has had none for long either',
      'a, b',
      { a: { responseMs: 19, sampledAt: -600_000 }, b: { responseMs: 79 } },
      [0.8, 0.2],
    ],
  ])('shares %s', (_what, notation, pasts, parts) => {
    expect(sharesOf(notation, pasts).map((part) => Number(part.toFixed(6)))).toEqual(parts);
  });

  test.each([1, 2, 3, 7])('shares a hundred for each of %i members, whatever they take', (count) => {
    const notation = Array.from({ length: count }, (_, i) => `m${i}`).join(', ');
    const candidates = buildCandidates(notation, { m0: { responseMs: 0.01 }, m1: { responseMs: 50_000 } });
    expect(byResponseTime.share!(candidates, 0, new Float64Array(9))).toBeCloseTo(100 * count, 6);
  });

  test('gives no credit to who is far ahead, from whatever it was left with', () => {
    const candidates = buildCandidates('a, b', { a: { lbstatus: 1_000_000 } });
    const shares = new Float64Array(2);
    expect([byResponseTime.share!(candidates, 0, shares), [...shares]]).toEqual([200, [0, 200]]);
  });

  test('leaves nobody out, though sessions have driven the credits of all others to their limit', () => {
    const views = buildCandidates('a, b, d', {
      a: { lbstatus: -1_421, responseMs: 2_000 },
      b: { lbstatus: 816, responseMs: 20 },
      d: { lbstatus: 605, responseMs: 20 },
    });
    const members: Member[] = views.map((view) => ({ ...view }));
    const candidates = members as unknown as Candidates;
    const shares = new Float64Array(3);
    const chosen: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const best: Member = byResponseTime.choose(candidates, makeContext({ now: i }));
      const total = byResponseTime.share!(candidates, i, shares);
      for (const [j, member] of members.entries()) member.lbstatus += shares[j]!;
      best.lbstatus -= total;
      chosen.push(best.settings.name);
    }
    expect(chosen.filter((name) => name === 'd').length).toBeGreaterThan(1);
  });

  test('sees within milliseconds what has changed', () => {
    const [a, b] = buildCandidates('a, b').map((member): Member => ({ ...member, responseMs: 10 }));
    const list: Candidates = [a!, b!];
    expect(byResponseTime.choose(list, makeContext({ now: 0 }))).toBe(a);
    a!.responseMs = 1_000;
    expect(byResponseTime.choose(list, makeContext({ now: 5 }))).toBe(b);
  });
});
