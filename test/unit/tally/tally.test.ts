import { describe, expect, test } from '@jest/globals';
import { createTally } from '../../../src/tally/create-tally.ts';
import { buildViews } from '../../support/build-members.ts';

const [one, other] = buildViews('a, b');

describe('the tally of a member', () => {
  test('is one for each', () => {
    const tally = createTally();
    expect(tally.of(one!)).toBe(tally.of(one!));
    tally.of(one!).noteAnswer(200);
    expect(tally.of(one!).answers).toEqual([0, 0, 1, 0, 0, 0]);
    expect(tally.of(other!).answers).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each([
    [101, [0, 1, 0, 0, 0, 0]],
    [204, [0, 0, 1, 0, 0, 0]],
    [304, [0, 0, 0, 1, 0, 0]],
    [404, [0, 0, 0, 0, 1, 0]],
    [599, [0, 0, 0, 0, 0, 1]],
    [600, [0, 0, 0, 0, 0, 1]],
    [999, [0, 0, 0, 0, 0, 1]],
    [99, [0, 0, 0, 0, 0, 1]],
  ])('has an answer of %d among those of its class; what has none is a 5xx', (status, answers) => {
    const counted = createTally().of(one!);
    counted.noteAnswer(status);
    expect(counted.answers).toEqual(answers);
  });

  test('takes the times of attempts that were answered or upgraded, and of no others', () => {
    const counted = createTally().of(one!);
    counted.noteOutcome('answered', 20);
    counted.noteOutcome('answered', 30);
    counted.noteOutcome('upgraded', 50);
    for (const outcome of ['timeout', 'connect', 'client-gone', 'discarded', 'passed-on'] as const)
      counted.noteOutcome(outcome, 1_000);
    expect(counted.responseTimes).toMatchObject({ count: 3, sum: 100 });
    expect(Object.fromEntries(counted.attempts)).toEqual({
      answered: 2,
      upgraded: 1,
      timeout: 1,
      connect: 1,
      'client-gone': 1,
      discarded: 1,
      'passed-on': 1,
    });
  });

  test('does not blame it for clients that leave in the middle of an answer', () => {
    const counted = createTally().of(one!);
    counted.noteBreak('client-gone');
    expect(counted.broken).toBe(0);
    counted.noteBreak('reset');
    counted.noteBreak('deadline');
    expect(counted.broken).toBe(2);
  });

  test('knows of no sessions until there is one', () => {
    const counted = createTally(1).of(one!);
    expect(counted.sessions(0)).toBeUndefined();
    counted.noteSession('x', 0);
    counted.noteSession('x', 1);
    counted.noteSession('y', 2);
    expect(counted.sessions(3)).toBe(2);
    expect(counted.sessions(3_600_000)).toBe(0);
  });
});

describe('the tally of a balancer', () => {
  test('has each request in one class, errors by their codes, and no time of an upgrade', () => {
    const { balancer } = createTally();
    balancer.noteEnd(200, undefined, 10);
    balancer.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 20);
    balancer.noteEnd(undefined, 'ERR_BALANCER_NO_MEMBER', 30);
    balancer.noteEnd(undefined, undefined, 40);
    balancer.noteEnd(101, undefined, undefined);
    expect(balancer.codes).toEqual([2, 1, 1, 0, 0, 1]);
    expect([...balancer.errors]).toEqual([['ERR_BALANCER_NO_MEMBER', 2]]);
    expect(balancer.durations).toMatchObject({ count: 4, sum: 100 });
  });

  test('has the waits of those that wait no more', () => {
    const { balancer } = createTally();
    balancer.noteQueue('waiting', undefined);
    balancer.noteQueue('waiting', undefined);
    balancer.noteQueue('refused', undefined);
    balancer.noteQueue('served', 100);
    balancer.noteQueue('left', 0);
    expect(Object.fromEntries(balancer.queued)).toEqual({ waiting: 2, refused: 1, served: 1, left: 1 });
    expect(balancer.waits).toMatchObject({ count: 2, sum: 100 });
  });
});
