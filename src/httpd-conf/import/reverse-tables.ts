import type { BalancerDefinition } from '../../definition/definition.ts';
import { seeBalancer } from './balancers.ts';
import { isReverseImplied, type Derived } from './derived.ts';
import type { ReverseRule, Server, Source, Work } from './draft.ts';
import type { Destination, Rules } from './plan.ts';
import { readBalancerName } from './read-target.ts';

type Tables = Pick<
  BalancerDefinition,
  'proxypassreverse' | 'proxypassreversecookiedomain' | 'proxypassreversecookiepath'
>;

/** Tables for the rules that are not derived anyway, and where each entry was written. */
export type ReverseTables = Readonly<{ tables: Tables; from: ReadonlyMap<string, Source> }>;

/** A rule of a server is there for each of its balancers, and one for a balancer is one for each of its members. */
const mostEntries = 50_000;

/** The rules of a balancer as tables of its definition, of that name. */
export function tabulate(
  { reverses, cookieDomains, cookiePaths }: Rules,
  {
    destination,
    name,
    server,
    derived,
    work,
  }: Readonly<{
    destination: Destination;
    name: string;
    server: Server;
    derived: readonly Derived[];
    work: Work;
  }>,
): ReverseTables {
  const from = new Map<string, Source>();
  const tabulateOne = (
    option: keyof Tables,
    entries: readonly (readonly [string, ReverseRule])[],
  ): Tables => {
    if (entries.length === 0) return {};
    const table = new Map<string, string>();
    for (const [internal, { external, source }] of entries) {
      // The first rule wins.
      if (table.has(internal)) continue;
      table.set(internal, external);
      from.set(`${option} ${internal}`, source);
      if (!from.has(option)) from.set(option, source);
    }
    return { [option]: Object.fromEntries(table) };
  };
  const listed = reverses.flatMap((rule) => {
    if (work.tables.entries > mostEntries) {
      work.ledger.fail(
        rule.source.at,
        'it maps too many URLs for too many balancers',
        'write it in the <Location> that it is for',
      );
      return [];
    }
    tellDerived(rule, derived, destination, work);
    const internals = expand(rule, { destination, name, server, work });
    work.tables.entries += internals.length;
    return internals.map((internal) => [internal, rule] as const);
  });
  const tables = {
    ...tabulateOne('proxypassreverse', listed),
    ...tabulateOne(
      'proxypassreversecookiedomain',
      cookieDomains.map((rule) => [rule.internal, rule]),
    ),
    ...tabulateOne(
      'proxypassreversecookiepath',
      cookiePaths.map((rule) => [rule.internal, rule]),
    ),
  };
  return { tables, from };
}

/** What a rule stands for: another balancer's name for all its members. */
function expand(
  { internal, external, source }: ReverseRule,
  {
    destination,
    name,
    server,
    work,
  }: Readonly<{ destination: Destination; name: string; server: Server; work: Work }>,
): readonly string[] {
  const other = readBalancerName(internal);
  if (other === undefined) {
    if (/^(https?:\/\/|\/)/i.test(internal)) return [internal];
    const url = internal.replace(/^unix:[^|]*\|/, '').replace(/^ws(s?:\/\/)/i, 'http$1');
    if (/^https?:\/\//i.test(url)) return [url];
    work.ledger.drop(source.item, 'no member answers with such a URL');
    return [];
  }
  const sub = internal.replace(/^[^:]*:\/\/[^/]*/, '');
  if (destination.draft?.name === other) return [`balancer://${name}${sub}`];
  const members = seeBalancer(server, other)?.members ?? [];
  if (members.length === 0)
    work.ledger.differ(source.item, `no balancer ${other} with members is here, so it maps nothing`);
  const isExact = work.options.compat !== undefined;
  return members
    .flatMap(({ url, base }) => {
      if (sub !== '' && sub !== '/') return [`${base}${sub}`];
      const whole = base + /\/*$/.exec(url)![0];
      // Of two slashes that meet at the root httpd keeps one, where a balancer is named.
      return isExact && external === '/' ? [`${whole}/`, whole] : [whole];
    })
    .map((url) => url.replace(/^unix:[^|]*\|/, ''));
}

/** What is derived goes before a rule for the same URL. */
function tellDerived(
  rule: ReverseRule,
  derived: readonly Derived[],
  destination: Destination,
  work: Work,
): void {
  if (work.options.compat !== undefined) return;
  const [first] = derived;
  if (first === undefined || isReverseImplied(rule, first, destination)) return;
  const own = derived.find(
    ({ memberPath }) =>
      rule.base.endsWith(memberPath) &&
      destination.bases.has(rule.base.slice(0, rule.base.length - memberPath.length)),
  );
  if (own === undefined || derived.some((each) => isReverseImplied(rule, each, destination))) return;
  work.ledger.differ(
    rule.source.item,
    `here ${rule.internal} is ${own.path === '' ? '/' : own.path} to clients, where its balancer is mounted`,
  );
}
