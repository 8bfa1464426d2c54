import { DefinitionError, stateProblem, type Fault } from '../definition/problem.ts';
import type { MemberView } from '../member/member.ts';

/** Of a thousand members nobody wants all the names, and a thousand changes may wait. */
const mostNamed = 20;

/** The error of a change of somebody who is no member. One that stands for the servers behind a name is none itself. */
export function refuseUnknown(
  name: unknown,
  balancer: string,
  members: readonly MemberView[],
): DefinitionError {
  const names = members.slice(0, mostNamed).map(({ settings }) => `'${settings.name}'`);
  const more = members.length > mostNamed ? ` and ${members.length - mostNamed} more` : '';
  return refuse(name, balancer, {
    problem: 'there is no member of this name',
    advice: `write one of ${names.join(', ')}${more}`,
  });
}

/** The error of removing a member that DNS tells. */
export function refuseTold(name: string, balancer: string): DefinitionError {
  return refuse(name, balancer, {
    problem: 'DNS tells it, and would tell it again',
    advice: 'disable it',
  });
}

/** The error of removing the last member. */
export function refuseLast(name: string, balancer: string): DefinitionError {
  return refuse(name, balancer, {
    problem: 'a balancer needs a member',
    advice: 'add another one first, or disable it',
  });
}

function refuse(name: unknown, balancer: string, fault: Fault): DefinitionError {
  return new DefinitionError([stateProblem('member', name, fault)], `The change of balancer '${balancer}'`);
}
