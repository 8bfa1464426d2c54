import { describe, expect, test } from '@jest/globals';
import { halve } from '../../../src/member/decay.ts';
import {
  debtOf,
  failureHandicap,
  failureMs,
  meanAnswer,
  rampHandicap,
  rescaledHandicap,
  responseMsOf,
  returnCredit,
  returnDebt,
  returnHandicap,
  sampleResponse,
  trafficOf,
  wholeDebtOf,
} from '../../../src/member/statistics.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { buildCandidates, type Past } from '../choice/views.ts';

describe('halving', () => {
  test.each([0, 0.001, 0.5, 1, 1.23456, 2, 3.999, 10, 19.9])(
    'is right to five digits: %d half-lives',
    (halfLives) => {
      expect(Math.abs(halve(halfLives) / 2 ** -halfLives - 1)).toBeLessThan(2e-5);
    },
  );

  test.each([
    [-1, 1],
    [20, 0],
    [Infinity, 0],
  ])('stays within 0 and 1: %d half-lives', (halfLives, left) => {
    expect(halve(halfLives)).toBe(left);
  });
});

describe('a debt', () => {
  test.each([
    [0, 8, 8],
    [10_000, 4, 4],
    [40_000, 0.5, 1],
    [40_001, 0.5, 0],
    [1e9, 0, 0],
  ])('halves every ten seconds: after %i ms', (now, debt, whole) => {
    const [a] = buildCandidates('a', { a: { debt: 8 } });
    expect(debtOf(a, now)).toBeCloseTo(debt, 4);
    expect(wholeDebtOf(a, now)).toBe(whole);
  });

  test('of a member that comes back makes it as busy as the least busy of the others, at the end of a request of its', () => {
    const [a, ...others] = buildCandidates('a, b, c', {
      b: { busy: 6 },
      c: { busy: 3, debt: 4, debtAt: -10_000 },
    });
    expect(returnDebt(a, others, 0)).toBe(4);
    expect(returnDebt({ ...a, busy: 1 }, others, 0)).toBe(3);
    expect(returnDebt({ ...a, debt: 7 }, others, 0)).toBe(7);
  });

  test('stays when nobody else serves', () => {
    const [a, b] = buildCandidates('a, b D', { a: { debt: 2 }, b: { busy: 50 } });
    expect([returnDebt(a, [], 0), returnDebt(a, [a, b!], 0)]).toEqual([2, 2]);
  });
});

describe('the mean time to an answer', () => {
  const [fresh] = buildCandidates('a');
  const [used] = buildCandidates('a', { a: { responseMs: 100, sampledAt: 1_000 } });

  test('is unknown before the first sample, which is taken whole', () => {
    expect(responseMsOf(fresh, 0)).toBeUndefined();
    expect(sampleResponse(fresh, 250, 5)).toBe(250);
  });

  test.each([
    [1_000, 100],
    [7_000, 50],
    [13_000, 25],
    [1e6, 0],
  ])('halves every six seconds without one: at %i ms', (now, ms) => {
    expect(responseMsOf(used, now)).toBeCloseTo(ms, 6);
  });

  test.each([
    ['much after a long time', 1e6, 500],
    ['by half after two seconds', 3_000, 300],
    ['a little at the same instant', 1_000, 108],
    ['as little if clocks were to go back', 0, 108],
  ])('moves %s', (_how, now, ms) => {
    expect(sampleResponse(used, 500, now)).toBeCloseTo(ms, 6);
  });

  test.each([0, 1, 20, 500, 5_000])('is that of equal samples, one every %i ms', (every) => {
    let member = { ...used };
    for (let i = 0; i < 1_000; i += 1) {
      const now = member.sampledAt + every;
      member = { ...member, responseMs: sampleResponse(member, 30, now), sampledAt: now };
    }
    expect(member.responseMs).toBeCloseTo(30, 3);
  });
});

describe('a failure, as a sample', () => {
  test.each<[string, number, Past, Past, number]>([
    ['of four times its mean', 1, { responseMs: 50 }, {}, 200],
    ["of four times the others' where it has none", 1, {}, { responseMs: 30 }, 120],
    [
      "of four times the others' where it fails faster than they answer",
      1,
      { responseMs: 2 },
      { responseMs: 30 },
      120,
    ],
    ['of its own time where that is longer', 900, { responseMs: 50 }, { responseMs: 30 }, 900],
    ['of a second where nobody has answered', 1, {}, {}, 1_000],
    ['of ten seconds at most', 60_000, { responseMs: 50 }, { responseMs: 30 }, 10_000],
    ['of ten seconds at most, first of all', 60_000, {}, {}, 10_000],
    ['of more than that where others are as slow', 1, {}, { responseMs: 12_000 }, 48_000],
    ['never better than its mean', 1, { responseMs: 20_000 }, { responseMs: 30 }, 20_000],
  ])('counts as one %s', (_what, ms, own, other, expected) => {
    const candidates = buildCandidates('a, b', { a: own, b: other });
    expect(failureMs(candidates[0], candidates, ms)).toBe(expected);
  });

  test('does not drive means up without end when everybody fails', () => {
    let [a, b] = buildCandidates('a, b') as readonly [MemberView, MemberView];
    for (let now = 0; now < 3_600_000; now += 100) {
      a = { ...a, responseMs: sampleResponse(a, failureMs(a, [b], 1), now), sampledAt: now };
      b = { ...b, responseMs: sampleResponse(b, failureMs(b, [a], 1), now), sampledAt: now };
    }
    expect(a.responseMs).toBeLessThanOrEqual(120_000);
  });
});

describe('the figure of bytraffic', () => {
  test('divides what was sent and received apart, and rounds each down', () => {
    const [a] = buildCandidates('a*2', { a: { sent: 399, received: 1_399, handicap: 100 } });
    expect(trafficOf(a)).toBe(1 + 6 + 0.5);
  });

  test('grows with a failure by four answers of the others', () => {
    const candidates = buildCandidates('a, b, c', {
      a: { elected: 9, received: 1_000_000 },
      b: { elected: 3, busy: 1, sent: 200, received: 3_000 },
      c: { elected: 2, sent: 200, received: 4_600 },
    });
    expect(meanAnswer(candidates, candidates[0])).toBe(2_000);
    expect(failureHandicap(candidates[0], candidates)).toBe(8_000);
  });

  test('grows a good deal before anybody has answered', () => {
    const candidates = buildCandidates('a, b', { b: { elected: 3, busy: 3, sent: 900 } });
    expect(failureHandicap(candidates[0], candidates)).toBe(65_536);
    expect(failureHandicap(candidates[0], [])).toBe(65_536);
  });

  test('grows several times as fast in a slow start', () => {
    const [a] = buildCandidates('a*3', { a: { settings: { slowStartMs: 900 }, state: { upSince: 0 } } });
    expect([0, 400, 900].map((now) => 1_000 + rampHandicap(a, 1_000, now))).toEqual([10_000, 2_000, 1_000]);
  });

  test.each(['a', 'a*3', 'a*0.5'])('is that of the lowest of the others when %s comes back', (notation) => {
    const candidates = buildCandidates(`${notation}, b, c*2, d D, e H, f@1`, {
      a: { sent: 1_234, received: 98_765 },
      b: { sent: 700_000, received: 250 },
      c: { sent: 150, received: 650_000 },
    });
    const handicap = returnHandicap(candidates[0], candidates);
    expect(trafficOf({ ...candidates[0], handicap })).toBeCloseTo(trafficOf(candidates[2]!), 9);
  });

  test('is not lowered by coming back', () => {
    const [a, b] = buildCandidates('a, b', { a: { received: 9_000, handicap: 500 }, b: { received: 100 } });
    expect([returnHandicap(a, [b!]), returnHandicap(a, [])]).toEqual([500, 500]);
  });

  test.each([
    [100, 300],
    [300, 100],
    [150, 9_999],
    [100, 100],
  ])('stays where it is when a load factor goes from %i to %i', (from, to) => {
    const [a] = buildCandidates('a', { a: { sent: 123_456, received: 7_654_321, handicap: 1_000 } });
    const before = trafficOf({ ...a, settings: { ...a.settings, lbfactor: from } });
    const handicap = rescaledHandicap(a, from, to);
    expect(trafficOf({ ...a, handicap, settings: { ...a.settings, lbfactor: to } })).toBeCloseTo(before, 6);
  });
});

describe('the credit of a member that comes back', () => {
  const others: Record<string, Past> = { b: { lbstatus: -300 }, c: { lbstatus: 200 } };

  test.each([
    [-100, -100],
    [600, 600],
    [1_000_000, 600],
    [-700, -700],
    [-1_000_000, -700],
  ])('is its own, but at most a round from the others: %i', (own, expected) => {
    const candidates = buildCandidates('a*2, b, c, d D, e R, f@1', { ...others, a: { lbstatus: own } });
    expect(returnCredit(candidates[0], candidates, 0)).toBe(expected);
  });

  test('is its own when nobody else serves', () => {
    const [a, b] = buildCandidates('a, b', {
      a: { lbstatus: 5_000 },
      b: { state: { status: Status.inError } },
    });
    expect(returnCredit(a, [a, b!], 0)).toBe(5_000);
  });
});
