import { describe, expect, test } from '@jest/globals';
import { byRequests } from '../../../src/choice/by-requests.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';
import { buildCandidates, makeContext } from './views.ts';

// Section 15.4 of the reference, measured on httpd 2.4.71 or read from its source.
// Q29 and Q30 stand below; Q31 to Q36 belong to bybusyness and bytraffic, Q37 to state shared between processes.
describe('byrequests picks in the order that httpd does', () => {
  test.each([
    ['Q1', 'a, b, c', 'a b c a b c a b c'],
    ['Q2', 'a, b*2, c', 'b a c b b a c b b a c b'],
    ['Q3', 'a, b*4, c', 'b a b b c b b a b b c b'],
    ['Q4', 'a*70, b*30', 'a b a a a b a a b a a b'],
    ['Q5', 'a, b, c, d*2', 'd a b c d d a b c d'],
    ['Q6', 'a, b*2, c*3', 'c b a c b c c b a c b c'],
    ['Q7', 'a*1.5, b', 'a b a b a a b a b a'],
    ['Q8', 'a*5, b, c', 'a a b a c a a a a b a c a a'],
    ['Q9', 'a*3, b*2', 'a b a b a a b a b a'],
    ['Q10', 'a*2, b, c, d', 'a b c d a a b c d a'],
    ['Q11', 'a*10, b', 'a a a a a b a a a a a'],
    ['Q12', 'a*2.25, b', 'a b a a b a a a b a a b a'],
    ['Q13', 'a, b D, c, d', 'a c d a c d a c d'],
    ['Q14 stopped', 'a, b S, c', 'a c a c a c'],
    ['Q14 drained', 'a, b N, c', 'a c a c a c'],
    ['Q15', 'a, b, c H', 'a b a b a b'],
    ['Q16 one standby', 'a D, b D, c H', 'c c c'],
    ['Q16 two standbys', 'a D, b H, c H', 'b c b c b c'],
    ['Q17', 'a, b, c R, d R', 'a b a b a b'],
    ['Q18', 'a, b D, c R, d R', 'a c a c a c a c'],
    ['Q19', 'a D, b S, c R, d R, e R', 'c d c d c d c d'],
    ['Q20', 'a, b N, c R', 'a c a c a c'],
    ['Q21', 'a, b@1, c@1', 'a a a a'],
    ['Q22', 'a D, b@1, c@1', 'b c b c b c'],
    ['Q23', 'a D, b H, c@1', 'b b b b'],
    ['Q24', 'a@3, b@5', 'a a a'],
    ['Q25', 'a, b E, c', 'a b c a b c'],
    ['Q26', 'a E, b E', 'a b a'],
    ['Q27', 'a D, b D', '503'],
    ['Q28', 'a, b C', 'a a a a'],
  ])('%s: %s', (_id, members, sequence) => {
    expect(simulateBalancer(members).serve(sequence.split(' ').length)).toBe(sequence);
  });

  test('Q29: makes up for what a session has cost a member', () => {
    const balancer = simulateBalancer('a, b');
    expect([1, 2, 3].map(() => balancer.request('a'))).toEqual(['a', 'a', 'a']);
    expect([balancer.member('a').lbstatus, balancer.member('b').lbstatus]).toEqual([-300, 300]);
    expect(balancer.serve(8)).toBe('b b b a b a b a');
  });

  test('Q30: freezes the credit of a member that is down, so that it simply rejoins', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'b', members: { retryMs: 1_000 } });
    expect(balancer.serve(6)).toBe('a b>a a a a a');
    balancer.refusing.clear();
    balancer.pass(1_200);
    expect(balancer.serve(4)).toBe('a b a b');
  });
});

describe('byRequests', () => {
  test('takes the earlier one of two with the same credit', () => {
    const [a, b, c] = buildCandidates('a, b, c');
    expect(byRequests.choose([b!, a, c!], makeContext())).toBe(b);
  });

  test('takes the only one, however much it owes', () => {
    const candidates = buildCandidates('a', { a: { lbstatus: Number.MIN_SAFE_INTEGER } });
    expect(byRequests.choose(candidates, makeContext())).toBe(candidates[0]);
  });

  test('counts the credit that this request brings: a greater factor outweighs a smaller credit', () => {
    const candidates = buildCandidates('a, b*3', { a: { lbstatus: 150 } });
    expect(byRequests.choose(candidates, makeContext())).toBe(candidates[1]);
  });

  test('leaves paying to the election', () => {
    const candidates = buildCandidates('a, b');
    expect(byRequests.choose(candidates, makeContext())).toBe(candidates[0]);
    expect(candidates.map(({ lbstatus }) => lbstatus)).toEqual([0, 0]);
  });

  test('shares whole hundredths, in a slow start too', () => {
    const slow = { settings: { slowStartMs: 3_000 }, state: { upSince: 0 } };
    const shares = new Float64Array(4);
    expect(byRequests.share!(buildCandidates('a*1.5, b', { b: slow }), 1_000, shares)).toBe(190);
    expect([...shares]).toEqual([150, 40, 0, 0]);
  });

  test.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
    'gives every member exactly its share in each round, and all credits back (seed %i)',
    (seed) => {
      const random = createRandom(seed);
      const factors = Array.from({ length: 1 + random.below(6) }, () => 1 + random.below(12));
      const balancer = simulateBalancer(factors.map((factor, i) => `m${i}*${factor}`).join(', '));
      const round = factors.reduce((sum, factor) => sum + factor, 0);
      for (const rounds of [1, 2]) {
        balancer.serve(round);
        expect(balancer.members.view().map(({ elected }) => elected)).toEqual(
          factors.map((factor) => factor * rounds),
        );
        expect(balancer.members.view().map(({ lbstatus }) => lbstatus)).toEqual(factors.map(() => 0));
      }
    },
  );
});
