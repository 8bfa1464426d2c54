import { describe, expect, test } from '@jest/globals';
import {
  initialState,
  nextState,
  type HeardError,
  type MemberEvent,
  type MemberState,
} from '../../../src/member/member-state.ts';
import { Status } from '../../../src/member/status.ts';

const now = 5_000;
const { inError: E, ignoreErrors: I, drain: N, disabled: D, stopped: S, healthCheckFailed: C } = Status;

/** It has never been anything else. */
const always: MemberState = initialState(0);
const inError: MemberState = { ...always, status: E, errorAt: 1_000, retries: 2 };
const tried: MemberState = { ...inError, probing: true };
const recovering: MemberState = { ...always, retries: 1 };
const ignoring: MemberState = { ...always, status: I };
const ejected: MemberState = { ...inError, ejectedMs: 30_000 };
const unhealthy: MemberState = { ...always, status: C };
/** It serves again since now. */
const back: MemberState = { ...always, upSince: now };

const ejection: MemberEvent = { kind: 'ejected', timeMs: 30_000 };

function hear(error: Partial<HeardError> = {}): MemberEvent {
  const mark = { ageMs: 500, delayMs: 200, retries: 4, failedTrials: 3, ejectedMs: undefined };
  return { kind: 'heard', error: { ...mark, ...error } };
}

const heardWell: MemberEvent = { kind: 'heard', error: undefined };
/** As it is by what was heard. */
const heard: MemberState = { ...always, status: E, errorAt: 4_700, retries: 4, failedTrials: 3 };

function set(status: number): MemberEvent {
  return { kind: 'set', status };
}

describe('a member begins', () => {
  test('well, and as if it had never been away', () => {
    expect(initialState(0)).toEqual({
      status: 0,
      errorAt: undefined,
      retries: 0,
      failedTrials: 0,
      probing: false,
      ejectedMs: undefined,
      upSince: undefined,
    });
  });

  test('with the flags of its definition', () => {
    const status = N | Status.hotStandby;
    expect(initialState(status)).toEqual({ ...always, status });
  });

  test('due for its retry at once, when it begins in error (httpd: no error time is recorded)', () => {
    expect(initialState(E)).toEqual({ ...always, status: E, errorAt: Number.NEGATIVE_INFINITY });
  });
});

describe('what happens to a member', () => {
  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    ['a failure puts it in error', always, 'failed', { ...always, status: E, errorAt: now }],
    ['a further failure starts its retry again', inError, 'failed', { ...inError, errorAt: now }],
    [
      'a failure of another request leaves its trial under way',
      tried,
      'failed',
      { ...inError, errorAt: now, probing: true },
    ],
    [
      'a failed trial ends, is counted, and starts its retry again',
      tried,
      'probe-failed',
      { ...inError, errorAt: now, failedTrials: 1 },
    ],
    [
      'a failure after all errors were forgotten keeps the count',
      recovering,
      'failed',
      { ...recovering, status: E, errorAt: now },
    ],
    ['a trial that succeeds clears error, counts and trial', tried, 'probe-succeeded', back],
    ['so does one after many that have failed', { ...tried, failedTrials: 7 }, 'probe-succeeded', back],
    ['a success ends the count that a forced recovery began', recovering, 'succeeded', always],
    ['so it does that of failed trials', { ...recovering, failedTrials: 3 }, 'succeeded', always],
    ['a trial is counted and noted', inError, 'probed', { ...inError, retries: 3, probing: true }],
    ['a trial that ends silently leaves it due', tried, 'probe-ended', inError],
    [
      'a forced recovery forgets the error, is counted, and is no failed trial',
      { ...inError, failedTrials: 2 },
      'forced',
      { ...back, retries: 3, failedTrials: 2 },
    ],
    ['a forced recovery does not wait for a trial', tried, 'forced', { ...back, retries: 3 }],
    [
      'a failed trial ends, though errors are ignored',
      { ...tried, status: E | I },
      'probe-failed',
      { ...inError, status: E | I, failedTrials: 1 },
    ],
  ])('%s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    ['failed checks take it out', always, 'checks-failed', unhealthy],
    ['they leave an error as it is', tried, 'checks-failed', { ...tried, status: E | C }],
    ['passed checks bring it back', unhealthy, 'checks-passed', back],
    ['they clear an error too, as in httpd', tried, 'checks-passed', back],
    ['and both at once', { ...inError, status: E | C, failedTrials: 4 }, 'checks-passed', back],
    ['they do not end an ejection', { ...ejected, status: E | C }, 'checks-passed', ejected],
    ['they do not end a drain', { ...inError, status: E | C | N }, 'checks-passed', { ...always, status: N }],
  ])('health: %s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    [
      'puts it in error for a time of its own',
      always,
      ejection,
      { ...always, status: E, errorAt: now, ejectedMs: 30_000 },
    ],
    ['outlasts a failure of another request', ejected, 'failed', { ...ejected, errorAt: now }],
    [
      'outlasts a trial that fails',
      { ...ejected, probing: true },
      'probe-failed',
      { ...ejected, errorAt: now, failedTrials: 1 },
    ],
    ['ends with a trial that succeeds', { ...ejected, probing: true }, 'probe-succeeded', back],
    ['ends with a forced recovery', ejected, 'forced', { ...back, retries: 3 }],
    ['ends when somebody clears the error', ejected, set(0), back],
  ])('ejection %s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    ['an error: it is tried a little later than there', always, hear(), heard],
    ['an ejection', always, hear({ ejectedMs: 30_000 }), { ...heard, ejectedMs: 30_000 }],
    ['a later error than its own', inError, hear(), heard],
    ['an error after all were forgotten here', recovering, hear(), heard],
    ['an error of a member that begins in error', initialState(E), hear(), heard],
    ['an error beside other flags', { ...always, status: D | C }, hear(), { ...heard, status: D | C | E }],
    ['that it is well', { ...inError, failedTrials: 3 }, heardWell, back],
    ['that it is well, while a request tries it', tried, heardWell, back],
    ['that it is well, of one that is ejected', ejected, heardWell, back],
    ['that it is well, after all errors were forgotten here', recovering, heardWell, always],
    [
      'that it is well, of one that is drained and fails checks',
      { ...inError, status: E | N | C },
      heardWell,
      { ...always, status: N | C },
    ],
  ])('another process tells %s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, from: MemberState, event: MemberEvent, to: MemberState]>([
    ['flags that it has not', always, set(N | I), { ...always, status: N | I }],
    ['flags away', { ...always, status: D | S }, set(0), back],
    ['an error, from now on', always, set(E), { ...always, status: E, errorAt: now }],
    ['no error any more: its counts are gone too', { ...tried, failedTrials: 3 }, set(0), back],
    ['another flag beside an error, which keeps its time', tried, set(E | D), { ...tried, status: E | D }],
    ['another flag in the place of an error', inError, set(D), { ...always, status: D }],
  ])('somebody sets %s', (_what, from, event, to) => {
    expect(nextState(Object.freeze({ ...from }), event, now)).toEqual(to);
  });

  test.each<[what: string, state: MemberState, event: MemberEvent]>([
    ['a success of a member that is well', always, 'succeeded'],
    ['a failure whose member ignores errors', ignoring, 'failed'],
    ['a success of a request that began before the error', inError, 'succeeded'],
    ['a success of such a request during a trial', tried, 'succeeded'],
    ['a forced recovery of a member that is well', always, 'forced'],
    ['failed checks of a member that has failed them', unhealthy, 'checks-failed'],
    ['passed checks of a member that is well', back, 'checks-passed'],
    ['passed checks of one that is ejected', ejected, 'checks-passed'],
    ['the ejection of a member that ignores errors', ignoring, ejection],
    ['the ejection of a member in error', inError, ejection],
    ['an error elsewhere of a member that ignores errors', ignoring, hear()],
    ['an error elsewhere of a member that a request tries here', tried, hear()],
    ['an error elsewhere before the one that was found here', { ...inError, errorAt: 4_600 }, hear()],
    ['an error elsewhere at the same moment as here', { ...inError, errorAt: 4_500 }, hear()],
    ['the recovery elsewhere of a member that is well', back, heardWell],
    ['flags that it has', { ...tried, status: E | N }, set(E | N)],
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
    'checks-failed',
    'checks-passed',
    ejection,
    hear(),
    heardWell,
  ] as const satisfies readonly MemberEvent[];

  test.each(events)('its other flags outlast it: %j', (event) => {
    const flags = N | Status.hotSpare | D;
    const { status } = nextState({ ...tried, status: flags | E }, event, now);
    expect(status & ~(E | C)).toBe(flags);
  });

  test.each([...events, set(0), set(E), set(E | C), set(C)])(
    'its E shows exactly while it has a time of error, and only then is it tried or ejected: %j',
    (event) => {
      const states = [always, inError, tried, ejected, recovering, ignoring, unhealthy, initialState(E)];
      for (const state of states) {
        // Only a member in error is tried.
        if (typeof event === 'string' && event.startsWith('probe') && state.errorAt === undefined) continue;
        const next = nextState(state, event, now);
        expect((next.status & E) !== 0).toBe(next.errorAt !== undefined);
        if (next.errorAt === undefined) expect([next.probing, next.ejectedMs]).toEqual([false, undefined]);
      }
    },
  );
});

describe('a member serves again', () => {
  const out = [D, S, N, E, C];

  test.each(out)('since it has none of the flags any more that keep it from it: %i', (flag) => {
    const away = nextState(always, set(flag), 1_000);
    expect(away.upSince).toBeUndefined();
    expect(nextState(away, set(0), now).upSince).toBe(now);
  });

  test.each(out)('not while another is left beside %i', (flag) => {
    const other = flag === D ? S : D;
    const away = nextState(always, set(flag | other), 1_000);
    expect(nextState(away, set(other), now).upSince).toBeUndefined();
  });

  test.each([
    ['by other flags', set(I | Status.hotSpare | Status.hotStandby)],
    ['by a success', 'succeeded'],
    ['by checks that pass', 'checks-passed'],
    ['by a forced recovery of others', 'forced'],
  ] as const)('since the last time that it did not, %s', (_how, event) => {
    expect(nextState({ ...recovering, upSince: 2_000 }, event, now).upSince).toBe(2_000);
  });

  test('and keeps the time while it is away', () => {
    const away = nextState({ ...always, upSince: 2_000 }, 'failed', 3_000);
    expect(away.upSince).toBe(2_000);
    expect(nextState({ ...away, probing: true }, 'probe-succeeded', now).upSince).toBe(now);
  });
});
