import { describe, expect, test } from '@jest/globals';
import { byBusyness } from '../../../src/choice/by-busyness.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';
import { Status } from '../../../src/member/status.ts';
import { partOf, setStatus, simulateTraffic } from './simulate-traffic.ts';
import { buildCandidates, makeContext } from './views.ts';

const lbmethod = 'bybusyness';

// Section 15.4 of the reference, measured on httpd 2.4.
describe('bybusyness picks in the order that httpd does', () => {
  test.each([
    ['Q31', 'a, b, c', 'a b c a b c a b c'],
    ['Q31 with a factor', 'a, b*2, c', 'b a c b b a c b b a c b'],
  ])('%s: %s, all idle', (_id, members, sequence) => {
    expect(simulateBalancer(members, { lbmethod }).serve(sequence.split(' ').length)).toBe(sequence);
  });

  test('Q32: sends quick requests past those who serve slow ones', () => {
    const balancer = simulateBalancer('a, b, c', { lbmethod });
    const slow = Array.from({ length: 4 }, () => balancer.begin().member.settings.name);
    expect(slow.join(' ')).toBe('a b c a');
    expect(balancer.serve(5)).toBe('b c b c b');
  });
});

describe('bybusyness', () => {
  test.each([
    ['the least busy one', 'a, b, c', { a: { busy: 2 }, b: { busy: 1 }, c: { busy: 3 } }, 'b'],
    ['the one with more credit of two as busy', 'a, b', { b: { lbstatus: 1 } }, 'b'],
    ['the earlier of two equals', 'a, b', {}, 'a'],
    ['one without failures before an idle one that has just failed', 'a, b', { a: { debt: 1 } }, 'b'],
    ['one that failed, when the other is busier', 'a, b', { a: { debt: 1 }, b: { busy: 2 } }, 'a'],
  ])('takes %s', (_who, notation, pasts, chosen) => {
    const member = byBusyness.choose(buildCandidates(notation, pasts), makeContext());
    expect(member.settings.name).toBe(chosen);
  });

  test.each([
    [10_000, 'b'],
    [10_001, 'a'],
  ])('forgets one failure after ten seconds: at %i ms it takes %s', (now, chosen) => {
    const candidates = buildCandidates('a, b', { a: { debt: 1 } });
    expect(byBusyness.choose(candidates, makeContext({ now })).settings.name).toBe(chosen);
  });

  const slow = { settings: { slowStartMs: 1_000 }, state: { upSince: 0 } };
  test.each([
    ['leaves a member in its slow start out of nine choices in ten', 0.1, { a: slow, b: { busy: 5 } }, 'b'],
    ['lets it take part in the tenth', 0.099, { a: slow, b: { busy: 5 } }, 'a'],
    ['counts each of its requests as ten then', 0, { a: { ...slow, busy: 1 }, b: { busy: 9 } }, 'b'],
    ['takes one of those in a slow start when nobody else is there', 0.9, { a: slow, b: slow }, 'a'],
  ])('%s', (_what, drawn, pasts, chosen) => {
    const context = makeContext({ random: () => drawn });
    expect(byBusyness.choose(buildCandidates('a, b', pasts), context).settings.name).toBe(chosen);
  });

  test.each([
    ['the least busy one of all processes', { a: { busy: 1, busyElsewhere: 4 }, b: { busy: 2 } }, 'b'],
    [
      'the less busy one here of two whose requests are as many',
      { a: { busy: 3, busyElsewhere: 9 }, b: { busy: 2, busyElsewhere: 10 } },
      'b',
    ],
    [
      'the one with more credit, where the difference elsewhere is less than a request for each process',
      { a: { busy: 1, busyElsewhere: 20 }, b: { busy: 1, busyElsewhere: 21, lbstatus: 1 } },
      'b',
    ],
    [
      'one without failures, though it is a little busier elsewhere',
      { a: { busy: 4, busyElsewhere: 12, debt: 1 }, b: { busy: 4, busyElsewhere: 15 } },
      'b',
    ],
    [
      'not one that is back as busy as the others are here, though it has nothing elsewhere',
      { a: { debt: 5 }, b: { busy: 5, busyElsewhere: 5 }, c: { busy: 4, busyElsewhere: 4 } },
      'c',
    ],
    [
      'one in its slow start by its requests elsewhere too',
      { a: { settings: { slowStartMs: 1_000 }, state: { upSince: 0 }, busyElsewhere: 1 }, b: { busy: 9 } },
      'b',
    ],
  ])('goes by other processes too, and takes %s', (_who, pasts, chosen) => {
    const candidates = buildCandidates(Object.keys(pasts).join(', '), pasts);
    expect(byBusyness.choose(candidates, makeContext({ random: () => 0 })).settings.name).toBe(chosen);
  });

  test('gives no credit to who is two rounds ahead, so that an endless request ends without a flood', () => {
    const balancer = simulateBalancer('a, b', { lbmethod });
    const endless = balancer.begin();
    expect(balancer.serve(1_000)).toBe(Array(1_000).fill('b').join(' '));
    endless.end();
    expect(balancer.serve(10)).toBe('a a a a b a b a b a');
  });

  test('gives a member in its slow start a part that grows, under few requests and under many', () => {
    for (const parallel of [1, 2, 8, 32]) {
      const sent = simulateTraffic({
        method: byBusyness,
        members: 'a, b',
        serve: () => ({ ms: 20 }),
        load: { parallel },
        untilMs: 60_000,
        settings: { slowStartMs: 20_000 },
        events: [
          [0, setStatus('b', Status.disabled)],
          [10_000, setStatus('b', 0)],
        ],
      });
      const parts = [10_000, 15_000, 20_000, 25_000].map((from) => partOf(sent, 'b', from, from + 5_000));
      expect(parts).toEqual(parts.toSorted((one, other) => one - other));
      expect(parts[0]).toBeGreaterThan(0.02);
      expect(parts[0]).toBeLessThan(0.25);
      expect(partOf(sent, 'b', 45_000)).toBeGreaterThan(0.45);
      expect(partOf(sent, 'b', 45_000)).toBeLessThan(0.6);
    }
  });
});
