import type { ConfigurableOptions } from './balancer-change.ts';
import type { BalancerDefinition } from './definition.ts';
import type { Fault } from './problem.ts';

/** What to do about all that cannot be changed otherwise. */
export const update = 'write balancer.update(definition)';

const fixed: Readonly<Record<Exclude<keyof BalancerDefinition, keyof ConfigurableOptions>, Fault>> = {
  name: { problem: 'logs, errors and Via know the balancer by it', advice: update },
  compat: { problem: 'sessions, routes, paths and answers are all read by it', advice: update },
  members: {
    problem: 'members come and go one by one',
    advice: 'write balancer.add(…) or balancer.remove(…)',
  },
  memberDefaults: {
    problem: 'the members have taken it over',
    advice: 'write balancer.change(member, …) or balancer.update(definition)',
  },
  proxytimeout: {
    problem: 'the members have taken it over',
    advice: 'write balancer.change(member, { timeout: … }) or balancer.update(definition)',
  },
  httpProxyMiddleware: { problem: 'it is how members are connected to', advice: update },
  logger: { problem: 'it is part of the program', advice: update },
  upgrade: { problem: 'it is how clients and members are connected', advice: update },
  resolver: { problem: 'it says who the members are', advice: update },
  state: { problem: 'it is part of the program', advice: 'leave it out: a balancer keeps its state' },
  allowMembers: { problem: 'it is part of the program', advice: update },
};

/** What to say of an option of the balancer that `configure` does not change. */
export function findFixed(option: string): Fault | undefined {
  return Object.hasOwn(fixed, option) ? fixed[option as keyof typeof fixed] : undefined;
}
