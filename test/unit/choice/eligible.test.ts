import { describe, expect, test } from '@jest/globals';
import { assess, nobodyTried } from '../../../src/choice/choose-member.ts';
import {
  findCandidates,
  isErrorInTheWay,
  isFull,
  isHealthInTheWay,
  isInService,
  isUsable,
  type Forced,
  type Situation,
} from '../../../src/choice/eligible.ts';
import type { MemberState } from '../../../src/member/member-state.ts';
import { retryAt } from '../../../src/member/retry-at.ts';
import { buildViews, namesOf } from '../../support/build-members.ts';

const now = 100_000;
/** Put in error a moment ago: `retry` (60 s) is not over. */
const failed = { errorAt: now - 1_000 };
/** Put in error so long ago that one request may try it. */
const due = { errorAt: now - 60_000 };
/** Due, but another request is trying it. */
const probing = { errorAt: now - 60_000, probing: true };

const calm: Situation = { now, forced: 'nothing', tried: nobodyTried };

function candidates(notation: string, states: Readonly<Record<string, Partial<MemberState>>> = {}): string {
  return namesOf(findCandidates(buildViews(notation, states), calm));
}

describe('a member may serve', () => {
  test.each([
    ['', true],
    ['D', false],
    ['S', false],
    ['C', false],
    // Drain, standby, spare and ignore-errors do not make a member unusable, and neither does an error.
    ['N', true],
    ['H', true],
    ['R', true],
    ['I', true],
    ['E', true],
    ['IHRN', true],
    ['HD', false],
  ])('with status "%s": in service %s', (letters, expected) => {
    const [member] = buildViews(`a ${letters}`.trim());
    expect(isInService(member!)).toBe(expected);
    expect(isUsable(member!, calm)).toBe(expected);
  });

  test.each([
    ['is not in error', {}, true],
    ['has failed less than its retry ago', { errorAt: now - 59_999 }, false],
    ['has failed exactly its retry ago', { errorAt: now - 60_000 }, true],
    ['has failed long ago', { errorAt: 0 }, true],
    ['is due, but being tried by another request', probing, false],
    ['begins in error, which has no time', { errorAt: Number.NEGATIVE_INFINITY }, true],
  ] as const)('when it %s: %s', (_when, state, expected) => {
    const [member] = buildViews('a', { a: state });
    expect(isUsable(member!, calm)).toBe(expected);
  });

  test('each after its own retry', () => {
    const [quick, slow] = buildViews('quick, slow', { quick: failed, slow: failed }).map((member, i) => ({
      ...member,
      settings: { ...member.settings, retryMs: i === 0 ? 0 : 5_000 },
    }));
    expect(isUsable(quick!, calm)).toBe(true);
    expect(isUsable(slow!, calm)).toBe(false);
    expect(retryAt(slow!)).toBe(now + 4_000);
  });

  test('when errors are forgotten, even while another request tries it', () => {
    const [a, b, c] = buildViews('a, b, c D', { a: failed, b: probing, c: failed });
    const forced: Situation = { ...calm, forced: 'errors' };
    expect([isUsable(a!, forced), isUsable(b!, forced), isUsable(c!, forced)]).toEqual([true, true, false]);
  });

  test('only once for one request', () => {
    const [a] = buildViews('a');
    expect(isUsable(a!, { ...calm, tried: new Set([a!]) })).toBe(false);
    expect(isUsable(a!, { now, forced: 'errors', tried: new Set([a!]) })).toBe(false);
    expect(isUsable(a!, { now, forced: 'health', tried: new Set([a!]) })).toBe(false);
  });

  test('has no time of retry when it is not in error', () => {
    expect(retryAt(buildViews('a')[0]!)).toBeUndefined();
    expect(retryAt(buildViews('a', { a: failed })[0]!)).toBe(now + 59_000);
  });
});

/** What is overlooked for a request that has tried nobody. */
function forcedFor(notation: string, states: Readonly<Record<string, Partial<MemberState>>> = {}): Forced {
  return assess(buildViews(notation, states), { forcerecovery: true }, now, nobodyTried).forced;
}

describe('errors are forgotten', () => {
  test.each([
    ['when the only member is in error', 'a', { a: failed }, 'errors'],
    ['when all are in error', 'a, b', { a: failed, b: failed }, 'errors'],
    ['not while one is not', 'a, b', { a: failed }, 'nothing'],
    ['not when one is due for its retry anyway', 'a, b', { a: failed, b: due }, 'nothing'],
    ['when the one that is due is being tried already', 'a, b', { a: failed, b: probing }, 'errors'],
    ['not while a standby is well', 'a, b H', { a: failed }, 'nothing'],
    ['not while a spare is well', 'a, b R', { a: failed }, 'nothing'],
    ['not while a member of another set is well', 'a, b@1', { a: failed }, 'nothing'],
    // Our deviation: in httpd these others stand in the way, and there is no service until `retry` is over.
    ['although another is disabled', 'a, b D', { a: failed }, 'errors'],
    ['although another is stopped', 'a, b S', { a: failed }, 'errors'],
    ['although another has failed its health check', 'a, b C', { a: failed }, 'errors'],
    ['although another is drained', 'a, b N', { a: failed }, 'errors'],
    ['although a spare of another set has nobody to stand for', 'a, b@1 R', { a: failed }, 'errors'],
    ['although a drained one is due for its retry', 'a, b N', { a: failed, b: due }, 'errors'],
    ['when the only one in service is drained', 'a N, b D', { a: failed }, 'errors'],
    ['not while one that is not drained is due', 'a, b N', { a: due, b: failed }, 'nothing'],
    ['not while only a drained one is in error', 'a, b N', { b: failed }, 'nothing'],
    ['not while the drained ones are well', 'a N, b N', {}, 'nothing'],
    ['not when nobody is in service', 'a D, b S', {}, 'nothing'],
    ['not when those in error are out of service', 'a D, b S', { a: failed, b: failed }, 'nothing'],
  ] as const)('%s', (_when, members, states, expected) => {
    expect(forcedFor(members, states)).toBe(expected);
  });

  test('not when there are no members', () => {
    expect(assess([], { forcerecovery: true }, now, nobodyTried)).toMatchObject({
      candidates: [],
      forced: 'nothing',
    });
  });

  test('not without forcerecovery', () => {
    const members = buildViews('a, b C', { a: failed });
    expect(assess(members, { forcerecovery: false }, now, nobodyTried)).toMatchObject({
      candidates: [],
      forced: 'nothing',
    });
  });
});

// Our deviation: httpd leaves members alone whose checks fail, and answers 503.
describe('failed health checks are overlooked', () => {
  test.each([
    ['when all fail them', 'a C, b C', {}, 'health'],
    ['when the others are disabled or stopped', 'a D, b S, c C', {}, 'health'],
    ['when the others are drained', 'a N, b C', {}, 'health'],
    ['not while another is well', 'a, b C', {}, 'nothing'],
    ['not while a standby is well', 'a C, b H', {}, 'nothing'],
    ['not while a member of another set is well', 'a C, b@1', {}, 'nothing'],
    ['not before an error was forgotten', 'a, b C', { a: failed }, 'errors'],
    ['when those in error fail their checks too', 'a C, b C', { a: failed }, 'health'],
    ['when those in error are out of service', 'a D, b C', { a: failed }, 'health'],
    ['not of a member that is disabled', 'a DC, b SC', {}, 'nothing'],
  ] as const)('%s', (_when, members, states, expected) => {
    expect(forcedFor(members, states)).toBe(expected);
  });

  test('by each request that has tried everybody in error', () => {
    const members = buildViews('a, b, c C, d D', { a: failed, b: failed });
    const steps = [0, 1, 2, 3].map((count) => {
      const { candidates, forced } = assess(
        members,
        { forcerecovery: true },
        now,
        new Set(members.slice(0, count)),
      );
      return `${forced}: ${namesOf(candidates)}`;
    });
    expect(steps).toEqual(['errors: a b', 'errors: b', 'health: c', 'health: ']);
  });
});

describe('in the way of a choice', () => {
  test.each([
    ['a', {}, false],
    ['a', { a: failed }, true],
    ['a D, b', { a: failed }, false],
    ['a C, b', { a: failed }, false],
  ] as const)('is an error of a member in service: %s', (members, states, expected) => {
    expect(isErrorInTheWay(buildViews(members, states))).toBe(expected);
  });

  test.each([
    ['a', false],
    ['a C', true],
    ['a CD', false],
    ['a CS', false],
    ['a CN', true],
  ])('is a health check of a member that serves otherwise: %s', (members, expected) => {
    expect(isHealthInTheWay(buildViews(members))).toBe(expected);
  });

  test.each([
    [0, Infinity, false],
    [1_000_000, Infinity, false],
    [2, 3, false],
    [3, 3, true],
    // After a change of `max`.
    [4, 3, true],
  ])('is a limit that is reached: %i of %d', (busy, max, expected) => {
    const [member] = buildViews('a');
    expect(isFull({ ...member!, busy, settings: { ...member!.settings, max } })).toBe(expected);
  });
});

describe('candidates', () => {
  test.each([
    ['all ordinary members, in list order', 'c, a, b', 'c a b'],
    ['nobody, where nobody is in service', 'a D, b S, c C', ''],
    ['the lowest set with anybody in it, whatever the order of the list', 'a@2, b@1, c@1, d@7', 'b c'],
    ['the next set, when nobody can serve in the lowest', 'a D, b N, c@1', 'c'],
    ['no second set, however busy the first', 'a, b@1', 'a'],
    ['no drained member', 'a, b N', 'a'],
    ['no spare while no ordinary member is missing', 'a, b R', 'a'],
    ['one spare for each missing member, in list order', 'a D, b R, c, d R, e S, f R', 'c b d'],
    ['no more spares than there are', 'a D, b D, c R', 'c'],
    ['a spare for a drained member', 'a N, b, c R', 'b c'],
    ['no spare for a drained spare', 'a, b RN, c R', 'a'],
    ['no spare for a spare that is down', 'a, b RD, c R', 'a'],
    ['the next spare in the place of one that is down', 'a D, b RD, c R', 'c'],
    ['no spare for a standby that is down', 'a, b HD, c R', 'a'],
    ['no spare of another set', 'a D, b, c@1 R', 'b'],
    ['no standby while an ordinary member can serve', 'a D, b, c H', 'b'],
    ['no standby while a spare can serve', 'a D, b R, c H', 'b'],
    ['standbys, when nobody else is left', 'a D, b RD, c H, d H', 'c d'],
    ['no drained standby', 'a D, b HN, c H', 'c'],
    ['the standby of a set before the members of the next', 'a D, b H, c@1', 'b'],
    ['a spare that is a standby too as a spare', 'a D, b RH, c R', 'b'],
    ['nobody, where there are spares but nobody for whom they stand', 'a R, b R', ''],
  ])('are %s', (_who, members, expected) => {
    expect(candidates(members)).toBe(expected);
  });

  test.each([
    ['a member in error', failed, 'b c'],
    ['a member that another request tries', probing, 'b c'],
  ])('leave out %s, and take a spare for it', (_whom, state, expected) => {
    expect(candidates('a, b, c R', { a: state })).toBe(expected);
  });

  test('have one that is due for its retry among them, and then need no spare for it', () => {
    expect(candidates('a, b, c R', { a: due })).toBe('a b');
  });

  test('leave out those that this request has tried, and take spares, standbys and further sets for them', () => {
    const members = buildViews('a, b R, c H, d@1');
    const [a, b, c, d] = members;
    const order = [a, b, c, d].map((_, i) =>
      namesOf(findCandidates(members, { ...calm, tried: new Set(members.slice(0, i)) })),
    );
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(findCandidates(members, { ...calm, tried: new Set(members) })).toEqual([]);
  });

  test('are all in service, when errors are forgotten', () => {
    const members = buildViews('a, b, c D, d R', { a: failed, b: probing, d: failed });
    expect(namesOf(findCandidates(members, { ...calm, forced: 'errors' }))).toBe('a b d');
  });

  test('are none among no members', () => {
    expect(findCandidates([], calm)).toEqual([]);
  });
});
