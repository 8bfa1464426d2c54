import { expect, test } from '@jest/globals';
import { weighServers } from '../../../src/discovery/weigh-servers.ts';
import { makeServer } from './support.ts';

test.each<readonly [weights: readonly (number | undefined)[], factors: readonly number[]]>([
  [
    [undefined, undefined],
    [1, 1],
  ],
  [
    [33, 33, 33],
    [1, 1, 1],
  ],
  [
    [10, 15, 20],
    [1, 1.5, 2],
  ],
  [
    [0, 0],
    [1, 1],
  ],
  // RFC 2782: a very small chance.
  [
    [0, 10, 5],
    [1, 100, 50],
  ],
  [
    [1, 65_535, 32_767.5],
    [1, 100, 50],
  ],
  [[65_535], [1]],
  [[], []],
])('weights of %j make factors of %j', (weights, factors) => {
  const servers = weights.map((weight, i) => makeServer(`10.0.0.${i}`, { weight, priority: 0 }));
  expect(weighServers(servers)).toEqual(factors);
});

test('servers are weighed among those of their priority', () => {
  const servers = [
    makeServer('10.0.0.1', { weight: 1, priority: 0 }),
    makeServer('10.0.0.2', { weight: 3, priority: 0 }),
    makeServer('10.0.0.3', { weight: 50, priority: 1 }),
  ];
  expect(weighServers(servers)).toEqual([1, 3, 1]);
});
