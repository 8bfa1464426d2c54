import { expect, test } from '@jest/globals';
import type { MemberView } from '../../../src/member/member.ts';
import { refuseUnknown } from '../../../src/roster/refusals.ts';

test.each([
  [2, "write one of 'm0', 'm1'"],
  [20, "'m18', 'm19'"],
  [1000, "'m18', 'm19' and 980 more"],
])('who is no member is told of a few of %d', (count, end) => {
  const members = Array.from({ length: count }, (_, i) => ({ settings: { name: `m${i}` } }));
  const { problems } = refuseUnknown('x', 'app', members as unknown as readonly MemberView[]);
  expect(problems).toHaveLength(1);
  expect(problems[0]!.advice.endsWith(end)).toBe(true);
  expect(problems[0]!.advice.length).toBeLessThan(200);
});
