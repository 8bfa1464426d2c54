import { describe, expect, test } from '@jest/globals';
import { findCandidates, isForced, isInService, isUsable, retryAt } from '../../../src/choice/eligible.ts';
import type { MemberState } from '../../../src/member/member-state.ts';
import { buildViews, namesOf } from '../../support/build-members.ts';

const now = 100_000;
/** Put in error a moment ago: `retry` (60 s) is not over. */
const failed = { errorAt: now - 1_000 };
/** Put in error so long ago that one request may try it. */
const due = { errorAt: now - 60_000 };
/** Due, but another request is trying it. */
const probing = { errorAt: now - 60_000, probing: true };

const calm = { now, forced: false, tried: new Set<never>() };

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
    const forced = { ...calm, forced: true };
    expect([isUsable(a!, forced), isUsable(b!, forced), isUsable(c!, forced)]).toEqual([true, true, false]);
  });

  test('only once for one request', () => {
    const [a] = buildViews('a');
    expect(isUsable(a!, { ...calm, tried: new Set([a!]) })).toBe(false);
    expect(isUsable(a!, { now, forced: true, tried: new Set([a!]) })).toBe(false);
  });

  test('has no time of retry when it is not in error', () => {
    expect(retryAt(buildViews('a')[0]!)).toBeUndefined();
    expect(retryAt(buildViews('a', { a: failed })[0]!)).toBe(now + 59_000);
  });
});

describe('errors are forgotten', () => {
  test.each([
    ['when the only member is in error', 'a', { a: failed }, true],
    ['when all are in error', 'a, b', { a: failed, b: failed }, true],
    ['not while one is not', 'a, b', { a: failed }, false],
    ['not when one is due for its retry anyway', 'a, b', { a: failed, b: due }, false],
    ['when the one that is due is being tried already', 'a, b', { a: failed, b: probing }, true],
    ['not while a standby is well', 'a, b H', { a: failed }, false],
    ['not while a spare is well', 'a, b R', { a: failed }, false],
    ['not while a member of another set is well', 'a, b@1', { a: failed }, false],
    // Our deviation: in httpd these others stand in the way, and there is no service until `retry` is over.
    ['although another is disabled', 'a, b D', { a: failed }, true],
    ['although another is stopped', 'a, b S', { a: failed }, true],
    ['although another has failed its health check', 'a, b C', { a: failed }, true],
    ['although another is drained', 'a, b N', { a: failed }, true],
    ['although a spare of another set has nobody to stand for', 'a, b@1 R', { a: failed }, true],
    ['although a drained one is due for its retry', 'a, b N', { a: failed, b: due }, true],
    ['when the only one in service is drained', 'a N, b D', { a: failed }, true],
    ['not while one that is not drained is due', 'a, b N', { a: due, b: failed }, false],
    ['not while only a drained one is in error', 'a, b N', { b: failed }, false],
    ['not while the drained ones are well', 'a N, b N', {}, false],
    ['not when nobody is in service', 'a D, b S, c C', {}, false],
    ['not when those in error are out of service', 'a D, b S', { a: failed, b: failed }, false],
  ] as const)('%s', (_when, members, states, expected) => {
    const views = buildViews(members, states);
    const open = findCandidates(views, { now, tried: new Set(), forced: false });
    expect(isForced(views, open)).toBe(expected);
  });

  test('not when there are no members', () => {
    expect(isForced([], [])).toBe(false);
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
    expect(namesOf(findCandidates(members, { ...calm, forced: true }))).toBe('a b d');
  });

  test('are none among no members', () => {
    expect(findCandidates([], calm)).toEqual([]);
  });
});
