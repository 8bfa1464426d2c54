import type { AccessRule } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { Directive, Item, Section } from '../syntax/directive.ts';
import { readOrder, toSet } from './access-compat.ts';
import { findRequires, readRequires, requireSections, tooMuch } from './access-require.ts';
import { everybody, intersectSets, isEverybody, nobody, type AddressSet } from './access-set.ts';

const compatKeys: ReadonlySet<string> = new Set(['order', 'allow', 'deny']);
const limitKeys: ReadonlySet<string> = new Set(['limit', 'limitexcept']);

/** Whether an item has to do with access: `readAccess` gives it its verdict. */
export function isAccessItem(item: Item): boolean {
  const { key } = item;
  if (item.kind === 'section') {
    return requireSections.has(key) || (limitKeys.has(key) && item.items.some(isAccessItem));
  }
  return key === 'require' || key === 'satisfy' || compatKeys.has(key) || isAuthKey(key);
}

function isAuthKey(key: string): boolean {
  return key.startsWith('auth') || key.startsWith('anonymous');
}

/** What one section says; a part is undefined where it does not say that. */
export type AccessReading = Readonly<{
  /** By Order, Allow and Deny. */
  order?: AccessRule;
  satisfy?: 'any';
  /** By Require. */
  require?: AccessRule;
}>;

/**
 * Whom the directives that stand directly in one section let in; undefined: they do not say. What cannot be decided here
 * lets nobody in.
 */
export function readAccess(items: readonly Item[], ledger: Ledger): AccessReading | undefined {
  const directives = items.filter((item): item is Directive => item.kind === 'directive');
  const compat = directives.filter(({ key }) => compatKeys.has(key));
  const satisfy = readSatisfy(directives, compat.length > 0, ledger);
  const mustHoldElsewhere = readAuthentication(directives, ledger);
  const limits = items.flatMap((item) =>
    item.kind === 'section' && limitKeys.has(item.key) ? (readLimit(item, satisfy, ledger) ?? []) : [],
  );

  // httpd: a section with any of its directives has all of mod_access_compat's, and so stands for those around it.
  const orders = compat.length > 0 || satisfy !== undefined ? [readOrder(compat, ledger)] : [];
  const requires = findRequires(items).length > 0 ? [toRule(readRequires(items, ledger))] : [];
  const order = joinAll([...orders, ...limits.flatMap((limit) => limit.order ?? [])], items, ledger);
  const required = joinAll([...requires, ...limits.flatMap((limit) => limit.require ?? [])], items, ledger);
  if (order === undefined && required === undefined) return undefined;
  const isAny = satisfy === 'any' && limits.every((limit) => limit.satisfy !== 'all');
  return {
    ...(order && { order }),
    ...(order && isAny && { satisfy: 'any' }),
    ...(required && { require: mustHoldElsewhere ? toRule(nobody) : required }),
  };
}

/** The rules that must all let somebody in, as one. */
function joinAll(
  rules: readonly AccessRule[],
  items: readonly Item[],
  ledger: Ledger,
): AccessRule | undefined {
  if (rules.length === 0) return undefined;
  const joined = rules.reduce<AccessRule | undefined>(joinRules, toRule(everybody));
  if (joined === undefined) for (const item of items) if (isAccessItem(item)) ledger.drop(item, tooMuch);
  return joined ?? toRule(nobody);
}

/** Whom both let in; undefined: that cannot be written as one rule. */
function joinRules(one: AccessRule | undefined, other: AccessRule): AccessRule | undefined {
  const [first, second] = [one && toSet(one), toSet(other)];
  if (one === undefined || (first && isEverybody(first))) return one && other;
  if (second && isEverybody(second)) return one;
  const both = first && second && intersectSets(first, second);
  return both && toRule(both);
}

function toRule({ allow, deny }: AddressSet): AccessRule {
  return { order: 'allow,deny', allow, deny };
}

type Satisfy = 'all' | 'any';

function readSatisfy(
  directives: readonly Directive[],
  hasOrder: boolean,
  ledger: Ledger,
): Satisfy | undefined {
  let satisfy: Satisfy | undefined;
  for (const directive of directives) {
    if (directive.key !== 'satisfy') continue;
    const [arg] = directive.args;
    const word = arg?.text.toLowerCase();
    if (word !== 'any' && word !== 'all') {
      ledger.fail(arg ?? directive.head, 'it must be All or Any', 'write Satisfy All, or Satisfy Any');
      continue;
    }
    satisfy = word;
    ledger.take(directive, tellSatisfy(word, hasOrder));
  }
  return satisfy;
}

function tellSatisfy(satisfy: Satisfy, hasOrder: boolean): string {
  if (satisfy === 'all') return 'Require and Allow and Deny must both let it in';
  return hasOrder
    ? 'what Require or what Allow and Deny let in comes in'
    : 'everybody comes in: what Allow and Deny let in does, and there is neither in this section';
}

/** Gives the directives of passwords their verdict. Answers whether those of the sections around must hold too. */
function readAuthentication(directives: readonly Directive[], ledger: Ledger): boolean {
  let mustHoldElsewhere = false;
  for (const directive of directives) {
    const { key, args } = directive;
    if (key === 'authmerging') {
      const word = args[0]?.text.toLowerCase();
      if (word === 'off') ledger.take(directive, 'the last section that fits decides');
      else if (word === 'or') ledger.differ(directive, 'only the last section that fits decides here');
      else if (word === 'and') {
        mustHoldElsewhere = true;
        ledger.drop(
          directive,
          'sections are not joined here, and so nobody comes in: write in this one all that must hold',
        );
      } else {
        ledger.fail(args[0] ?? directive.head, 'it must be Off, And or Or', 'write AuthMerging Off');
      }
    } else if (isAuthKey(key)) {
      ledger.drop(
        directive,
        'nobody is asked for a password here: do it in a middleware of the app in front',
      );
    }
  }
  return mustHoldElsewhere;
}

/** What is in a `<Limit>`. `satisfy`: what its own Satisfy says. */
type LimitReading = Pick<AccessReading, 'order' | 'require'> & Readonly<{ satisfy: Satisfy | undefined }>;

/** Methods are not told apart, so that what holds for some of them holds for all. */
function readLimit(section: Section, around: Satisfy | undefined, ledger: Ledger): LimitReading | undefined {
  if (!section.items.some(isAccessItem)) return undefined;
  const { order, require } = readAccess(section.items, ledger) ?? {};
  const words = section.items.flatMap(({ key, args }) => (key === 'satisfy' ? [args[0]?.text ?? ''] : []));
  const satisfy = words.length === 0 ? undefined : words.every((word) => /^any$/i.test(word)) ? 'any' : 'all';
  ledger.differ(
    section,
    'methods are not told apart here: what is in it holds for all of them, besides what stands around it',
  );
  if (satisfy === 'any' && around !== 'any')
    ledger.differ(section, 'Satisfy Any for some methods holds for none: write it outside, if it is for all');
  return { ...(order && { order }), ...(require && { require }), satisfy };
}
