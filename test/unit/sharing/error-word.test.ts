import { expect, test } from '@jest/globals';
import { initialState } from '../../../src/member/member-state.ts';
import { Status } from '../../../src/member/status.ts';
import { ageOf, writeMark } from '../../../src/sharing/error-word.ts';

const mark = { ageMs: 3000, retries: 0, failedTrials: 0, ejectedMs: undefined };
const dayMs = 86_400_000;

test.each<[what: string, saidAgoMs: number, ageMs: number]>([
  ['as old as it was when it was said', 0, 3000],
  ['older by the time since', 500, 3500],
  ['no younger where the other clock is ahead', -3_600_000, 3000],
  ['a day old at most where the other clock is far behind', 1e12, dayMs],
])('an error that is heard of is %s', (_what, saidAgoMs, ageMs) => {
  const now = 1_790_000_000_000;
  expect(ageOf(mark, now - saidAgoMs, now)).toBe(ageMs);
});

test.each<[what: string, errorAt: number, ageMs: number]>([
  ['whole milliseconds', 999.6, 0],
  ['its age', 400, 600],
  ['none below zero, of one that is put off', 1500, 0],
  ['one that JSON can say, of a member that has begun in error', -Infinity, dayMs],
])('the age of an error is told in a number that others take: %s', (_what, errorAt, ageMs) => {
  expect(writeMark({ ...initialState(Status.inError), errorAt }, 1000).ageMs).toBe(ageMs);
});
