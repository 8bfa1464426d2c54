import { describe, expect, test } from '@jest/globals';
import { chooseMember, type Choice } from '../../../src/choice/choose-member.ts';
import { explainChoice } from '../../../src/choice/explain.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import { parseStatus } from '../../../src/member/status.ts';
import { buildContext } from '../../support/method-context.ts';
import { buildMember } from '../../support/build-members.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

const ejection = {
  consecutive: 2,
  rate: Infinity,
  windowMs: 1_000,
  minRequests: 5,
  maxEjected: 0.5,
  timeMs: 700,
};

describe.each(Array.from({ length: 12 }, (_, seed) => [seed]))('whatever has happened (seed %i)', (seed) => {
  const random = createRandom(seed);
  const balancer = simulateBalancer('a>c, b, c R, d H, e@1, f:a@1', {
    members: { retryMs: random.oneOf([0, 500, 500]), max: random.oneOf([Infinity, 2]) },
    forcerecovery: random.happens(70),
    nofailover: random.happens(30),
    ejection,
  });
  const { members, rules } = balancer;
  const underWay: Attempt[] = [];
  const anybody = () => random.oneOf(members.view());
  let added = 0;

  const happenings: readonly (() => void)[] = [
    () => {
      balancer.pass(random.oneOf([0, 0.25, 1, 100, 499.75, 500, 700]));
    },
    () => {
      balancer.pass(random.below(200));
    },
    () => {
      members.apply(anybody(), random.oneOf(['checks-failed', 'checks-passed', 'failed'] as const));
    },
    () => {
      members.apply(anybody(), {
        kind: 'set',
        status: parseStatus(random.oneOf(['', 'N', 'D', 'E', 'R', 'H'])),
      });
    },
    () => {
      const settings = buildMember({
        name: `x${(added += 1)}`,
        route: random.oneOf(['a', 'b']),
        lbset: random.below(2),
        retryMs: random.below(600),
        max: 2,
      });
      members.revise({ changed: [{ member: anybody(), settings }] });
    },
    () => {
      if (members.view().length < 8)
        members.revise({
          added: [buildMember({ name: `x${(added += 1)}`, route: random.oneOf(['a', 'c']) })],
        });
    },
    () => {
      if (members.view().length > 4) members.revise({ removed: [anybody()] });
    },
    request,
    request,
    request,
    end,
    end,
    end,
  ];

  function request(): void {
    const choice = balancer.choose(random.oneOf(['a', 'b', undefined, undefined]));
    if (choice.kind === 'member') underWay.push(members.elect(choice));
  }

  function end(): void {
    const [attempt] = underWay.splice(random.below(underWay.length), 1);
    const isBad = random.happens(50);
    attempt?.report(isBad ? 'failed' : 'succeeded');
    attempt?.rate(isBad || random.happens(30), 5);
    attempt?.end();
  }

  /** What is told of a choice, were it made among other lists of the same members. */
  function tell(choice: Choice): unknown {
    return choice.kind === 'member' ? { ...choice, candidates: [...choice.candidates] } : choice;
  }

  test('a choice is the one that is made among members that were never looked at before', () => {
    for (let i = 0; i < 400; i += 1) {
      random.oneOf(happenings)();
      const tried = new Set(random.happens(30) ? [anybody()] : []);
      const route = random.oneOf(['a', 'b', 'zz', undefined, undefined]);
      const context = buildContext(balancer.now());
      const choice = chooseMember(members.view(), route, rules, context, tried);
      const fresh = chooseMember([...members.view()], route, rules, context, tried);
      expect(tell(choice)).toEqual(tell(fresh));
      if (choice.kind === 'member' && fresh.kind === 'member') expect(choice.member).toBe(fresh.member);
    }
  });

  test('the choice that is explained is the one that is made, and one member at most is chosen', () => {
    const chosen = new Set(['route', 'redirect', 'method']);
    for (let i = 0; i < 400; i += 1) {
      random.oneOf(happenings)();
      const route = random.oneOf(['a', 'b', 'zz', undefined, undefined]);
      const context = buildContext(balancer.now());
      const before = JSON.stringify(members.view());
      const { choice, whys } = explainChoice(members.view(), route, rules, context);
      expect(JSON.stringify(members.view())).toBe(before);
      expect(tell(choice)).toEqual(tell(balancer.choose(route)));
      expect(whys.map(({ member }) => member)).toEqual(members.view());
      const winners = whys.filter(({ why }) => chosen.has(why));
      expect(winners.map(({ member }) => member)).toEqual(choice.kind === 'member' ? [choice.member] : []);
      if (choice.kind === 'member') expect(winners[0]!.why).toBe(choice.reason);
      const full = whys.filter(({ why }) => why === 'full').map(({ member }) => member);
      if (choice.kind === 'nobody') expect(full).toEqual(expect.arrayContaining([...choice.full]));
      expect(full.every(({ busy, settings }) => busy >= settings.max)).toBe(true);
    }
  });
});

describe('candidates are found once for a list', () => {
  test('and again when a member in error is due, to the millisecond', () => {
    const balancer = simulateBalancer('a, b');
    balancer.happens('a', 'failed');
    const { view } = balancer.members;
    const names: string[] = [];
    for (const ms of [0, 59_999, 1, 5]) {
      balancer.pass(ms);
      const choice = chooseMember(view(), undefined, balancer.rules, buildContext(balancer.now()), new Set());
      names.push(
        choice.kind === 'member' ? choice.candidates.map((each) => each.settings.name).join('') : '',
      );
    }
    expect(names).toEqual(['b', 'b', 'ab', 'ab']);
  });

  test('and again for a clock that was put back', () => {
    const balancer = simulateBalancer('a, b');
    balancer.happens('a', 'failed');
    const candidatesAt = (now: number): number | undefined => {
      const choice = chooseMember(
        balancer.members.view(),
        undefined,
        balancer.rules,
        buildContext(now),
        new Set(),
      );
      return choice.kind === 'member' ? choice.candidates.length : undefined;
    };
    expect([60_000, 0].map((ms) => candidatesAt(balancer.now() + ms))).toEqual([2, 1]);
  });

  test('and are the very same list until then', () => {
    const balancer = simulateBalancer('a, b, c');
    const lists = [1, 2].map(() => {
      const choice = balancer.choose();
      return choice.kind === 'member' ? choice.candidates : undefined;
    });
    expect(lists[0]).toBe(lists[1]);
  });
});
