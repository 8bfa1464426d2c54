import { describe, expect, test } from '@jest/globals';
import { viewMember, viewMembers } from '../../../src/member/snapshot.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { buildViews } from '../../support/build-members.ts';

const now = 100_000;
const [calm] = buildViews('a*1.5@2 H');

function view(parts: Partial<MemberView>): ReturnType<typeof viewMember> {
  return viewMember({ ...calm!, ...parts }, now);
}

describe('a member at one moment', () => {
  test('is told of in the words and units of its definition', () => {
    expect(viewMember(calm!, now)).toEqual({
      name: 'a',
      url: 'http://a/',
      route: 'a',
      redirect: undefined,
      loadfactor: 1.5,
      lbset: 2,
      status: 'H',
      inError: false,
      retryInMs: undefined,
      retries: 0,
      ejected: false,
      busy: 0,
      max: undefined,
      elected: 0,
      failures: 0,
      sent: 0,
      received: 0,
      responseMs: undefined,
      lbstatus: 0,
    });
  });

  test('is told of with its counters', () => {
    const counters = { busy: 1, elected: 2, failures: 3, sent: 4, received: 5, lbstatus: -600 };
    expect(view(counters)).toMatchObject(counters);
  });

  test.each([
    ['until it is tried again', { errorAt: now - 1_000 }, 59_000],
    ['with back-off', { errorAt: now, failedTrials: 2 }, 240_000],
    ['for the time of its ejection', { errorAt: now, ejectedMs: 30_000 }, 30_000],
    ['when it is due', { errorAt: 0 }, 0],
    ['when it began so', { errorAt: Number.NEGATIVE_INFINITY }, 0],
  ])('tells how long it is left alone: %s', (_what, state, retryInMs) => {
    const parts = { state: { ...calm!.state, ...state, status: 16 } };
    expect(view(parts)).toMatchObject({
      inError: true,
      retryInMs,
      status: 'E',
      ejected: 'ejectedMs' in state,
    });
  });

  test('tells how many requests it may serve, where that is set', () => {
    expect(view({ settings: { ...calm!.settings, max: 7 } }).max).toBe(7);
  });

  test('tells how quick it is, less so the longer it has not answered', () => {
    expect(view({ responseMs: 80, sampledAt: now }).responseMs).toBe(80);
    const later = view({ responseMs: 80, sampledAt: now - 5_000 }).responseMs!;
    expect(later).toBeLessThan(80);
    expect(later).toBeGreaterThan(0);
  });

  test('is told of for each, in order, and stays as it was', () => {
    const members = buildViews('a, b D').map((member) => ({ ...member }));
    const views = viewMembers(members, now);
    members[0]!.busy = 9;
    expect(views.map(({ name, status, busy }) => [name, status, busy])).toEqual([
      ['a', '', 0],
      ['b', 'D', 0],
    ]);
  });
});
