import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { buildByHash } from '../../../src/choice/by-hash.ts';
import { chooseMember, nobodyTried } from '../../../src/choice/choose-member.ts';
import type { Candidates, Method } from '../../../src/choice/method.ts';
import { buildMethod } from '../../../src/choice/methods.ts';
import { createMembers, type Members } from '../../../src/member/members.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { buildMember } from '../../support/build-members.ts';
import { hold } from '../../support/runs.ts';
import { buildCandidates, makeContext, makeRequest } from '../choice/views.ts';

const methods = (['byrequests', 'bytraffic', 'bybusyness', 'byresponsetime'] as const).map(
  (lbmethod): [string, Method] => [lbmethod, buildMethod({ lbmethod, hashKey: 'ip', hashBalance: 1.25 })],
);
const own = buildMethod({ lbmethod: () => undefined, hashKey: 'ip', hashBalance: 1.25 });

const anyFactor = fc.oneof(fc.constantFrom(100, 100, 200, 500), fc.integer({ min: 100, max: 1_000 }));

/** What happens to the members before a while of traffic. */
const anyHappening = fc.record({
  what: fc.constantFrom('nothing', 'disable', 'enable', 'fail', 'recover', 'add', 'remove', 'weigh'),
  which: fc.nat(7),
  factor: anyFactor,
});

type Happening = typeof anyHappening extends fc.Arbitrary<infer Value> ? Value : never;

/** Members whose requests all take the same, one after the other. */
function startTraffic(factors: readonly number[], method: Method): Traffic {
  let now = 1_000_000;
  let count = 0;
  const settingsOf = (lbfactor: number) =>
    buildMember({ name: `m${count++}`, lbfactor, retryMs: 1_000_000_000 });
  const members = createMembers(
    factors.map(settingsOf),
    () => now,
    { share: method.share, ejection: undefined },
    { changed: () => undefined, freed: () => undefined },
  );
  return {
    members,
    happen({ what, which, factor }) {
      const list = members.view();
      const member = list[which % list.length]!;
      if (what === 'disable') members.apply(member, { kind: 'set', status: Status.disabled });
      if (what === 'enable') members.apply(member, { kind: 'set', status: 0 });
      if (what === 'fail') members.apply(member, 'failed');
      if (what === 'recover') members.apply(member, 'checks-passed');
      if (what === 'add' && list.length < 8) members.revise({ added: [settingsOf(factor)] });
      if (what === 'remove' && list.length > 1) members.revise({ removed: [member] });
      if (what === 'weigh') {
        members.revise({ changed: [{ member, settings: { ...member.settings, lbfactor: factor } }] });
      }
    },
    serve() {
      now += 10;
      const rules = { nofailover: false, forcerecovery: false, method };
      const choice = chooseMember(members.view(), undefined, rules, makeContext({ now }), nobodyTried);
      if (choice.kind === 'nobody') return undefined;
      const attempt = members.elect(choice);
      attempt.sent(300);
      attempt.received(2_000);
      attempt.rate(false, 5);
      attempt.end();
      return choice.member;
    },
  };
}

type Traffic = Readonly<{
  members: Members;
  happen(happening: Happening): void;
  /** Who has got the next request. */
  serve(): MemberView | undefined;
}>;

/** How many requests each is off its share by, of so many that are served now. */
function measureShares(traffic: Traffic, requests: number): readonly number[] {
  const counts = new Map<MemberView, number>();
  for (let i = 0; i < requests; i += 1) {
    const member = traffic.serve();
    if (!member) return [];
    counts.set(member, (counts.get(member) ?? 0) + 1);
  }
  const inService = traffic.members.view().filter(({ state }) => state.status === 0);
  const total = inService.reduce((sum, { settings }) => sum + settings.lbfactor, 0);
  return inService.map((member) => {
    const share = (requests * member.settings.lbfactor) / total;
    return Math.abs((counts.get(member) ?? 0) - share);
  });
}

describe.each([...methods, ['a method of one’s own that leaves it to us', own] as [string, Method]])(
  'requests that take the same, one after the other, by %s,',
  (_name, method) => {
    test('go to members by their load factors, to a few requests, however many there are', () => {
      hold(
        60,
        fc.property(
          fc.array(anyFactor, { minLength: 1, maxLength: 7 }),
          fc.integer({ min: 1, max: 600 }),
          (factors, requests) => {
            const off = measureShares(startTraffic(factors, method), requests);
            expect(off).toHaveLength(factors.length);
            expect(Math.max(...off)).toBeLessThanOrEqual(factors.length);
          },
        ),
      );
    });

    test('go on doing so whoever comes, goes, fails, is back, or is weighed anew: nobody makes up for it', () => {
      hold(
        60,
        fc.property(
          fc.array(anyFactor, { minLength: 2, maxLength: 6 }),
          fc.array(fc.tuple(anyHappening, fc.nat(60)), { minLength: 1, maxLength: 8 }),
          (factors, happenings) => {
            const traffic = startTraffic(factors, method);
            for (const [happening, before] of happenings) {
              for (let i = 0; i < before; i += 1) traffic.serve();
              traffic.happen(happening);
              const off = measureShares(traffic, 200);
              if (off.length === 0) continue;
              // A round of credits is left over from before, of each.
              expect(Math.max(...off)).toBeLessThanOrEqual(2 * traffic.members.view().length + 2);
            }
          },
        ),
      );
    });
  },
);

describe('byhash', () => {
  const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
  const method = buildByHash((req) => (req as { user?: string }).user, Infinity);
  const anyWeights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 8 });

  function place(weights: readonly (number | undefined)[]): readonly string[] {
    const notation = weights
      .flatMap((weight, i) => (weight === undefined ? [] : [`m${i}*${weight}`]))
      .join(', ');
    const candidates: Candidates = buildCandidates(notation);
    return keys.map(
      (user) => method.choose(candidates, makeContext({ req: makeRequest({ user }) })).settings.name,
    );
  }

  test('moves the keys of a member that goes, and no others', () => {
    hold(
      60,
      fc.property(anyWeights, fc.nat(7), (weights, which) => {
        const gone = which % weights.length;
        const before = place(weights);
        const after = place(weights.map((weight, i) => (i === gone ? undefined : weight)));
        for (const [i, name] of before.entries()) if (name !== `m${gone}`) expect(after[i]).toBe(name);
        expect(after).not.toContain(`m${gone}`);
      }),
    );
  });

  test('moves keys only to a member that is given more, and only from one that is given less', () => {
    hold(
      60,
      fc.property(anyWeights, fc.nat(7), fc.integer({ min: 1, max: 100 }), (weights, which, weight) => {
        const changed = which % weights.length;
        const name = `m${changed}`;
        const before = place(weights);
        const after = place(weights.with(changed, weight));
        for (const [i, old] of before.entries()) {
          if (after[i] === old) continue;
          expect(weight > weights[changed]! ? after[i] : old).toBe(name);
        }
      }),
    );
  });
});
