import { readDefinition } from '../../definition/check-definition.ts';
import type { BalancerDefinition } from '../../definition/definition.ts';
import { optionNames } from '../../definition/option-names.ts';
import { DefinitionError, type Problem } from '../../definition/problem.ts';
import type { Derived } from './derived.ts';
import { mergeBags, type Bag, type BalancerOptions, type Server, type Source, type Work } from './draft.ts';
import { describeTls, fitBalancer, listUpgrades } from './fit-balancer.ts';
import { fitMembers, type FittedMember } from './fit-members.ts';
import type { Destination, Plan, Rules } from './plan.ts';
import { tabulate } from './reverse-tables.ts';

/** What has one definition: all mounts of one balancer with the same directives. */
export type Group = Readonly<{
  destination: Destination;
  settings: Plan['settings'];
  server: Plan['server'];
  rules: Rules;
  seenFrom: Server;
  derived: readonly Derived[];
  source: Source;
}>;

/** Stopped, so that each request gets 503 until somebody adds a member. RFC 2606: nobody has that name. */
const nobody = { url: 'http://no-member.invalid', status: 'S' } as const;

const noRules: Rules = { reverses: [], cookieDomains: [], cookiePaths: [] };

/** The definition of a group; undefined where it would be refused, which has been told. */
export function buildDefinition(
  group: Group,
  names: Set<string>,
  work: Work,
): BalancerDefinition | undefined {
  const { destination, source, settings } = group;
  const name = takeName(destination.name, names);
  const fitted = fitMembers(destination.members, destination.draft === undefined, work);
  const bag = addTimeout(mergeBags(settings, destination.options), group);
  const options = fitBalancer(bag, fitted, destination.draft?.source ?? source, work);
  // Nobody answers there whose words could be mapped back.
  const rules = fitted.length === 0 ? noRules : group.rules;
  const { tables, from } = tabulate(rules, { ...group, name, server: group.seenFrom, work });
  if (fitted.length === 0) tellEmpty(group, work);
  const definition: Readonly<Record<string, unknown>> = {
    name,
    members: fitted.length === 0 ? [nobody] : fitted.map(({ member }) => member),
    ...describeTls(fitted, group.server, work),
    ...options,
    ...chooseMethod(options, destination, work),
    ...listUpgrades(destination.members, work),
    ...tables,
    ...(work.options.compat !== undefined && { compat: work.options.compat }),
  };
  // In the order of the documentation.
  const ordered = Object.fromEntries(
    optionNames.balancer.flatMap((option) =>
      definition[option] === undefined ? [] : [[option, definition[option]]],
    ),
  ) as BalancerDefinition;
  try {
    readDefinition(ordered);
    return ordered;
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const places = { fitted, from: new Map([...bag.from, ...from]), source };
    for (const problem of error.problems) tellProblem(problem, places, work);
    return undefined;
  }
}

function takeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number += 1) name = `${wanted}-${number}`;
  names.add(name);
  return name;
}

/** httpd takes Timeout where ProxyTimeout says nothing. */
function addTimeout(bag: Bag<BalancerOptions>, { server }: Group): Bag<BalancerOptions> {
  const { timeout } = server;
  if (timeout === undefined || bag.options.proxytimeout !== undefined) return bag;
  return {
    options: { ...bag.options, proxytimeout: timeout.time },
    from: new Map([...bag.from, ['proxytimeout', timeout.source]]),
  };
}

/** Ape's balancers choose by response time. */
function chooseMethod(
  options: Readonly<{ lbmethod?: BalancerDefinition['lbmethod'] }>,
  { draft }: Destination,
  { ape, ledger }: Work,
): Pick<BalancerDefinition, 'lbmethod'> {
  if (ape.source === undefined || draft === undefined || options.lbmethod !== undefined) return {};
  ledger.take(draft.source.item, 'lbmethod byresponsetime');
  ledger.differ(
    ape.source.item,
    "balancers without an lbmethod get byresponsetime, as in Ape, whose routeregex this is; httpd's is byrequests",
  );
  return { lbmethod: 'byresponsetime' };
}

function tellEmpty({ destination, source }: Group, { ledger }: Work): void {
  if (destination.draft === undefined) return;
  ledger.differ(
    source.item,
    `balancer ${destination.name} has no member that is spoken to here: each request gets 503, as in httpd, until the manager adds one`,
  );
}

type Places = Readonly<{
  fitted: readonly FittedMember[];
  from: ReadonlyMap<string, Source>;
  source: Source;
}>;

function tellProblem({ path, problem, advice }: Problem, places: Places, { ledger }: Work): void {
  const { at } = findSource(path, places);
  ledger.fail(at, `${path}: ${problem}`, advice);
}

function findSource(path: string, { fitted, from, source }: Places): Source {
  const [, index, option = ''] = /^members\[(\d+)\](?:\.(\w+))?/.exec(path) ?? [];
  const member = index === undefined ? undefined : fitted[Number(index)];
  if (member) return member.from.get(option) ?? member.source;
  const [, name = '', key] = /^(\w+)(?:\['(.*)'\]|\.(.*))?/.exec(path) ?? [];
  return (key === undefined ? undefined : from.get(`${name} ${key}`)) ?? from.get(name) ?? source;
}
