import { describe, expect, test } from '@jest/globals';
import {
  initialState,
  nextState,
  type MemberEvent,
  type MemberState,
} from '../../../src/member/member-state.ts';
import { Status } from '../../../src/member/status.ts';

const now = 5_000;
const well: MemberState = { status: 0, errorAt: undefined, retries: 0, probing: false };
const inError: MemberState = { status: Status.inError, errorAt: 1_000, retries: 2, probing: false };
const tried: MemberState = { ...inError, probing: true };
const recovering: MemberState = { ...well, retries: 1 };
const ignoring: MemberState = { ...well, status: Status.ignoreErrors };

describe('a member begins', () => {
  test('well', () => {
    expect(initialState(0)).toEqual(well);
  });

  test('with the flags of its definition', () => {
    const status = Status.drain | Status.hotStandby;
    expect(initialState(status)).toEqual({ ...well, status });
  });

  test('due for its retry at once, when it begins in error (httpd: no error time is recorded)', () => {
    expect(initialState(Status.inError)).toEqual({
      ...well,
      status: Status.inError,
      errorAt: Number.NEGATIVE_INFINITY,
    });
  });
});

describe('what happens to a member', () => {
  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    ['a failure puts it in error', well, 'failed', { ...well, status: Status.inError, errorAt: now }],
    ['a further failure starts its retry again', inError, 'failed', { ...inError, errorAt: now }],
    [
      'a failure of another request leaves its trial under way',
      tried,
      'failed',
      { ...inError, errorAt: now, probing: true },
    ],
    ['a failed trial ends, and starts its retry again', tried, 'probe-failed', { ...inError, errorAt: now }],
    [
      'a failure after all errors were forgotten keeps the count',
      recovering,
      'failed',
      { status: Status.inError, errorAt: now, retries: 1, probing: false },
    ],
    ['a trial that succeeds clears error, count and trial', tried, 'probe-succeeded', well],
    ['a success ends the count that a forced recovery began', recovering, 'succeeded', well],
    ['a trial is counted and noted', inError, 'probed', { ...inError, retries: 3, probing: true }],
    ['a trial that ends silently leaves it due', tried, 'probe-ended', inError],
    ['a forced recovery forgets the error and is counted', inError, 'forced', { ...well, retries: 3 }],
    ['a forced recovery does not wait for a trial', tried, 'forced', { ...well, retries: 3 }],
    [
      'a failed trial ends, though errors are ignored',
      { ...tried, status: Status.inError | Status.ignoreErrors },
      'probe-failed',
      { ...inError, status: Status.inError | Status.ignoreErrors },
    ],
  ])('%s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, state: MemberState, event: MemberEvent]>([
    ['a success of a member that is well', well, 'succeeded'],
    ['a failure whose member ignores errors', ignoring, 'failed'],
    ['a success of a request that began before the error', inError, 'succeeded'],
    ['a success of such a request during a trial', tried, 'succeeded'],
    ['a forced recovery of a member that is well', well, 'forced'],
  ])('nothing: %s', (_what, state, event) => {
    expect(nextState(state, event, now)).toBe(state);
  });

  const events = [
    'failed',
    'succeeded',
    'probed',
    'probe-failed',
    'probe-succeeded',
    'probe-ended',
    'forced',
  ] as const satisfies readonly MemberEvent[];

  test.each(events)('its other flags outlast it: %s', (event) => {
    const flags = Status.drain | Status.hotSpare | Status.disabled | Status.healthCheckFailed;
    const { status } = nextState({ ...tried, status: flags | Status.inError }, event, now);
    expect(status & ~Status.inError).toBe(flags);
  });

  test.each(events)('its E shows exactly while it has a time of error: %s', (event) => {
    for (const state of [well, inError, tried, recovering, ignoring, initialState(Status.inError)]) {
      const next = nextState(state, event, now);
      expect((next.status & Status.inError) !== 0).toBe(next.errorAt !== undefined);
    }
  });
});
