import { describe, expect, test } from '@jest/globals';
import { ledgerOf } from '../../../src/member/ledger.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { parseStatus } from '../../../src/member/status.ts';
import { buildMember } from '../../support/build-members.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { simulateBalancer, type Simulation } from '../../support/simulated-balancer.ts';

/** Who chooses from which list now. */
function candidatesOf(balancer: Simulation): readonly MemberView[] {
  const choice = balancer.choose();
  if (choice.kind === 'nobody') throw new Error('nobody is chosen');
  return choice.candidates;
}

const creditsOf = (members: readonly MemberView[]): number[] => members.map(({ lbstatus }) => lbstatus);

/** What httpd does at an election: the walk over all candidates. */
function elect(credits: Map<string, number>, candidates: readonly MemberView[], bound?: string): string {
  let best: string | undefined;
  let total = 0;
  for (const { settings } of candidates) {
    const { name, lbfactor } = settings;
    const credit = credits.get(name)! + lbfactor;
    credits.set(name, credit);
    total += lbfactor;
    if (best === undefined || credit > credits.get(best)!) best = name;
  }
  const chosen = bound ?? best!;
  credits.set(chosen, credits.get(chosen)! - total);
  return chosen;
}

describe.each(Array.from({ length: 20 }, (_, seed) => [seed]))(
  'a ledger of many members (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const count = 2 + random.below(40);
    const kinds = 1 + random.below(4);
    const notation = Array.from({ length: count }, (_, i) => `m${i}*${1 + random.below(kinds)}`).join(', ');

    test("elects whom httpd's walk over all of them elects, sessions between them, and leaves the same credits", () => {
      const balancer = simulateBalancer(notation);
      const { members } = balancer;
      const credits = new Map(members.view().map(({ settings }) => [settings.name, 0]));
      for (let i = 0; i < 300; i += 1) {
        const bound = random.happens(20) ? random.oneOf(members.view()).settings.name : undefined;
        const served = balancer.request(bound);
        expect(served).toBe(elect(credits, members.view(), bound));
        expect(Object.fromEntries(members.view().map((each) => [each.settings.name, each.lbstatus]))).toEqual(
          Object.fromEntries(credits),
        );
      }
      expect(ledgerOf(candidatesOf(balancer))).toBeDefined();
    });

    test('is given up when flags change, and goes on from the same credits', () => {
      const balancer = simulateBalancer(notation, { members: { retryMs: 0 } });
      const { members } = balancer;
      for (let i = 0; i < 60; i += 1) {
        balancer.serve(random.below(5));
        const candidates = candidatesOf(balancer);
        const before = creditsOf(members.view());
        const flags = random.oneOf(['D', 'N', 'H', '']);
        const [, ...others] = members.view();
        members.apply(random.oneOf(others), { kind: 'set', status: parseStatus(flags) });
        // Who comes back is levelled with the others: within a round, so only the others' credits are as they were.
        const after = creditsOf(members.view());
        expect(after.filter((credit, at) => credit !== before[at]).length).toBeLessThanOrEqual(1);
        balancer.serve(1);
        if (candidatesOf(balancer) !== candidates) expect(ledgerOf(candidates)).toBeUndefined();
      }
    });
  },
);

describe('credits are kept by a ledger', () => {
  test('from the second election among the same candidates', () => {
    const balancer = simulateBalancer('a, b, c');
    const kept = [1, 2, 3].map(() => {
      balancer.serve(1);
      return ledgerOf(candidatesOf(balancer)) !== undefined;
    });
    expect(kept).toEqual([false, true, true]);
  });

  test('not while a member starts slowly, whose weight grows', () => {
    const balancer = simulateBalancer('a, b', { members: { slowStartMs: 10_000 } });
    balancer.members.revise({ added: [buildMember({ name: 'c', slowStartMs: 10_000 })] });
    balancer.serve(20);
    expect(ledgerOf(candidatesOf(balancer))).toBeUndefined();
    balancer.pass(10_000);
    balancer.serve(2);
    expect(ledgerOf(candidatesOf(balancer))).toBeDefined();
  });

  test.each(['bytraffic', 'bybusyness', 'byresponsetime', 'random'] as const)(
    'not by %s, which gives other shares',
    (lbmethod) => {
      const balancer = simulateBalancer('a, b', { lbmethod });
      balancer.serve(20);
      expect(ledgerOf(candidatesOf(balancer))).toBeUndefined();
    },
  );

  test('not by a function that has named nobody, whatever it names later', () => {
    let asked = 0;
    const balancer = simulateBalancer('a, b', {
      lbmethod: (members) => ((asked += 1) % 2 === 0 ? undefined : members[1]),
    });
    balancer.serve(20);
    expect(balancer.member('a').elected).toBeGreaterThan(1);
    expect(ledgerOf(candidatesOf(balancer))).toBeUndefined();
  });

  test('but those of a method that is followed no more are forgotten', () => {
    const balancer = simulateBalancer('a, b*3');
    balancer.serve(3);
    const candidates = candidatesOf(balancer);
    expect(ledgerOf(candidates)).toBeDefined();
    balancer.members.follow({ share: undefined, ejection: undefined });
    expect([ledgerOf(candidates), ...creditsOf(balancer.members.view())]).toEqual([undefined, 0, 0]);
  });

  test('and a session on a standby, who is no candidate, costs nobody anything', () => {
    const balancer = simulateBalancer('a, b, c H');
    balancer.serve(4);
    expect(ledgerOf(candidatesOf(balancer))).toBeDefined();
    expect([balancer.request('c'), ...creditsOf(balancer.members.view())]).toEqual(['c', 0, 0, 0]);
  });
});
