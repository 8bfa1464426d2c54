import { describe, expect, test } from '@jest/globals';
import { createRetryBudget, type RetryBudget } from '../../src/retry-budget.ts';
import { createRandom } from '../support/seeded-random.ts';

type Bench = Readonly<{ budget: RetryBudget; at(ms: number): void }>;

function createBench(start = 0): Bench {
  let clock = start;
  return {
    budget: createRetryBudget(() => clock),
    at: (ms) => {
      clock = ms;
    },
  };
}

function deposit(budget: RetryBudget, count: number): void {
  for (let i = 0; i < count; i += 1) budget.deposit();
}

/** Sends again until that is refused; says how often it was granted. */
function exhaust(budget: RetryBudget): number {
  let granted = 0;
  while (granted < 100_000 && budget.withdraw()) granted += 1;
  return granted;
}

describe('the retry budget', () => {
  test.each([
    [0, 10],
    [1, 10],
    [50, 10],
    [54, 10],
    [55, 11],
    [59, 11],
    [100, 20],
    [5_000, 1_000],
  ])('after %i requests in a second grants %i', (requests, granted) => {
    const { budget } = createBench();
    deposit(budget, requests);
    expect(exhaust(budget)).toBe(granted);
    expect(budget.withdraw()).toBe(false);
  });

  test('grows with the requests that come in', () => {
    const { budget } = createBench();
    expect(exhaust(budget)).toBe(10);
    deposit(budget, 50);
    expect(exhaust(budget)).toBe(0);
    deposit(budget, 5);
    expect(exhaust(budget)).toBe(1);
  });

  test('counts the requests of ten seconds together', () => {
    const { budget, at } = createBench();
    for (let second = 0; second < 10; second += 1) {
      at(second * 1_000);
      deposit(budget, 10);
    }
    expect(exhaust(budget)).toBe(20);
  });

  test('counts what was granted in the last ten seconds against what it grants', () => {
    const { budget, at } = createBench();
    expect(exhaust(budget)).toBe(10);
    at(9_999);
    expect(exhaust(budget)).toBe(0);
    at(10_000);
    expect(exhaust(budget)).toBe(10);
  });

  test('has forgotten a request at the end of its window, and not before', () => {
    const { budget, at } = createBench();
    deposit(budget, 500);
    at(9_999);
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, true]);
    expect(exhaust(budget)).toBe(98);
    at(10_000);
    // 100 were granted a moment ago, and the traffic that they were granted for is gone.
    expect(exhaust(budget)).toBe(0);
    at(19_000);
    expect(exhaust(budget)).toBe(10);
  });

  test('forgets second by second', () => {
    const { budget, at } = createBench();
    for (let second = 0; second < 5; second += 1) {
      at(second * 1_000 + 999);
      expect([budget.withdraw(), budget.withdraw()]).toEqual([true, true]);
    }
    expect(budget.withdraw()).toBe(false);
    for (let second = 10; second < 15; second += 1) {
      at(second * 1_000);
      expect(exhaust(budget)).toBe(2);
    }
  });

  test.each([10_000, 20_000, 3_600_000, 1e12])(
    'has forgotten everything after a silence of %i ms',
    (silence) => {
      const { budget, at } = createBench(2_500);
      deposit(budget, 1_000);
      expect(exhaust(budget)).toBe(200);
      at(2_500 + silence);
      expect(exhaust(budget)).toBe(10);
    },
  );

  test('begins at any time of the clock, fractions included', () => {
    const { budget, at } = createBench(123_456.789);
    expect(exhaust(budget)).toBe(10);
    at(133_455.5);
    expect(exhaust(budget)).toBe(10);
  });

  test('of one balancer is not that of another', () => {
    const [one, other] = [createBench().budget, createBench().budget];
    exhaust(one);
    expect(other.withdraw()).toBe(true);
  });
});

describe.each(Array.from({ length: 30 }, (_, seed) => [seed]))('in any traffic (seed %i)', (seed) => {
  // The budget keeps seconds, so what lies between nine and ten seconds back counts or not as the second turns.
  test('at most a fifth is sent again, and ten are always allowed', () => {
    const random = createRandom(seed);
    let now = random.below(100_000);
    const budget = createRetryBudget(() => now);
    let requests: number[] = [];
    let retries: number[] = [];
    const since = (times: readonly number[], ms: number): number =>
      times.filter((time) => time > now - ms).length;
    const load = 1 + random.below(30);
    let refusals = 0;
    for (let i = 0; i < 3_000; i += 1) {
      if (!random.happens(60)) now += random.below(2_000 / load);
      if (random.happens(1)) now += random.below(15_000);
      requests = requests.filter((time) => time > now - 11_000);
      retries = retries.filter((time) => time > now - 11_000);
      if (random.happens(60)) {
        budget.deposit();
        requests.push(now);
      } else if (budget.withdraw()) {
        retries.push(now);
        expect(since(retries, 9_000)).toBeLessThanOrEqual(Math.max(10, 0.2 * since(requests, 10_000)));
      } else {
        refusals += 1;
        expect(since(retries, 10_000)).toBeGreaterThanOrEqual(
          Math.max(10, Math.floor(0.2 * since(requests, 9_000))),
        );
      }
    }
    expect(refusals).toBeGreaterThan(0);
  });
});
