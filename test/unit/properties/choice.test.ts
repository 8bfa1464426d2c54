import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { chooseMember, nobodyTried, type ChoiceRules } from '../../../src/choice/choose-member.ts';
import { findCandidates, type Situation } from '../../../src/choice/eligible.ts';
import { explainChoice, type Why } from '../../../src/choice/explain.ts';
import { buildMethod } from '../../../src/choice/methods.ts';
import { methodNames } from '../../../src/definition/check-lbmethod.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { buildContext } from '../../support/method-context.ts';
import { hold } from '../../support/runs.ts';
import { anyMembers, now } from './any-members.ts';
import { makeRequest } from '../choice/views.ts';

const methods = [...methodNames, (members: readonly unknown[]) => members.at(-1) as never].map((lbmethod) =>
  buildMethod({ lbmethod, hashKey: 'ip', hashBalance: 1.25 }),
);

const anyRules: fc.Arbitrary<ChoiceRules> = fc.record({
  nofailover: fc.boolean(),
  forcerecovery: fc.boolean(),
  method: fc.constantFrom(...methods),
});

const anyRoute = fc.constantFrom(undefined, 'a', 'b', 'c', 'nowhere');
const anyPicks = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
const anyChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const has = ({ state }: MemberView, flags: number): boolean => (state.status & flags) !== 0;

/** httpd's manual of a member in error, in one sentence: after `retry` one request may try it. */
function mayServe(member: MemberView, { tried, forced }: Pick<Situation, 'tried' | 'forced'>): boolean {
  const { settings, state } = member;
  if (tried.has(member) || has(member, Status.disabled | Status.stopped)) return false;
  if (forced !== 'health' && has(member, Status.healthCheckFailed)) return false;
  if (state.errorAt === undefined || forced !== 'nothing') return true;
  const first = state.ejectedMs ?? settings.retryMs;
  const most = first * (settings.retryMaxMs / settings.retryMs);
  return !state.probing && now >= state.errorAt + Math.min(first * 2 ** state.failedTrials, most);
}

/** Whether one member is among those that a method chooses from: what the manual says, member by member. */
function mayBeChosen(
  member: MemberView,
  members: readonly MemberView[],
  situation: Pick<Situation, 'tried' | 'forced'>,
): boolean {
  const serves = (each: MemberView): boolean => mayServe(each, situation) && !has(each, Status.drain);
  const isSpare = (each: MemberView): boolean => has(each, Status.hotSpare);
  const isStandby = (each: MemberView): boolean => has(each, Status.hotStandby) && !isSpare(each);
  const isOrdinary = (each: MemberView): boolean => !isSpare(each) && !isStandby(each);
  const lower = members.filter((each) => each.settings.lbset < member.settings.lbset);
  if (!serves(member) || lower.some((each) => mayBeChosen(each, lower, situation))) return false;
  const set = members.filter((each) => each.settings.lbset === member.settings.lbset);
  const missing = set.filter((each) => isOrdinary(each) && !serves(each)).length;
  const spares = set.filter((each) => isSpare(each) && serves(each)).slice(0, missing);
  if (isOrdinary(member)) return true;
  if (isSpare(member)) return spares.includes(member);
  return spares.length === 0 && !set.some((each) => isOrdinary(each) && serves(each));
}

function pick(members: readonly MemberView[], picks: readonly boolean[]): ReadonlySet<MemberView> {
  return new Set(members.filter((_member, i) => picks[i]! && picks[i + 1]));
}

describe('whatever the members are', () => {
  test('who may be chosen is who the manual says, and nobody else', () => {
    const anyForced = fc.constantFrom<Situation['forced']>('nothing', 'errors', 'health');
    hold(
      1_500,
      fc.property(anyMembers, anyPicks, anyForced, (members, picks, forced) => {
        const situation = { now, forced, tried: pick(members, picks) };
        const expected = members.filter((member) => mayBeChosen(member, members, situation));
        const found = findCandidates(members, situation);
        expect(members.filter((member) => found.includes(member))).toEqual(expected);
        expect(found).toHaveLength(expected.length);
      }),
    );
  });

  test('every method finds somebody where somebody has a place, and chooses from those alone', () => {
    hold(
      1_500,
      fc.property(
        anyMembers,
        anyRoute,
        anyRules,
        anyPicks,
        anyChance,
        (members, route, rules, picks, chance) => {
          const tried = pick(members, picks);
          const context = buildContext(now, { random: () => chance, req: makeRequest({ ip: '192.0.2.1' }) });
          const choice = chooseMember(members, route, rules, context, tried);
          const open = (forced: Situation['forced']): readonly MemberView[] =>
            members.filter((member) => mayBeChosen(member, members, { tried, forced }));
          const isOpenToAll = members.some((member) =>
            mayBeChosen(member, members, { tried: nobodyTried, forced: 'nothing' }),
          );
          // Only where nobody at all could be chosen is anything overlooked.
          const levels =
            isOpenToAll || !rules.forcerecovery ? [open('nothing')] : [open('errors'), open('health')];
          const candidates = levels.find((level) => level.length > 0) ?? [];
          const free = candidates.filter(({ busy, settings }) => busy < settings.max);
          if (choice.kind === 'member' && choice.reason === 'method') expect(free).toContain(choice.member);
          if (choice.kind === 'nobody') {
            expect(choice.reason).not.toBe('method-failed');
            if (choice.reason === 'unusable') expect(candidates).toEqual([]);
            if (choice.reason === 'full' && !choice.bound) expect(free).toEqual([]);
            if (route === undefined) expect(free).toEqual([]);
          }
        },
      ),
    );
  });

  test('what is explained of a member is true of it', () => {
    hold(
      1_500,
      fc.property(anyMembers, anyRoute, anyRules, anyChance, (members, route, rules, chance) => {
        const context = buildContext(now, { random: () => chance, req: makeRequest({ ip: '192.0.2.1' }) });
        const { choice, whys } = explainChoice(members, route, rules, context);
        expect(choice).toEqual(chooseMember(members, route, rules, context, nobodyTried));
        const isForced = choice.kind === 'member' && choice.forced;
        const chosen = choice.kind === 'member' ? choice.member : undefined;
        const isDue = (member: MemberView): boolean =>
          mayServe(member, { tried: nobodyTried, forced: isForced ? 'health' : 'nothing' });
        const isTrue: Readonly<Record<Why, (member: MemberView) => boolean>> = {
          route: (member) => member === chosen && member.settings.route === route,
          redirect: (member) => member === chosen && member.settings.route !== route,
          method: (member) => member === chosen && choice.kind === 'member' && choice.reason === 'method',
          disabled: (member) => has(member, Status.disabled),
          stopped: (member) => has(member, Status.stopped),
          'health-check-failed': (member) => has(member, Status.healthCheckFailed),
          'in-error': (member) => has(member, Status.inError) && !isDue(member),
          ejected: (member) => member.state.ejectedMs !== undefined && !isDue(member),
          'on-trial': (member) => member.state.probing && !isForced,
          draining: (member) => has(member, Status.drain),
          'higher-lbset': (member) => members.some((each) => each.settings.lbset < member.settings.lbset),
          spare: (member) => has(member, Status.hotSpare),
          standby: (member) => has(member, Status.hotStandby),
          full: (member) => member.busy >= member.settings.max,
          'bound-elsewhere': (member) =>
            member !== chosen && members.some(({ settings }) => settings.route === route),
          'not-preferred': (member) => member !== chosen && isDue(member),
        };
        expect(whys.map(({ member }) => member)).toEqual(members);
        for (const { member, why, text } of whys) {
          expect([member.settings.name, why, isTrue[why](member)]).toEqual([member.settings.name, why, true]);
          expect(text).not.toMatch(/NaN|undefined|Infinity/);
          if (member === chosen) expect(['route', 'redirect', 'method']).toContain(why);
        }
      }),
    );
  });
});
