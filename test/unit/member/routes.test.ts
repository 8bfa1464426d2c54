import { describe, expect, test } from '@jest/globals';
import { copyList, findByRoute } from '../../../src/member/routes.ts';
import { buildMember, buildViews, namesOf } from '../../support/build-members.ts';
import { simulateBalancer } from '../../support/simulated-balancer.ts';

describe('members are found by their route', () => {
  test('in their order, where several share it', () => {
    const members = buildViews('a:r, b, c:r, d');
    expect(namesOf(findByRoute(members, members[0]!.settings.route!))).toBe('a c');
  });

  test('which nobody may have', () => {
    expect(findByRoute(buildViews('a, b'), 'zz')).toEqual([]);
  });

  test('in a copy of the list too', () => {
    const members = buildViews('a, b');
    const found = findByRoute(members, 'b');
    const copy = copyList(members);
    expect(copy).toEqual(members);
    expect(copy).not.toBe(members);
    expect(findByRoute(copy, 'b')).toBe(found);
  });

  test('also after a state has changed, and a route, and who is there', () => {
    const balancer = simulateBalancer('a, b, c');
    const { members } = balancer;
    const routesOfAll = (): string =>
      ['a', 'b', 'c', 'x', 'y'].filter((route) => members.hasRoute(route)).join(' ');
    expect([routesOfAll(), balancer.request('b')]).toEqual(['a b c', 'b']);
    balancer.happens('a', 'failed');
    expect([routesOfAll(), balancer.request('b')]).toEqual(['a b c', 'b']);
    const [, member] = members.view();
    members.revise({ changed: [{ member: member!, settings: buildMember({ name: 'b', route: 'x' }) }] });
    expect([routesOfAll(), balancer.request('x')]).toEqual(['a c x', 'b']);
    members.revise({ added: [buildMember({ name: 'y', route: 'y' })], removed: [member!] });
    expect([routesOfAll(), balancer.request('y')]).toEqual(['a c y', 'y']);
  });
});
