import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { isUsable, type Situation } from '../../../src/choice/eligible.ts';
import { createMember } from '../../../src/member/member.ts';
import {
  initialState,
  isServing,
  nextState,
  type MemberEvent,
  type MemberState,
} from '../../../src/member/member-state.ts';
import { retryAt } from '../../../src/member/retry-at.ts';
import { printStatus, Status, statusLetters } from '../../../src/member/status.ts';
import { buildMember } from '../../support/build-members.ts';
import { hold } from '../../support/runs.ts';

/** What sets a state apart from others; the rest are times and counts. */
function nameState({ status, errorAt, probing, ejectedMs, retries, failedTrials }: MemberState): string {
  return [
    printStatus(status) || 'ok',
    ...(errorAt === undefined ? [] : ['in error']),
    ...(probing ? ['on trial'] : []),
    ...(ejectedMs === undefined ? [] : ['ejected']),
    ...(retries > 0 ? ['tried'] : []),
    ...(failedTrials > 0 ? ['in vain'] : []),
  ].join(', ');
}

const settings = buildMember();
const { retryMs } = settings;
const lateMs = 100 * settings.retryMaxMs;

function viewAt(state: MemberState): ReturnType<typeof createMember> {
  return Object.assign(createMember(settings), { state });
}

/** The flags that somebody may set, each by itself. */
const settable = [...statusLetters.values()].filter((flag) => flag !== Status.healthCheckFailed);

/** Whatever can happen to a member in this state, by somebody or by itself. */
function listEvents(state: MemberState, now: number): readonly MemberEvent[] {
  const situation: Situation = { now, forced: 'nothing', tried: new Set() };
  const isDue = state.errorAt !== undefined && isUsable(viewAt(state), situation);
  const told = { ageMs: 5, delayMs: 10, retries: 2, failedTrials: 1, ejectedMs: undefined };
  return [
    ...listOwnEvents(state, isDue),
    'failed',
    'checks-failed',
    { kind: 'ejected', timeMs: 3_000 },
    { kind: 'heard', error: told },
    { kind: 'heard', error: { ...told, failedTrials: 0, ejectedMs: 3_000 } },
    { kind: 'heard', error: undefined },
    ...settable.map((flag): MemberEvent => ({ kind: 'set', status: state.status ^ flag })),
  ];
}

/** What brings a member on without anybody's doing: requests that are answered, checks that pass. */
function listOwnEvents(state: MemberState, isDue: boolean): readonly MemberEvent[] {
  const ofTrial = ['probe-failed', 'probe-succeeded', 'probe-ended'] as const;
  return [
    'succeeded',
    'checks-passed',
    'forced',
    ...(isDue ? ['probed' as const] : []),
    ...(state.probing ? ofTrial : []),
  ];
}

type Reached = Readonly<{ state: MemberState; now: number }>;

/** Every state there is a way to, from any of these. */
function reachAll(
  starts: readonly Reached[],
  follow: (from: Reached) => readonly Reached[],
): ReadonlyMap<string, Reached> {
  const reached = new Map<string, Reached>();
  const ahead = [...starts];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const name = nameState(next.state);
    if (reached.has(name)) continue;
    reached.set(name, next);
    ahead.push(...follow(next));
  }
  return reached;
}

/** Soon, so that a member in error is left alone, and when all that is due is due. */
function followAll({ state, now }: Reached): readonly Reached[] {
  return [now + 1, now + lateMs].flatMap((at) =>
    listEvents(state, at).map((event) => ({ state: nextState(state, event, at), now: at })),
  );
}

/** All that the flags, an error, its trial and what is known of it can be together. */
function listThinkable(): readonly string[] {
  const names: string[] = [];
  for (let status = 0; status < 256; status += 1) {
    const isInError = (status & Status.inError) !== 0;
    for (let bits = 0; bits < 16; bits += 1) {
      const [probing, isEjected, isTried, isInVain] = [1, 2, 4, 8].map((bit) => (bits & bit) !== 0);
      if (!isInError && (probing || isEjected)) continue;
      // A trial counts when it begins.
      if (!isTried && (probing || isInVain)) continue;
      names.push(
        nameState({
          ...initialState(status),
          errorAt: isInError ? 0 : undefined,
          probing: probing!,
          ejectedMs: isEjected ? 1 : undefined,
          retries: isTried ? 1 : 0,
          failedTrials: isInVain ? 1 : 0,
        }),
      );
    }
  }
  return names;
}

const begun = [{ state: initialState(0), now: 0 }];

describe('the states of a member', () => {
  const reached = reachAll(begun, followAll);

  test('are all that are thinkable, and no others: none is out of reach', () => {
    expect([...reached.keys()].toSorted()).toEqual(listThinkable().toSorted());
  });

  test('are no dead ends: with nobody’s help, errors and failed checks pass from every one of them', () => {
    const stuck = Status.inError | Status.healthCheckFailed;
    for (const from of reached.values()) {
      const followOwn = ({ state, now }: Reached): readonly Reached[] => {
        const at = now + lateMs;
        const isDue = isUsable(viewAt(state), { now: at, forced: 'nothing', tried: new Set() });
        const events = listOwnEvents(state, isDue && state.errorAt !== undefined);
        // A member that is not tried, as a stopped one, has its checks; forced recovery is for who asks for it.
        const alone = events.filter((event) => event !== 'forced');
        return alone.map((event) => ({ state: nextState(state, event, at), now: at }));
      };
      const ways = [...reachAll([from], followOwn).values()];
      const isOut = (from.state.status & (Status.disabled | Status.stopped)) !== 0;
      const isEjected = from.state.ejectedMs !== undefined;
      // Nobody tries one that is out of service, and its checks say nothing of what it answered.
      if (isOut && isEjected) continue;
      const free = ways.filter(({ state }) => (state.status & stuck) === 0);
      expect([nameState(from.state), free.length > 0]).toEqual([nameState(from.state), true]);
      for (const { state } of free) expect([state.errorAt, state.probing]).toEqual([undefined, false]);
    }
  });

  test('are left for a serving one as soon as somebody sets the flags so, whatever it has failed', () => {
    for (const { state, now } of reached.values()) {
      const set = nextState(state, { kind: 'set', status: 0 }, now + 1);
      expect([nameState(state), isServing(set), set.errorAt, set.probing]).toEqual([
        nameState(state),
        true,
        undefined,
        false,
      ]);
    }
  });

  test('say that it is in error by its flag and by its time, or by neither', () => {
    hold(
      1_000,
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(2 * retryMs)), { maxLength: 30 }), (happenings) => {
        let now = 0;
        let state = initialState(0);
        for (const [which, ms] of happenings) {
          now += ms;
          const events = listEvents(state, now);
          const event = events[which % events.length]!;
          state = nextState(state, event, now);
          // A trial that is over leaves the member to the next one.
          if (typeof event === 'string' && event.startsWith('probe-')) expect(state.probing).toBe(false);
          expect((state.status & Status.inError) !== 0).toBe(state.errorAt !== undefined);
          if (state.probing || state.ejectedMs !== undefined) expect(state.errorAt).toBeDefined();
          expect(state.retries >= 0 && state.failedTrials >= 0).toBe(true);
          // It is left alone for a time that ends, whatever has happened to it.
          const at = retryAt(viewAt(state));
          if (at !== undefined && state.ejectedMs === undefined) {
            expect(at - now).toBeLessThanOrEqual(settings.retryMaxMs + 10);
          }
        }
      }),
    );
  });
});

describe('the back-off of a member', () => {
  const anyTimes = fc.record({
    retryMs: fc.nat(10_000_000),
    more: fc.nat(10_000_000),
    ejectedMs: fc.option(fc.integer({ min: 1, max: 10_000_000 }), { nil: undefined }),
    failedTrials: fc.nat(5_000),
  });

  test('never shrinks with a trial that fails, begins with its own time, and has an end', () => {
    hold(
      1_000,
      fc.property(anyTimes, ({ retryMs: own, more, ejectedMs, failedTrials }) => {
        const retryMaxMs = own + more;
        const delayAfter = (trials: number): number => {
          const state = { ...initialState(Status.inError), errorAt: 0, failedTrials: trials, ejectedMs };
          const member = createMember(buildMember({ retryMs: own, retryMaxMs }));
          return retryAt(Object.assign(member, { state }))!;
        };
        const first = ejectedMs ?? own;
        const most = ejectedMs === undefined || own === 0 ? retryMaxMs : ejectedMs * (retryMaxMs / own);
        expect(delayAfter(0)).toBe(first);
        expect(delayAfter(failedTrials)).toBeGreaterThanOrEqual(first);
        expect(delayAfter(failedTrials)).toBeLessThanOrEqual(Math.max(first, most));
        expect(delayAfter(failedTrials + 1)).toBeGreaterThanOrEqual(delayAfter(failedTrials));
      }),
    );
  });
});
