import { describe, expect, test } from '@jest/globals';
import type { Attempt } from '../../../src/member/members.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

describe.each(Array.from({ length: 20 }, (_, seed) => [seed]))('after any traffic (seed %i)', (seed) => {
  const random = createRandom(seed);
  const balancer = simulateBalancer('a*3, b, c*2 R, d H, e@1, f@1 I', {
    forcerecovery: random.happens(50),
    members: { retryMs: 1_000 },
  });
  const members = balancer.members.view();
  const underWay = new Set<Attempt>();
  let elections = 0;

  /** Lets time pass and something happen; tells whose error may be over by it. */
  function step(): string | undefined {
    balancer.pass(random.below(400));
    if (underWay.size > 0 && random.happens(60)) {
      const attempt = random.oneOf([...underWay]);
      const report = random.oneOf(['failed', 'failed', 'succeeded', undefined] as const);
      const name = attempt.isProbe() && report === 'succeeded' ? attempt.member.settings.name : undefined;
      if (report) attempt.report(report);
      // Others have told, and go on for a while: a long body.
      if (random.happens(70)) {
        attempt.end();
        if (random.happens(20)) attempt.end();
        underWay.delete(attempt);
      }
      return name;
    }
    const choice = balancer.choose(random.oneOf(['a', 'c', 'd', undefined, undefined]));
    if (choice.kind === 'nobody') return undefined;
    underWay.add(balancer.members.elect(choice));
    elections += 1;
    return choice.forced ? 'all' : undefined;
  }

  test('busy is what is under way, one attempt tries each member that is being tried, and nobody is back for any other reason', () => {
    for (let i = 0; i < 600; i += 1) {
      const before = members.map(({ state }) => state.errorAt);
      const recovered = step();
      const attempts = [...underWay];
      for (const [index, member] of members.entries()) {
        const own = attempts.filter((attempt) => attempt.member === member);
        expect(member.busy).toBe(own.length);
        expect(own.filter((attempt) => attempt.isProbe())).toHaveLength(member.state.probing ? 1 : 0);
        if (before[index] === undefined || recovered === 'all') continue;
        expect(member.state.errorAt === undefined).toBe(member.settings.name === recovered);
      }
    }
    for (const attempt of underWay) attempt.end();
    expect(members.map(({ busy, state }) => [busy, state.probing])).toEqual(members.map(() => [0, false]));
    expect(members.reduce((sum, { elected }) => sum + elected, 0)).toBe(elections);
    expect(members.reduce((sum, { lbstatus }) => sum + lbstatus, 0)).toBe(0);
  });
});
