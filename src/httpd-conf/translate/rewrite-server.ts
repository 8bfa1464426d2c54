import { isFault } from '../../definition/problem.ts';
import type { Ledger } from '../ledger.ts';
import type { Directive, Item } from '../syntax/directive.ts';
import { readCondition, type ReadCondition } from './rewrite-condition.ts';
import { readRule, type RewriteRule } from './rewrite-rule.ts';

/** What mod_rewrite's directives of one server say. */
export type RewriteServer = Readonly<{
  /** Undefined: RewriteEngine is not there. */
  isOn: boolean | undefined;
  /** In lower case; undefined: RewriteOptions is not there. */
  options: ReadonlySet<string> | undefined;
  rules: readonly RewriteRule[];
  /** All of its directives. */
  items: readonly Directive[];
}>;

const keys: ReadonlySet<string> = new Set([
  'rewriteengine',
  'rewriteoptions',
  'rewritebase',
  'rewritemap',
  'rewritecond',
  'rewriterule',
]);

/** Whether an item is mod_rewrite's: `readRewrites` gives it its verdict. */
export function isRewriteItem(item: Item): item is Directive {
  return item.kind === 'directive' && keys.has(item.key);
}

/** Reads mod_rewrite's directives of one server. */
export function readServer(items: readonly Item[], ledger: Ledger): RewriteServer {
  const own = items.filter(isRewriteItem);
  let isOn: boolean | undefined;
  let options: Set<string> | undefined;
  let conditions: ReadCondition[] = [];
  const rules: RewriteRule[] = [];
  for (const item of own) {
    switch (item.key) {
      case 'rewriteengine':
        isOn = readEngine(item, ledger) ?? isOn;
        break;
      case 'rewriteoptions':
        options = new Set([...(options ?? []), ...readOptions(item, ledger)]);
        break;
      case 'rewritebase':
        ledger.fail(item.head, 'RewriteBase is for directories only', 'leave it out');
        break;
      case 'rewritemap':
        ledger.drop(item, 'maps are not known here: write a RewriteRule for each entry');
        break;
      case 'rewritecond':
        conditions.push(readCondition(item, ledger));
        break;
      case 'rewriterule': {
        const rule = readRule(item, conditions, ledger);
        if (rule) rules.push(rule);
        warnOfLastOr(conditions, ledger);
        conditions = [];
        break;
      }
    }
  }
  for (const { item } of conditions) ledger.drop(item, 'no RewriteRule comes after it');
  return { isOn, options, rules, items: own };
}

function warnOfLastOr(conditions: readonly ReadCondition[], ledger: Ledger): void {
  const last = conditions.at(-1);
  if (last && !last.isAlways && !isFault(last.reading) && last.reading.or) {
    ledger.differ(
      last.item,
      'OR has no condition after it: the rule needs this one, where httpd runs it anyway',
    );
  }
}

function readEngine(item: Directive, ledger: Ledger): boolean | undefined {
  const [arg, ...others] = item.args;
  const word = others.length > 0 ? undefined : arg?.text.toLowerCase();
  if (word === 'on' || word === 'off') {
    ledger.take(
      item,
      word === 'on' ? 'the RewriteRules of this server count' : 'no RewriteRule of this server counts',
    );
    return word === 'on';
  }
  ledger.fail(arg ?? item.head, 'it must be On or Off', 'write RewriteEngine On');
  return undefined;
}

const inheriting = /^(?:inherit|inheritbefore|inheritdown|inheritdownbefore|ignoreinherit)$/;
const others =
  /^(?:allownoslash|allowanyuri|mergebase|ignorecontextinfo|legacyprefixdocroot|longurloptimization|unsafeprefixstat|maxredirects=.*)$/;

function readOptions(item: Directive, ledger: Ledger): readonly string[] {
  const known: string[] = [];
  for (const arg of item.args) {
    const word = arg.text.toLowerCase();
    if (inheriting.test(word)) {
      known.push(word);
      ledger.take(item, `${arg.text}: which RewriteRules of the main server a virtual host has`);
    } else if (others.test(word)) {
      ledger.drop(
        item,
        `${arg.text} means nothing here: paths are always matched whole, and no files are served`,
      );
    } else {
      ledger.fail(
        arg,
        `${JSON.stringify(arg.text)} is no such option`,
        'write RewriteOptions Inherit, or leave it out',
      );
    }
  }
  return known;
}
