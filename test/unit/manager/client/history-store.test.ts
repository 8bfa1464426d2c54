import { describe, expect, test } from '@jest/globals';
import { createHistoryStore, findBusiest, summarize } from '../../../../src/manager/client/history-store.ts';

const history = {
  stepMs: 2000,
  at: [1000, 3000],
  balancers: { app: { app1: { rate: [1, 2], p50: [3, 4], p95: [5, 6] } } },
};

describe('the history in the browser', () => {
  test('goes on where the loaded one ends', () => {
    const store = createHistoryStore();
    store.load(history);
    store.add({ at: 5000, balancers: { app: { app1: [7, 8, 9] } } });
    expect(store.at()).toEqual([1000, 3000, 5000]);
    expect(store.membersOf('app').get('app1')).toEqual({ rate: [1, 2, 7], p50: [3, 4, 8], p95: [5, 6, 9] });
  });

  test('does not take a point twice', () => {
    const store = createHistoryStore();
    store.load(history);
    store.add({ at: 3000, balancers: { app: { app1: [7, 8, 9] } } });
    expect(store.at()).toEqual([1000, 3000]);
  });

  test('has a gap where a member has not been', () => {
    const store = createHistoryStore();
    store.load(history);
    store.add({ at: 5000, balancers: { app: { app2: [1, null, null] } } });
    expect(store.membersOf('app').get('app1')!.rate).toEqual([1, 2, null]);
    expect(store.membersOf('app').get('app2')!.rate).toEqual([null, null, 1]);
  });

  test('keeps so many points and no more, and forgets who is in none of them', () => {
    const store = createHistoryStore(2);
    store.load(history);
    store.add({ at: 5000, balancers: { app: { app2: [1, 1, 1] } } });
    expect([...store.membersOf('app').keys()]).toEqual(['app1', 'app2']);
    store.add({ at: 7000, balancers: { app: { app2: [2, 2, 2] } } });
    expect(store.at()).toEqual([5000, 7000]);
    expect([...store.membersOf('app').keys()]).toEqual(['app2']);
    expect(store.membersOf('app').get('app2')!.rate).toEqual([1, 2]);
  });

  test('knows nobody of a balancer that is not there', () => {
    expect(createHistoryStore().membersOf('constructor').size).toBe(0);
  });
});

test.each([
  [[], { now: null, mean: null, highest: null }],
  [[null, null], { now: null, mean: null, highest: null }],
  [[1, null, 3], { now: 3, mean: 2, highest: 3 }],
  [[4, 2, null], { now: null, mean: 3, highest: 4 }],
])('the summary of %j is %j', (line, summary) => {
  expect(summarize(line)).toEqual(summary);
});

describe('the busiest', () => {
  const line = (...rate: number[]) => ({ rate, p50: [], p95: [] });
  const members = new Map([
    ['early', line(9, 9, 0, 0)],
    ['late', line(0, 0, 3, 3)],
    ['steady', line(2, 2, 2, 2)],
    ['idle', line(0, 0, 0, 0)],
  ]);

  test('are those with most requests in the last points, the busiest first', () => {
    expect(findBusiest(members, 2, 2)).toEqual(['late', 'steady']);
    expect(findBusiest(members, 2, 4)).toEqual(['early', 'steady']);
  });

  test('are those that were met first where several are alike', () => {
    expect(findBusiest(members, 4, 2)).toEqual(['late', 'steady', 'early', 'idle']);
  });
});
