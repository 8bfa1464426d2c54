import { expect, test } from '@jest/globals';
import { takeNewestPoint } from '../../../../src/manager/live/point.ts';

test('the newest point has the last figures of every member', () => {
  const lines = { rate: [1, 2], p50: [null, 3], p95: [4, null] };
  expect(takeNewestPoint({ stepMs: 2000, at: [1000, 3000], balancers: { app: { app1: lines } } })).toEqual({
    at: 3000,
    balancers: { app: { app1: [2, 3, null] } },
  });
});
