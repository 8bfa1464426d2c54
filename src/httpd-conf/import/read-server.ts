import { describe } from '../../definition/describe.ts';
import { refusedOptions } from '../../definition/refused-options.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { Directive, Item, Section } from '../syntax/directive.ts';
import { isModuleDone } from '../syntax/modules.ts';
import { isRewriteItem } from '../translate/rewrite.ts';
import { isAccessItem } from '../translate/access.ts';
import { makeScope, type Reader, type Server, type Where, type Work } from './draft.ts';
import { otherDirectives, tellSoAnyway } from './other-directives.ts';
import { mostLookedUp } from './parameters.ts';
import { others } from './read-others.ts';
import { readBalancerMember, readProxySet } from './read-members.ts';
import { readProxyPass, readProxyPassMatch } from './read-proxypass.ts';
import { reverses } from './read-reverse.ts';
import { readLocation, readProxySection } from './read-sections.ts';
import { settings } from './read-settings.ts';

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>(
  Object.entries({
    proxypass: readProxyPass,
    proxypassmatch: readProxyPassMatch,
    balancermember: readBalancerMember,
    proxyset: readProxySet,
    servername: (item, { work }) => {
      work.ledger.take(item, 'the main server answers whatever no host has');
    },
    serveralias: (item, { work }) => {
      work.ledger.take(item, 'the main server answers whatever no host has');
    },
    sslengine: (item, { work }) => {
      work.ledger.drop(item, "the app's own server speaks TLS, as https.createServer does");
    },
    loadmodule: readLoadModule,
    ...settings,
    ...reverses,
    ...others,
  } satisfies Record<string, Reader>),
);

const outsideAccess = 'who may ask is said in <Location> or <Proxy>';

/** Names of what is understood, as one writes them: for those that are misspelt. */
const names =
  'ProxyPass ProxyPassMatch BalancerMember ProxySet ServerName ServerAlias SSLEngine LoadModule ProxyPreserveHost ProxyAddHeaders ProxyVia ProxyErrorOverride ProxyMaxForwards ProxyTimeout SSLProxyEngine SSLProxyVerify ProxyPassReverse ProxyPassReverseCookieDomain ProxyPassReverseCookiePath ProxyHCExpr ProxyHCTemplate SetHandler Listen ProxyRequests ProxyBadHeader BalancerPersist BalancerInherit ProxyPassInherit RewriteEngine RewriteCond RewriteRule Require'.split(
    ' ',
  );

const sections = 'VirtualHost Location LocationMatch Proxy ProxyMatch'.split(' ');

/** A server in which nothing is said yet. */
export function makeServer(parts: Pick<Server, 'id' | 'host' | 'main' | 'items' | 'inherits'>): Server {
  const checks = {
    exprs: new Map(parts.main?.checks.exprs),
    templates: new Map(parts.main?.checks.templates),
  };
  return {
    ...makeScope(),
    ...parts,
    balancers: new Map(),
    workers: [],
    mappings: [],
    locations: [],
    proxies: [],
    checks,
  };
}

/** Reads all that stands in a server but its hosts, rewrite rules and access rules, which have verdicts already. */
export function readServer(server: Server, work: Work): void {
  readItems(server.items, { work, server, scope: server });
}

function readItems(items: readonly Item[], where: Where): void {
  for (const item of items) {
    // What others have read: access rules.
    if (where.work.ledger.has(item)) continue;
    if (item.kind === 'section') readSection(item, where);
    else readDirective(item, where);
  }
}

function readSection(section: Section, where: Where): void {
  const { ledger } = where.work;
  switch (section.key) {
    case 'location':
    case 'locationmatch':
      readLocation(section, where, readItems);
      return;
    case 'proxy':
    case 'proxymatch':
      readProxySection(section, where, readItems);
      return;
    case 'virtualhost':
      ledger.fail(section.head, '<VirtualHost> cannot stand in another section', 'close that one before it');
      return;
  }
  const why = isAccessItem(section) ? outsideAccess : whyNoSection(section);
  if (why === undefined) {
    const nearest = findNearest(section.key, sections, 1 / 4);
    if (nearest !== undefined) {
      ledger.fail(section.head, `there is no <${shorten(section.name)}>`, `write <${nearest}>`);
      return;
    }
  }
  dropAll([section], why ?? 'it is not known here', where.work);
}

function whyNoSection({ key }: Section): string | undefined {
  if (/^(directory|directorymatch|files|filesmatch)$/.test(key))
    return 'it is for files, which the app serves; write <Location> for what is proxied';
  if (/^limit(except)?$/.test(key)) return 'methods are not told apart; the app can, before the balancer';
  if (/^(if|elseif|else)$/.test(key))
    return 'expressions are not evaluated; the app can decide, before the balancer';
  if (/^(authnprovideralias|authzprovideralias|anonymous)$/.test(key))
    return 'who somebody is, the app finds out';
  return /^(perl|lua|ifconsume|macro|md)/.test(key) ? 'nothing runs in httpd here' : undefined;
}

/** Tells each directive that it does nothing. */
function dropAll(items: readonly Item[], why: string, work: Work): void {
  for (const item of items) {
    if (!work.ledger.has(item)) work.ledger.drop(item, why);
    if (item.kind === 'section') dropAll(item.items, why, work);
  }
}

function readDirective(item: Directive, where: Where): void {
  const { ledger } = where.work;
  const anyway = tellSoAnyway(item.key, item.args[0]?.text ?? '');
  if (anyway !== undefined) {
    ledger.take(item, anyway);
    return;
  }
  const read = readers.get(item.key);
  if (read) {
    read(item, where);
    return;
  }
  const isRewrite: boolean = isRewriteItem(item);
  if (isRewrite) {
    // Rules of servers are read together.
    if (where.scope === where.server) return;
    ledger.drop(item, 'rules are read from a server alone; write it outside of the section');
    return;
  }
  const other = isAccessItem(item) ? { kind: 'dropped', why: outsideAccess } : otherDirectives.get(item.key);
  if (other?.kind === 'taken') ledger.take(item, other.why);
  else if (other) ledger.drop(item, other.why);
  else tellUnknown(item, where.work);
}

function tellUnknown(item: Directive, { ledger, unknown }: Work): void {
  const refused = refusedOptions.get(item.key);
  if (refused) {
    const more = refused.advice === 'leave it out' ? '' : `; ${refused.advice}`;
    ledger.drop(item, `${refused.problem}${more}`);
    return;
  }
  unknown.count += 1;
  const nearest = unknown.count > mostLookedUp ? undefined : findNearest(item.key, names, 1 / 6);
  if (nearest === undefined) ledger.drop(item, 'it is not known here');
  else ledger.fail(item.head, `there is no directive ${describe(item.name)}`, `write ${nearest}`);
}

function readLoadModule(item: Directive, { work }: Where): void {
  const [name] = item.args;
  if (name === undefined)
    work.ledger.fail(item.head, 'it names no module', 'write LoadModule proxy_module modules/mod_proxy.so');
  else if (isModuleDone(name.text)) work.ledger.take(item, 'its work is done here');
  else work.ledger.take(item, 'its directives decide: what is not done here is told where it stands');
}

function shorten(name: string): string {
  return name.slice(0, 40);
}
