import { describe, expect, test } from '@jest/globals';
import { byRequests } from '../../../src/choice/by-requests.ts';
import { chooseMember, nobodyTried } from '../../../src/choice/choose-member.ts';
import { findCandidates, isFull, isInService, isUsable, type Forced } from '../../../src/choice/eligible.ts';
import type { Member, MemberView } from '../../../src/member/member.ts';
import { parseStatus, Status } from '../../../src/member/status.ts';
import { buildMember } from '../../support/build-members.ts';
import { buildContext } from '../../support/method-context.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';

const now = 1_000_000;

/** A member as anything may have left it; frozen, so that a choice which edits it throws. */
function makeMember(random: Random, index: number): MemberView {
  const errorAt = random.oneOf([undefined, undefined, now - 1_000, now - 60_000, Number.NEGATIVE_INFINITY]);
  const letters = random.happens(50)
    ? ''
    : random.oneOf(['D', 'S', 'C', 'N', 'H', 'R', 'I', 'HN', 'RN', 'RD']);
  const member: Member = {
    settings: buildMember({
      name: `m${index}`,
      route: random.oneOf(['a', 'b', 'c', undefined]),
      redirect: random.oneOf(['a', 'b', 'c', 'zz', undefined, undefined]),
      lbfactor: 100 * (1 + random.below(5)),
      lbset: random.below(3),
      max: random.oneOf([Infinity, Infinity, 1, 2]),
    }),
    state: Object.freeze({
      status: parseStatus(letters) | (errorAt === undefined ? 0 : Status.inError),
      errorAt,
      retries: 0,
      failedTrials: random.happens(20) ? 1 : 0,
      probing: errorAt !== undefined && random.happens(30),
      ejectedMs: errorAt !== undefined && random.happens(20) ? 30_000 : undefined,
      upSince: undefined,
    }),
    busy: random.below(3),
    busyElsewhere: 0,
    elected: 0,
    lbstatus: random.below(1_000) - 500,
    sent: 0,
    received: 0,
    handicap: 0,
    debt: 0,
    debtAt: 0,
    responseMs: undefined,
    sampledAt: 0,
    failures: 0,
  };
  return Object.freeze(member);
}

/** Whether anybody can be chosen, with that much overlooked. */
function isAnybody(
  members: readonly MemberView[],
  forced: Forced,
  tried: ReadonlySet<MemberView> = nobodyTried,
): boolean {
  return findCandidates(members, { now, tried, forced }).length > 0;
}

/** The least that has to be overlooked; errors rather than nothing where that helps nobody either. */
function leastForced(members: readonly MemberView[], tried: ReadonlySet<MemberView>): Forced {
  if (isAnybody(members, 'nothing')) return 'nothing';
  const isInError = ({ state, ...member }: MemberView): boolean =>
    state.errorAt !== undefined && isInService({ ...member, state });
  const isUnhealthy = ({ state }: MemberView): boolean =>
    (state.status & (Status.healthCheckFailed | Status.disabled | Status.stopped)) ===
    Status.healthCheckFailed;
  if (members.some(isInError) && isAnybody(members, 'errors', tried)) return 'errors';
  if (members.some(isUnhealthy)) return 'health';
  return members.some(isInError) ? 'errors' : 'nothing';
}

describe.each(Array.from({ length: 20 }, (_, seed) => [seed]))(
  'whatever the members are (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const cases = Array.from({ length: 200 }, () => {
      const members = Array.from({ length: random.below(7) }, (_, index) => makeMember(random, index));
      const tried = new Set(members.filter(() => random.happens(20)));
      const route = random.oneOf(['a', 'b', 'zz', undefined]);
      const rules = { nofailover: random.happens(30), forcerecovery: random.happens(60), method: byRequests };
      const forced = rules.forcerecovery ? leastForced(members, tried) : 'nothing';
      const situation = { now, tried, forced };
      return {
        members,
        tried,
        route,
        rules,
        situation,
        choice: chooseMember(members, route, rules, buildContext(now), tried),
      };
    });

    test('who is chosen is in service, untried, and not in error unless due or all is forgotten', () => {
      expect.hasAssertions();
      for (const { choice, tried, situation } of cases) {
        if (choice.kind === 'nobody') continue;
        const { member, probe, forced } = choice;
        const { errorAt, probing } = member.state;
        expect([tried.has(member), isFull(member), isInService(member, situation.forced)]).toEqual([
          false,
          false,
          true,
        ]);
        expect(forced).toBe(situation.forced !== 'nothing');
        expect(probe).toBe(errorAt !== undefined && !forced);
        if (!probe) continue;
        const { failedTrials, ejectedMs = member.settings.retryMs } = member.state;
        expect([probing, errorAt! + ejectedMs * 2 ** failedTrials <= now]).toEqual([false, true]);
      }
    });

    test('a session gets its member or where that redirects to, if any can serve', () => {
      expect.hasAssertions();
      for (const { choice, members, route, situation } of cases) {
        const own = members.filter(({ settings }) => route !== undefined && settings.route === route);
        const canServe = own.some((member) => isUsable(member, situation));
        const redirects = own.map(({ settings }) => settings.redirect).filter((each) => each !== undefined);
        const nextCanServe = members.some(
          (member) => redirects.includes(member.settings.route ?? '') && isUsable(member, situation),
        );
        const reason =
          choice.kind === 'member' ? choice.reason : choice.reason === 'full' ? 'full' : 'nobody';
        if (canServe || nextCanServe) expect(['route', 'redirect', 'full']).toContain(reason);
        if (own.length === 0) expect(['method', 'full', 'nobody']).toContain(reason);
        if (choice.kind === 'nobody') continue;
        if (reason === 'route') expect(choice.member.settings.route).toBe(route);
        if (reason === 'redirect') {
          expect(redirects).not.toEqual([]);
          expect(choice.member.settings.route).not.toBe(route);
        }
      }
    });

    test('who is bound to nobody gets nobody drained, nobody of a set while a lower one has an ordinary member, and is charged for', () => {
      expect.hasAssertions();
      for (const { choice, members, situation } of cases) {
        if (choice.kind === 'nobody' || choice.reason !== 'method') continue;
        const { status } = choice.member.state;
        expect(status & Status.drain).toBe(0);
        expect(choice.candidates).toContain(choice.member);
        const ordinary = members.filter(
          (member) =>
            (member.state.status & (Status.drain | Status.hotSpare | Status.hotStandby)) === 0 &&
            isUsable(member, situation),
        );
        // Whoever is full keeps its place among them.
        const { lbset } = choice.member.settings;
        expect(ordinary.filter((member) => member.settings.lbset < lbset)).toEqual([]);
        const sameSet = ordinary.filter((member) => member.settings.lbset === lbset);
        if (sameSet.length > 0) expect(status & Status.hotStandby && !(status & Status.hotSpare)).toBeFalsy();
      }
    });

    test('nobody is chosen only if nobody can be, all have their fill, or nofailover holds the session', () => {
      expect.hasAssertions();
      for (const { choice, members, route, rules, situation } of cases) {
        if (choice.kind === 'member') continue;
        if (choice.reason === 'nofailover') {
          const own = members.filter(({ settings }) => settings.route === route);
          expect([rules.nofailover, own.length > 0]).toEqual([true, true]);
          expect(own.filter((member) => isUsable(member, situation))).toEqual([]);
        } else if (choice.reason === 'full') {
          expect(choice.full.filter((member) => !isFull(member) || !isUsable(member, situation))).toEqual([]);
          const [bound] = choice.full;
          const isBound = choice.full.length === 1 && route !== undefined;
          if (!isBound) expect(choice.full).toEqual(findCandidates(members, situation));
          expect(bound).toBeDefined();
        } else {
          expect(choice.full).toEqual([]);
          expect(findCandidates(members, situation)).toEqual([]);
          expect(
            members.filter(
              (member) =>
                isUsable(member, situation) && (member.state.status & (Status.drain | Status.hotSpare)) === 0,
            ),
          ).toEqual([]);
        }
      }
    });
  },
);
