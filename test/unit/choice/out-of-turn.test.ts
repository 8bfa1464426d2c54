import { describe, expect, test } from '@jest/globals';
import { chooseOutOfTurn } from '../../../src/choice/choose-member.ts';
import { simulateBalancer, type SimulationOptions } from '../../support/simulated-balancer.ts';

/** Who gets a request that these have failed; `nobody` where that is so. */
function chooseAfter(
  tried: string,
  notation: string,
  options: SimulationOptions = {},
  route?: string,
): string {
  const { members, rules, member, now } = simulateBalancer(notation, options);
  const failed = new Set(tried.split(' ').map(member));
  const context = { now: now(), random: Math.random, req: undefined as never };
  const choice = chooseOutOfTurn(members.view(), route, rules, context, failed);
  if (choice.kind === 'nobody') return choice.reason;
  // Nobody’s error is forgotten for it, and nobody’s turn is taken.
  expect([choice.probe, choice.forced]).toEqual([false, false]);
  return choice.member.settings.name;
}

describe('a request that all members up have failed', () => {
  test.each<[how: string, tried: string, members: string, options: SimulationOptions, chosen: string]>([
    ['is for who is in error', 'a', 'a, b E', {}, 'b'],
    ['is for who fails its checks', 'a', 'a, b C', {}, 'b'],
    ['is for who is in error rather than for who fails its checks', 'a', 'a, b C, c E', {}, 'c'],
    ['is for who fails its checks when who is in error has failed it, too', 'a c', 'a, b C, c E', {}, 'b'],
    ['is for the lowest set', 'a', 'a, b@2 E, c@1 E', {}, 'c'],
    ['is for nobody who has failed it', 'a b', 'a, b E', {}, 'unusable'],
    ['is for nobody who is out of service', 'a', 'a, b DE, c SE', {}, 'unusable'],
    ['is for nobody who is to take nobody new', 'a', 'a, b NE', {}, 'unusable'],
    ['is for nobody without forcerecovery', 'a', 'a, b E', { forcerecovery: false }, 'unusable'],
    ['is for nobody who is full', 'a', 'a, b E', { members: { max: 0 } }, 'unusable'],
  ])('%s', (_how, tried, members, options, chosen) => {
    expect(chooseAfter(tried, members, options)).toBe(chosen);
  });

  test.each<[how: string, tried: string, members: string, route: string, chosen: string]>([
    ['its own member in error', 'a', 'a, b E, c E', 'c', 'c'],
    ['its own member, be that in another set', 'a', 'a, b E, c@1 E', 'c', 'c'],
    ['another in error before its own that fails its checks', 'a', 'a, b E, c C', 'c', 'b'],
    ['its own member in error, which takes nobody new', 'a', 'a, b E, c NE', 'c', 'c'],
    ['another when its own has failed it', 'a c', 'a, b E, c E', 'c', 'b'],
    ['another when its own is out of service', 'a', 'a, b E, c DE', 'c', 'b'],
  ])('is for %s, if it is of a session', (_who, tried, members, route, chosen) => {
    expect(chooseAfter(tried, members, {}, route)).toBe(chosen);
  });
});
