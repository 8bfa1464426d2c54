import type { BalancerDefinition } from '../../definition/definition.ts';
import type { HttpdMount } from '../httpd-conf.ts';
import { buildDefinition, type Group } from './build-definition.ts';
import type { HostPlan } from './list-plans.ts';
import type { Mapping, ReverseRule, Work } from './draft.ts';
import { isReverseImplied } from './derived.ts';
import { findUrl } from './list-access.ts';
import { leaveImplied, write, writeRule, type Destination, type Plan, type Rules } from './plan.ts';

/** The mounts of plans, in their order. Those of one balancer with the same directives share one definition. */
export function listMounts(
  plans: readonly HostPlan[],
  work: Work,
  { asksUrls }: Readonly<{ asksUrls: boolean }>,
): readonly HttpdMount[] {
  const definitions = defineAll(plans, work);
  const general = new Map<Mapping, BalancerDefinition | undefined>();
  for (const plan of plans)
    if (plan.host === plan.mapping.host) general.set(plan.mapping, definitions.get(plan));
  return plans.flatMap((plan): readonly HttpdMount[] => {
    const { mapping, host, more } = plan;
    if (mapping.target.kind === 'done') return [{ ...mapping.target.mount, ...(host && { host }) }];
    const base = { ...(host && { host }), at: mapping.at, place: mapping.source.item.place };
    if (mapping.target.kind === 'next') return [{ ...base, ...more, kind: 'next' }];
    const definition = definitions.get(plan);
    if (definition === undefined) return [];
    // A host whose directives come to the same needs no mount of its own.
    if (host !== mapping.host && general.get(mapping) === definition) return [];
    const { appendsPath } = mapping;
    const url = asksUrls ? findUrl(mapping) : undefined;
    return [
      {
        ...base,
        ...more,
        kind: 'balancer',
        definition,
        to: mapping.target.to,
        ...(appendsPath && { appendsPath }),
        // A balancer's name says it, unless that had to be changed.
        ...(url !== undefined && url !== `balancer://${definition.name ?? ''}` && { url }),
      },
    ];
  });
}

function defineAll(
  plans: readonly HostPlan[],
  work: Work,
): ReadonlyMap<Plan, BalancerDefinition | undefined> {
  const groups = new Map<string, { group: Group; plans: Plan[] }>();
  const owners = work.options.compat === undefined ? findOwners(plans) : new Map<ReverseRule, Set<string>>();
  for (const ofOneServer of Map.groupBy(plans, ({ key }) => key).values()) {
    const [first] = ofOneServer;
    const { destination, settings, server, seenFrom, mapping } = first!;
    if (destination === undefined) continue;
    const derived = ofOneServer.map((plan) => plan.derived);
    const isExact = work.options.compat !== undefined;
    // Each plan of one key has the same rules.
    const rules = isExact
      ? first!.rules
      : leaveForeign(leaveImplied(first!.rules, derived, destination), destination, owners);
    const texts = Object.values(rules).map((list) => list.map(writeRule).join());
    const key = [destination.id, write(settings.options), write(server), ...texts].join('\n');
    const known = groups.get(key);
    if (known) known.plans.push(...ofOneServer);
    else
      groups.set(key, {
        group: { destination, settings, server, rules, seenFrom, derived, source: mapping.source },
        plans: [...ofOneServer],
      });
  }
  const names = new Set<string>();
  const definitions = new Map<Plan, BalancerDefinition | undefined>();
  for (const { group, plans: all } of groups.values()) {
    const definition = buildDefinition(group, names, work);
    for (const plan of all) definitions.set(plan, definition);
  }
  tellSplit(
    [...groups.values()].map(({ group }) => group),
    work,
  );
  return definitions;
}

/** Whose rules those are that say what a mount derives anyway. */
function findOwners(plans: readonly Plan[]): ReadonlyMap<ReverseRule, ReadonlySet<string>> {
  const owners = new Map<ReverseRule, Set<string>>();
  for (const { rules, derived, destination } of plans) {
    if (destination === undefined) continue;
    for (const rule of rules.reverses) {
      if (!isReverseImplied(rule, derived, destination)) continue;
      const known = owners.get(rule);
      if (known) known.add(destination.id);
      else owners.set(rule, new Set([destination.id]));
    }
  }
  return owners;
}

/** A pair of ProxyPass and ProxyPassReverse is one balancer's affair; httpd has all rules for all of them. */
function leaveForeign(
  rules: Rules,
  { id }: Destination,
  owners: ReadonlyMap<ReverseRule, ReadonlySet<string>>,
): Rules {
  return { ...rules, reverses: rules.reverses.filter((rule) => owners.get(rule)?.has(id) ?? true) };
}

/** httpd has one balancer, whatever directives hold where it is asked. */
function tellSplit(groups: readonly Group[], { ledger }: Work): void {
  for (const same of Map.groupBy(groups, ({ destination }) => destination.id).values()) {
    const draft = same[0]?.destination.draft;
    if (draft === undefined || same.length < 2) continue;
    ledger.differ(
      draft.source.item,
      `it becomes ${same.length} definitions, since directives differ where it is mounted: each minds its members by itself`,
    );
  }
}
