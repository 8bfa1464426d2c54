import type { AccessRule } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { Directive, Item, Section } from '../syntax/directive.ts';
import { readOrder, toSet } from './access-compat.ts';
import { findRequires, readRequires, requireSections, tooMuch } from './access-require.ts';
import { everybody, intersectSets, isEverybody, nobody, uniteSets, type AddressSet } from './access-set.ts';

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

/**
 * Whom the directives that stand directly in one section let in; undefined: they do not say. What cannot be decided here
 * lets nobody in.
 */
export function readAccess(items: readonly Item[], ledger: Ledger): AccessRule | undefined {
  const directives = items.filter((item): item is Directive => item.kind === 'directive');
  const mayBeAny = readSatisfy(directives, ledger);
  const mustHoldElsewhere = readAuthentication(directives, ledger);

  const compat = directives.filter(({ key }) => compatKeys.has(key));
  const byAddress = compat.length === 0 ? undefined : readOrder(compat, ledger);
  const byRequire = findRequires(items).length === 0 ? undefined : readRequires(items, ledger);
  const limits = items.flatMap((item) =>
    item.kind === 'section' && limitKeys.has(item.key) ? (readLimit(item, ledger) ?? []) : [],
  );
  const rules = [...joinOwn(byAddress, byRequire, mayBeAny), ...limits];
  if (rules.length === 0) return undefined;
  const joined = rules.reduce<AccessRule | undefined>(joinRules, toRule(everybody));
  if (joined === undefined) for (const item of items) if (isAccessItem(item)) ledger.drop(item, tooMuch);
  return mustHoldElsewhere ? toRule(nobody) : (joined ?? toRule(nobody));
}

/** The rules that must all let somebody in. */
function joinOwn(
  byAddress: AccessRule | undefined,
  byRequire: AddressSet | undefined,
  mayBeAny: boolean,
): readonly AccessRule[] {
  const required = byRequire ? [toRule(byRequire)] : [];
  if (byAddress === undefined) return required;
  if (byRequire === undefined || !mayBeAny) return [byAddress, ...required];
  const set = toSet(byAddress);
  const either = set && uniteSets([set, byRequire]);
  // What is let in by one of them is, at any rate.
  return [either ? toRule(either) : byAddress];
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

function readSatisfy(directives: readonly Directive[], ledger: Ledger): boolean {
  let mayBeAny = false;
  for (const directive of directives) {
    if (directive.key !== 'satisfy') continue;
    const [arg] = directive.args;
    const word = arg?.text.toLowerCase();
    if (word !== 'any' && word !== 'all') {
      ledger.fail(arg ?? directive.head, 'it must be All or Any', 'write Satisfy All, or Satisfy Any');
      continue;
    }
    mayBeAny = word === 'any';
    ledger.take(
      directive,
      mayBeAny
        ? 'what Require or what Allow and Deny let in comes in'
        : 'Require and Allow and Deny must both let it in',
    );
  }
  return mayBeAny;
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

/** Methods are not told apart, so that what holds for some of them holds for all. */
function readLimit(section: Section, ledger: Ledger): AccessRule | undefined {
  if (!section.items.some(isAccessItem)) return undefined;
  const rule = readAccess(section.items, ledger);
  ledger.differ(
    section,
    'methods are not told apart here: what is in it holds for all of them, besides what stands around it',
  );
  return rule;
}
