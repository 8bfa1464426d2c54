import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { isRepeatable, judgeAnswer, judgeFailure, type Grounds } from '../../../src/forward/judge.ts';
import type { FailureKind } from '../../../src/forward/outcome.ts';
import { countCheck, noChecks } from '../../../src/health/count-checks.ts';
import { Status } from '../../../src/member/status.ts';
import { createRetryBudget } from '../../../src/retry-budget.ts';
import { pauseAfter } from '../../../src/waiting/patience.ts';
import { createWaitingRoom, type Waiter } from '../../../src/waiting/waiting-room.ts';
import { build } from '../definition/support.ts';
import { hold, holdAsync } from '../../support/runs.ts';
import { anyHeaders, anyToken } from './any-http.ts';

const kinds: readonly FailureKind[] = [
  'connect',
  'connect-timeout',
  'reset',
  'timeout',
  'bad-answer',
  'bad-request',
];
const safe = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];

describe('a request of which a byte may have been processed', () => {
  const anyMethod = fc.oneof(fc.constantFrom(...safe, 'POST', 'PATCH', 'get', 'CONNECT', 'QUERY'), anyToken);
  const anyFailoverOn = fc.constantFrom(
    {},
    { failoverOn: { status: [503] } },
    { failoverOn: { methods: ['POST' as const] } },
    { failoverOn: { idempotencyKey: true } },
  );
  const anyGrounds = fc.record({
    movable: fc.boolean(),
    again: fc.boolean(),
    failontimeout: fc.boolean(),
    failonstatus: fc.constant(new Set([500, 503])),
  });

  test('is sent again only if its method is idempotent, or the definition says so of it', () => {
    let stays = 0;
    hold(
      2_000,
      fc.property(
        anyMethod,
        anyHeaders,
        anyFailoverOn,
        anyGrounds,
        fc.tuple(fc.constantFrom(...kinds), fc.boolean(), fc.constantFrom(200, 500, 503)),
        (method, headers, options, rest, [kind, reused, status]) => {
          const { failover } = build({ members: ['http://a', 'http://b'], ...options });
          const grounds: Grounds = {
            ...rest,
            repeatable: isRepeatable({ method, headers }, failover),
            failoverStatus: failover.status,
          };
          const failure = { kind, sent: true, reused, cause: new Error('x') };
          const allowed =
            safe.includes(method) ||
            failover.methods.has(method) ||
            (failover.idempotencyKey !== undefined &&
              headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === failover.idempotencyKey));
          const nexts = [
            judgeFailure(failure, grounds).next,
            judgeAnswer({ status, reason: '', headers: [] }, grounds).next,
          ];
          if (allowed && rest.movable) return;
          stays += 1;
          expect(nexts.filter((next) => next === 'another' || next === 'again')).toEqual([]);
        },
      ),
    );
    expect(stays).toBeGreaterThan(500);
  });
});

describe('the retry budget', () => {
  test('grants a fifth of what came in within ten seconds, or ten, and never more', () => {
    hold(
      300,
      fc.property(fc.array(fc.tuple(fc.nat(2_000), fc.nat(60), fc.nat(30)), { maxLength: 40 }), (steps) => {
        let now = 0;
        const budget = createRetryBudget(() => now);
        const requests: number[] = [];
        const granted: number[] = [];
        const within = (times: readonly number[], ms: number): number =>
          times.filter((at) => at > now - ms).length;
        for (const [ms, deposits, withdrawals] of steps) {
          now += ms;
          for (let i = 0; i < deposits; i += 1) {
            budget.deposit();
            requests.push(now);
          }
          for (let i = 0; i < withdrawals; i += 1) {
            if (budget.withdraw()) {
              granted.push(now);
              // Slots of a second: the oldest may be counted in part.
              expect(within(granted, 9_000)).toBeLessThanOrEqual(
                Math.max(10, Math.floor(within(requests, 10_000) / 5)),
              );
            } else
              expect(within(granted, 10_000)).toBeGreaterThanOrEqual(
                Math.max(10, Math.floor(within(requests, 9_000) / 5)),
              );
          }
        }
      }),
    );
  });
});

describe('those who wait', () => {
  test('are served in the order in which they came, each once, and never more of them than may wait', async () => {
    await holdAsync(
      200,
      fc.asyncProperty(
        fc.array(fc.constantFrom('enter', 'enter', 'leave', 'free', 'pass'), { maxLength: 60 }),
        fc.nat(6),
        async (steps, most) => {
          const room = createWaitingRoom(() => undefined);
          let places = 0;
          let next = 0;
          const waiting: Readonly<{ number: number; waiter: Waiter }>[] = [];
          const served: number[] = [];
          const enter = (): void => {
            const number = next++;
            const waiter: Waiter = {
              kind: () => undefined,
              awaitsMember: () => false,
              retry: () => {
                if (places === 0) return false;
                places -= 1;
                served.push(number);
                waiting.splice(
                  waiting.findIndex((each) => each.number === number),
                  1,
                );
                return true;
              },
            };
            if (room.enter(waiter, most)) waiting.push({ number, waiter });
            else expect(waiting).toHaveLength(most);
          };
          for (const step of steps) {
            if (step === 'enter') enter();
            if (step === 'leave' && waiting.length > 0)
              room.leave(waiting.splice(waiting.length >> 1, 1)[0]!.waiter);
            if (step === 'free') {
              places += 1;
              room.wake();
            }
            if (step === 'pass') room.letPass();
            await Promise.resolve();
            expect(room.size()).toBe(waiting.length);
            expect(waiting.length).toBeLessThanOrEqual(most);
          }
          expect(served).toEqual(served.toSorted((one, other) => one - other));
          expect(new Set(served).size).toBe(served.length);
        },
      ),
    );
  });

  test('pause longer each time while they are held, and never longer than a second', () => {
    hold(
      100,
      fc.property(fc.nat(5_000), (holds) => {
        expect(pauseAfter(holds)).toBeGreaterThanOrEqual(Math.min(100, pauseAfter(holds + 1)));
        expect(pauseAfter(holds)).toBeLessThanOrEqual(Math.min(pauseAfter(holds + 1), 1_000));
      }),
    );
  });
});

describe('health checks', () => {
  test('change a member’s state after so many in a row that say otherwise than it is, and no sooner', () => {
    hold(
      500,
      fc.property(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (checks, passes, fails) => {
          let counts = noChecks;
          let isDown = false;
          let row = 0;
          for (const passed of checks) {
            const state = {
              status: isDown ? Status.healthCheckFailed : 0,
              errorAt: undefined,
              ejectedMs: undefined,
            };
            const read = countCheck(counts, passed, state, { passes, fails });
            counts = read.counts;
            row = passed === isDown ? row + 1 : 0;
            const isEnough = row === (isDown ? passes : fails);
            expect(read.event).toBe(isEnough ? (isDown ? 'checks-passed' : 'checks-failed') : undefined);
            if (!isEnough) continue;
            isDown = !isDown;
            row = 0;
          }
        },
      ),
    );
  });
});
