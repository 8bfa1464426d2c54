import { parseStatus, Status } from '../member/status.ts';
import { findStatusFault } from './check-status.ts';
import { isArray } from './describe.ts';
import { isString } from './judges.ts';
import { isOptions, stateProblem, type Fault, type Options, type Problem } from './problem.ts';

/** What of a member decides whether a route of its own is ambiguous. */
export type Routed = Readonly<{ route: string | undefined; lbset: number; status: number }>;

const advice = "write another route, or status: 'H' on the one that stands in for the other";

/**
 * Members of one lbset with one route, of which none is a hot standby: a session would be bound to either of them,
 * and always find the first. httpd takes the first that is usable, and so does `compat: 'httpd'`.
 */
export function checkAmbiguousRoutes({ members, memberDefaults, compat }: Options): readonly Problem[] {
  if (!isArray(members) || mayShareRoutes(compat)) return [];
  const all = members.map((member) => readRouted(member, memberDefaults));
  return all.flatMap((routed, i) => {
    const first = all.slice(0, i).findIndex((other) => isAmbiguous(routed, other));
    if (first < 0) return [];
    return [stateProblem(`members[${i}].route`, routed.route, tellAmbiguous(`members[${first}]`))];
  });
}

/** Whether members of one lbset may have the same route. */
export function mayShareRoutes(compat: unknown): boolean {
  return compat === 'httpd';
}

/** The fault of a route that another member has too. */
export function tellAmbiguous(other: string): Fault {
  return { problem: `${other} has this route too`, advice };
}

/** Whether a session with their route could be bound to either. */
export function isAmbiguous(one: Routed, other: Routed): boolean {
  if (one.route === undefined || one.route !== other.route || one.lbset !== other.lbset) return false;
  return ((one.status | other.status) & Status.hotStandby) === 0;
}

/** As far as it can be read: what is wrong by itself is told elsewhere. */
export function readRouted(member: unknown, memberDefaults: unknown): Routed {
  const own = isOptions(member) ? member : {};
  const defaults = isOptions(memberDefaults) ? memberDefaults : {};
  const route = own['route'];
  const lbset = own['lbset'] ?? defaults['lbset'];
  const status = own['status'] ?? defaults['status'];
  return {
    route: isString(route) && route !== '' ? route : undefined,
    lbset: typeof lbset === 'number' ? lbset : 0,
    status: isString(status) && findStatusFault(status) === undefined ? parseStatus(status) : 0,
  };
}
