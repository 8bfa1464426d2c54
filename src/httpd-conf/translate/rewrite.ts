import type { RouteCookie } from '../../definition/definition.ts';
import type { Condition } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { Item, Place } from '../syntax/directive.ts';
import { planRules } from './rewrite-plan.ts';
import { readServer, type RewriteServer } from './rewrite-server.ts';

export { isRewriteItem } from './rewrite-server.ts';

/** What a RewriteRule becomes, but for the host that it is of. */
export type RewriteMount = Readonly<{
  at: RegExp;
  negated?: boolean;
  conditions?: readonly Condition[];
  place: Place;
  /** The RewriteRule, for notices. */
  item: Item;
}> &
  (
    | Readonly<{
        kind: 'proxy';
        /** `origin` and `to` together: `balancer://name/x$1`. */
        target: string;
        /** `balancer://name`, `http://host:8080`, `ws://host`: no group has a part in it. */
        origin: string;
        /** As that of a mount. */
        to: string;
        query: 'keep' | 'append' | 'drop';
      }>
    | Readonly<{ kind: 'cookie'; cookie: string }>
    | Readonly<{ kind: 'status'; status: 403 | 410 }>
    | Readonly<{ kind: 'next' }>
    /** No mount: it belongs into the definitions of balancers that stick by a cookie of this name. */
    | Readonly<{ kind: 'route-cookie'; routeCookie: RouteCookie }>
  );

export type RewriteContext = Readonly<{
  /** Where `items` are a virtual host's: those of the main server, which may be inherited. */
  main?: readonly Item[];
}>;

/**
 * Reads mod_rewrite's directives that stand directly in one server, and gives each its verdict. The mounts are in the
 * order in which they are to be tried, before every ProxyPass.
 */
export function readRewrites(
  items: readonly Item[],
  ledger: Ledger,
  { main }: RewriteContext = {},
): readonly RewriteMount[] {
  const own = readServer(items, ledger);
  const parent = main && readServer(main, silent);
  if (!(own.isOn ?? parent?.isOn ?? false)) {
    dropAll(own, ledger);
    return [];
  }
  const inherited = parent && findInherited(own, parent);
  // What the main server's rules are told belongs to the main server.
  const rules = own.rules.map((rule) => ({ rule, ledger }));
  if (!inherited) return planRules(rules);
  const others = inherited.rules.map((rule) => ({ rule, ledger: silent }));
  return planRules(inherited.isFirst ? [...others, ...rules] : [...rules, ...others]);
}

/** As config_server_merge of mod_rewrite does. */
function findInherited(
  own: RewriteServer,
  parent: RewriteServer,
): Readonly<{ rules: RewriteServer['rules']; isFirst: boolean }> | undefined {
  const options = own.options ?? parent.options ?? new Set<string>();
  const isDown = (option: string): boolean =>
    !options.has('ignoreinherit') && (parent.options?.has(option) ?? false);
  if (options.has('inherit') || isDown('inheritdown')) return { rules: parent.rules, isFirst: false };
  if (options.has('inheritbefore') || isDown('inheritdownbefore')) {
    return { rules: parent.rules, isFirst: true };
  }
  return undefined;
}

function dropAll({ items }: RewriteServer, ledger: Ledger): void {
  for (const item of items) {
    if (item.key === 'rewriterule' || item.key === 'rewritecond') {
      ledger.drop(item, 'RewriteEngine is off: write RewriteEngine On in the same server, or leave this out');
    }
  }
}

const silent: Pick<Ledger, 'take' | 'differ' | 'drop' | 'fail' | 'has' | 'notices' | 'problems'> = {
  take() {},
  differ() {},
  drop() {},
  fail() {},
  has: () => true,
  notices: () => [],
  problems: () => [],
};
