import fc from 'fast-check';
import type { MemberView } from '../../../src/member/member.ts';
import { initialState } from '../../../src/member/member-state.ts';
import { parseStatus, Status } from '../../../src/member/status.ts';
import { buildMember } from '../../support/build-members.ts';

/** The time of every decision here. */
export const now = 1_000_000;

const anyLetters = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom('R', 'H') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('D', 'S', 'C', 'N', 'I', 'HN', 'RN', 'RD', 'HR', 'SC', 'HRN', 'IC'),
  },
);

const anyPast = fc.record({
  letters: anyLetters,
  errorAt: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.constantFrom(now, now - 1_000, now - 59_999, now - 60_000, now - 120_000, Number.NEGATIVE_INFINITY),
  ),
  failedTrials: fc.constantFrom(0, 0, 0, 1, 5, 1_000),
  isProbing: fc.boolean(),
  ejectedMs: fc.constantFrom(undefined, undefined, 1, 30_000),
  route: fc.constantFrom(undefined, 'a', 'b', 'c'),
  redirect: fc.constantFrom(undefined, undefined, 'a', 'b', 'c', 'nowhere'),
  lbset: fc.constantFrom(0, 0, 0, 1, 2),
  max: fc.constantFrom(Infinity, Infinity, 1, 2),
  busy: fc.nat(3),
  lbfactor: fc.integer({ min: 100, max: 10_000 }),
  lbstatus: fc.integer({ min: -20_000, max: 20_000 }),
  debt: fc.constantFrom(0, 0, 1, 7.5),
  responseMs: fc.constantFrom(undefined, 0, 5, 800),
  bytes: fc.constantFrom(0, 1, 50_000),
});

/** Up to eight members as anything may have left them; frozen, so that a choice which edits one throws. */
export const anyMembers: fc.Arbitrary<readonly MemberView[]> = fc
  .array(anyPast, { maxLength: 8 })
  .map((pasts) => pasts.map(makeMember));

function makeMember(
  past: typeof anyPast extends fc.Arbitrary<infer Past> ? Past : never,
  i: number,
): MemberView {
  const { letters, errorAt, route, redirect, lbset, max, lbfactor, busy, lbstatus, debt, responseMs } = past;
  const isInError = errorAt !== undefined;
  const status = parseStatus(letters);
  return Object.freeze({
    settings: buildMember({ name: `m${i}`, route, redirect, lbset, max, lbfactor }),
    state: Object.freeze({
      ...initialState(status),
      status: status | (isInError ? Status.inError : 0),
      errorAt,
      failedTrials: past.failedTrials,
      probing: isInError && past.isProbing,
      ejectedMs: isInError ? past.ejectedMs : undefined,
    }),
    busy,
    busyElsewhere: 0,
    elected: busy,
    lbstatus,
    sent: past.bytes,
    received: past.bytes,
    handicap: 0,
    debt,
    debtAt: now,
    responseMs,
    sampledAt: now,
    failures: 0,
  });
}
