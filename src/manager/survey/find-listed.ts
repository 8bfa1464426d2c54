import { quote } from '../../definition/describe.ts';
import type { Listed } from '../listed.ts';
import { ManagerError } from '../route.ts';
import type { BalancerReport, MemberReport } from './report.ts';

/** @throws {ManagerError} when there is none of this id. */
export function findBalancer<One extends Pick<Listed, 'id'>>(balancers: readonly One[], id: string): One {
  const found = balancers.find((each) => each.id === id);
  if (!found)
    throw refuse(
      'balancer',
      id,
      balancers.map((each) => each.id),
    );
  return found;
}

/** @throws {ManagerError} when there is none of this name. */
export function findMember({ members }: Pick<BalancerReport, 'members'>, name: string): MemberReport {
  const found = members.find((each) => each.name === name);
  if (!found)
    throw refuse(
      'member',
      name,
      members.map((each) => each.name),
    );
  return found;
}

const mostNamed = 10;

function refuse(what: string, given: string, names: readonly string[]): ManagerError {
  const named = names.slice(0, mostNamed).map(quote).join(', ');
  const more = names.length > mostNamed ? ', …' : '';
  return new ManagerError(
    'ERR_MANAGER_NOT_FOUND',
    `no ${what} is called ${quote(given)}${named === '' ? '' : `; write one of ${named}${more}`}`,
  );
}
