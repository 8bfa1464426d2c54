import { readRewrites, type RewriteMount } from '../translate/rewrite.ts';
import type { HttpdMount } from '../httpd-conf.ts';
import { putInto, type Mapping, type Server, type Source, type Target, type Work } from './draft.ts';
import type { HostPlan } from './list-plans.ts';
import { planMount } from './plan.ts';
import { readTarget } from './read-target.ts';
import { simplifyPattern } from './simplify-pattern.ts';

/** A rule of a server, and the server. */
export type ServerRule = Readonly<{ rule: RewriteMount; server: Server }>;

/**
 * What the rewrite rules of servers become. Those of the main server are not run for hosts that do not inherit them. Cookies
 * that carry a route are put into the settings of the server.
 */
export function readServerRules(
  main: Server,
  hosts: readonly Server[],
  { ledger }: Work,
): readonly ServerRule[] {
  const own = readRewrites(main.items, ledger);
  const ofHosts = hosts.flatMap((server) =>
    readRewrites(server.items, ledger, { main: main.items }).map((rule) => ({ rule, server })),
  );
  const inherited = new Set(ofHosts.map(({ rule }) => rule.item));
  if (hosts.length > 0) {
    for (const { item } of own)
      if (!inherited.has(item))
        ledger.drop(
          item,
          'httpd runs rules of the main server for no <VirtualHost>; write them there, or RewriteOptions Inherit',
        );
  }
  const all = hosts.length > 0 ? ofHosts : own.map((rule) => ({ rule, server: main }));
  for (const { rule, server } of all) {
    if (rule.kind === 'route-cookie')
      putInto(server.settings, { routeCookie: rule.routeCookie }, { item: rule.item, at: rule.item.head });
  }
  return all;
}

/** Plans of rewrite rules, in their order: httpd asks them before anything else is mapped. */
export function planRules(rules: readonly ServerRule[], work: Work): readonly HostPlan[] {
  return rules.flatMap(({ rule, server }): readonly HostPlan[] => {
    const mapping = toMapping(rule, server, work);
    if (mapping === undefined) return [];
    const { negated, conditions } = rule;
    const query = rule.kind === 'proxy' && rule.query !== 'keep' ? { query: rule.query } : {};
    const more = { ...(negated && { negated }), ...(conditions?.length && { conditions }), ...query };
    const plan = planMount(mapping, { server, seenFrom: server, work, more });
    return plan === undefined ? [] : [{ ...plan, host: server.host }];
  });
}

function toMapping(rule: RewriteMount, { host }: Server, work: Work): Mapping | undefined {
  const { at, item } = rule;
  const source: Source = { item, at: item.args[1] ?? item.head };
  const base = { host, at, source, appendsPath: false };
  switch (rule.kind) {
    case 'route-cookie':
      return undefined;
    case 'proxy': {
      const target = readTo(rule, source, work);
      if (target === undefined) return undefined;
      const isPlain =
        !rule.negated && !rule.conditions?.length && rule.query === 'keep' && !at.flags.includes('i');
      const simple = isPlain ? simplifyPattern(item.args[0]?.text ?? '', rule.to) : undefined;
      if (simple === undefined) return { ...base, target };
      return { ...base, at: simple.at, target: { ...target, to: simple.to } };
    }
    case 'cookie':
    case 'status':
    case 'next':
      return { ...base, target: { kind: 'done', mount: finish(rule) } };
  }
}

type Spoken = Extract<Target, { to: string }>;

function readTo(
  rule: Extract<RewriteMount, { kind: 'proxy' }>,
  source: Source,
  work: Work,
): Spoken | undefined {
  const target = readTarget({ ...source, at: { ...source.at, text: rule.origin } }, work);
  return target === undefined || !('to' in target) ? undefined : { ...target, to: rule.to };
}

function finish(rule: Exclude<RewriteMount, { kind: 'proxy' | 'route-cookie' }>): HttpdMount {
  const { at, negated, conditions, place } = rule;
  const base = { at, place, ...(negated && { negated }), ...(conditions?.length && { conditions }) };
  switch (rule.kind) {
    case 'cookie':
      return { ...base, kind: 'cookie', cookie: rule.cookie };
    case 'status':
      return { ...base, kind: 'status', status: rule.status };
    case 'next':
      return { ...base, kind: 'next' };
  }
}
