import { describe, expect, test } from '@jest/globals';
import type { Attempt } from '../../../src/member/attempt.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

const ejection = {
  consecutive: 3,
  rate: 0.5,
  windowMs: 5_000,
  minRequests: 5,
  maxEjected: 0.5,
  timeMs: 2_000,
};

function sumOf(members: readonly MemberView[], read: (member: MemberView) => number): number {
  return members.reduce((sum, member) => sum + read(member), 0);
}

describe.each(Array.from({ length: 20 }, (_, seed) => [seed]))('after any traffic (seed %i)', (seed) => {
  const random = createRandom(seed);
  const balancer = simulateBalancer('a*3, b, c*2 R, d H, e@1, f@1 I', {
    forcerecovery: random.happens(50),
    members: { retryMs: 1_000, max: random.oneOf([Infinity, 3]) },
    ejection,
  });
  const members = balancer.members.view();
  const underWay = new Set<Attempt>();
  let elections = 0;

  /** Lets time pass and something happen; tells whose error may be over by it. */
  function step(): string | undefined {
    balancer.pass(random.below(400));
    if (random.happens(5)) return check(random.oneOf(members));
    if (underWay.size > 0 && random.happens(60)) return tell(random.oneOf([...underWay]));
    const choice = balancer.choose(random.oneOf(['a', 'c', 'd', undefined, undefined]));
    if (choice.kind === 'nobody') return undefined;
    underWay.add(balancer.members.elect(choice));
    elections += 1;
    return choice.forced ? 'all' : undefined;
  }

  function check({ settings: { name }, state: { ejectedMs } }: MemberView): string | undefined {
    const event = random.oneOf(['checks-failed', 'checks-passed', 'checks-passed'] as const);
    const mayBeOver = event === 'checks-passed' && ejectedMs === undefined;
    balancer.happens(name, event);
    return mayBeOver ? name : undefined;
  }

  function tell(attempt: Attempt): string | undefined {
    const report = random.oneOf(['failed', 'failed', 'succeeded', undefined] as const);
    const name = attempt.isProbe() && report === 'succeeded' ? attempt.member.settings.name : undefined;
    if (report) attempt.report(report);
    if (report) attempt.rate(report === 'failed' || random.happens(20), random.below(100));
    // Others have told, and go on for a while: a long body.
    if (random.happens(70)) {
      attempt.end();
      if (random.happens(20)) attempt.end();
      underWay.delete(attempt);
    }
    return name;
  }

  test('busy is what is under way, one attempt tries each member that is being tried, nobody is back for any other reason, and credits are only passed on', () => {
    for (let i = 0; i < 600; i += 1) {
      const before = members.map(({ state }) => state);
      const credits = sumOf(members, ({ lbstatus }) => lbstatus);
      const recovered = step();
      const attempts = [...underWay];
      for (const [index, member] of members.entries()) {
        const own = attempts.filter((attempt) => attempt.member === member);
        expect(member.busy).toBe(own.length);
        expect(own.filter((attempt) => attempt.isProbe())).toHaveLength(member.state.probing ? 1 : 0);
        if (before[index]!.errorAt === undefined || recovered === 'all') continue;
        expect(member.state.errorAt === undefined).toBe(member.settings.name === recovered);
      }
      // Who comes back is given some, or loses some, to be level with the others.
      const isAnybodyBack = members.some(({ state }, index) => state.upSince !== before[index]!.upSince);
      if (!isAnybodyBack) expect(sumOf(members, ({ lbstatus }) => lbstatus)).toBe(credits);
    }
    for (const attempt of underWay) attempt.end();
    expect(members.map(({ busy, state }) => [busy, state.probing])).toEqual(members.map(() => [0, false]));
    expect(sumOf(members, ({ elected }) => elected)).toBe(elections);
  });
});
