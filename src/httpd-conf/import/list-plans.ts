import { isBelow, saysSomething } from './effective.ts';
import type { LocationDraft, Mapping, Server, Work } from './draft.ts';
import { planMount, type Plan } from './plan.ts';

/** A plan of a mount for one host, or for all. */
export type HostPlan = Plan & Readonly<{ host: Server['host'] }>;

/**
 * Plans of all that is mapped, in httpd's order: what a `<Location>` maps, the last one first and those of hosts before
 * those of the main server; then what servers map, the main server first.
 */
export function listPlans(main: Server, hosts: readonly Server[], work: Work): readonly HostPlan[] {
  const ofSections = (server: Server): readonly HostPlan[] =>
    server.locations
      .filter(({ mapping }) => mapping !== undefined)
      .toReversed()
      .flatMap((location) => planOne(location.mapping!, location, { server, hosts, work }));
  const ofServer = (server: Server): readonly HostPlan[] =>
    server.mappings.flatMap((mapping) => planOne(mapping, undefined, { server, hosts, work }));
  return [...hosts.flatMap(ofSections), ...ofSections(main), ...ofServer(main), ...hosts.flatMap(ofServer)];
}

type Around = Readonly<{ server: Server; hosts: readonly Server[]; work: Work }>;

/** The mounts that one mapping becomes: one for each host whose directives differ, and for each section below it. */
function planOne(mapping: Mapping, own: LocationDraft | undefined, around: Around): readonly HostPlan[] {
  const { server, hosts, work } = around;
  const plan = planMount(mapping, { server, seenFrom: server, own, work });
  if (plan === undefined) return [];
  const heirs =
    server.host === undefined ? hosts.filter((host) => host.inherits.mappings && hasDirectives(host)) : [];
  const ofHeirs = heirs.flatMap((seenFrom) => {
    const other = planMount(mapping, { server, seenFrom, own, work });
    const parts = other === undefined ? [] : [...planParts(other, own, { ...around, seenFrom }), other];
    return parts.map((part) => ({ ...part, host: seenFrom.host }));
  });
  const parts = planParts(plan, own, { ...around, seenFrom: server });
  return [...ofHeirs, ...[...parts, plan].map((part) => ({ ...part, host: server.host }))];
}

/** Sections below a prefix with directives of their own: the same target, a mount of its own. */
function planParts(
  plan: Plan,
  own: LocationDraft | undefined,
  { server, seenFrom, work }: Around & Readonly<{ seenFrom: Server }>,
): readonly Plan[] {
  const { mapping } = plan;
  const { at, target } = mapping;
  if (typeof at !== 'string' || (target.kind !== 'balancer' && target.kind !== 'server')) return [];
  const servers = seenFrom.main === undefined ? [seenFrom] : [seenFrom.main, seenFrom];
  const below = servers.flatMap(({ locations }) =>
    locations.filter(
      (location) =>
        location !== own &&
        location.mapping === undefined &&
        typeof location.at === 'string' &&
        saysSomething(location) &&
        isBelow(location.at, at) &&
        location.at.replace(/\/+$/, '') !== at.replace(/\/+$/, ''),
    ),
  );
  const seen = new Set<string>();
  return below
    .toSorted((one, other) => String(other.at).length - String(one.at).length)
    .flatMap((location) => {
      const path = String(location.at);
      if (seen.has(path) || isTaken(path, mapping, servers)) return [];
      seen.add(path);
      const rest = path.slice(at.replace(/\/+$/, '').length);
      const part: Mapping = {
        ...mapping,
        at: path,
        target: { ...target, to: `${target.to.replace(/\/+$/, '')}${rest}` },
      };
      const around = { server, seenFrom, own, work };
      // What says no more than what holds for the whole needs no mount.
      if (planMount(part, around)?.key === plan.key) return [];
      const planned = planMount(part, { ...around, outer: mapping });
      return planned === undefined ? [] : [planned];
    });
}

/** Whether an earlier mapping has a path already. */
function isTaken(path: string, mapping: Mapping, servers: readonly Server[]): boolean {
  const all = servers.flatMap(({ mappings }) => mappings);
  const before = all.slice(0, Math.max(all.indexOf(mapping), 0));
  return before.some(({ at }) => typeof at === 'string' && isBelow(path, at));
}

function hasDirectives(server: Server): boolean {
  return (
    saysSomething(server) ||
    server.proxies.some(saysSomething) ||
    server.locations.some((location) => location.mapping === undefined && saysSomething(location))
  );
}
