import { types } from 'node:util';
import { isArray, isRegExp, printRegExp } from '../../definition/describe.ts';
import { optionNames } from '../../definition/option-names.ts';
import { isOptions, type Options } from '../../definition/problem.ts';
import { copyDefinition, copyMember } from '../../definition/copy-definition.ts';
import { changeable } from '../../definition/read-change.ts';
import type { BalancerDefinition } from '../../definition/definition.ts';
import type { MemberDefinition } from '../../definition/member-definition.ts';

/** What stands for what must not be shown. */
const masked = '…';

const longestText = 1_000;
const mostElements = 200;
const deepest = 4;

/** What a report tells of a member besides its parameters. */
const toldElsewhere = new Set(['route', 'redirect', 'loadfactor', 'lbset', 'max']);
const parameters = changeable.filter((name) => !toldElsewhere.has(name));

/** What no change of a member can set, and httpd's XML has. */
const fixed = ['connectiontimeout', 'ttl', 'disablereuse', 'keepalive'];

/** What only another definition can say, and what is the program's. */
const notConfigurable = new Set([
  'name',
  'compat',
  'members',
  'memberDefaults',
  'proxytimeout',
  'httpProxyMiddleware',
  'logger',
  'upgrade',
  'resolver',
  'state',
  'allowMembers',
]);
const configurable = optionNames.balancer.filter((name) => !notConfigurable.has(name));

/** What a member's definition says, as it is shown. */
export type ShownMember = Readonly<{
  /** What a change can set, as it is written now. */
  parameters: Options;
  /** What no change can set; undefined where it says nothing. */
  fixed: Options | undefined;
}>;

/** Definitions of members are frozen, and replaced as a whole. */
const shownMembers = new WeakMap<MemberDefinition, ShownMember>();

/** Shows what the definition of a member says. */
export function showMember(definition: MemberDefinition): ShownMember {
  let shown = shownMembers.get(definition);
  if (!shown) {
    const copy = copyMember(definition);
    const unchangeable = show(copy, fixed);
    shown = {
      parameters: show(copy, parameters),
      fixed: Object.keys(unchangeable).length === 0 ? undefined : unchangeable,
    };
    shownMembers.set(definition, shown);
  }
  return shown;
}

/** What a change of a balancer can set, as its definition writes it now. */
export function showOptions(definition: Omit<BalancerDefinition, 'members'>): Options {
  return show(copyDefinition(definition), configurable);
}

function show(options: unknown, names: readonly string[]): Options {
  if (!isOptions(options)) return {};
  const shown = names.map((name) => [name, showOption(name, options[name])] as const);
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

function showOption(name: string, value: unknown): unknown {
  switch (name) {
    // Any of them may be a credential.
    case 'hcheaders':
      return isOptions(value) ? mapOptions(value, () => masked) : undefined;
    case 'routeCookie':
      return isOptions(value)
        ? mapOptions(value, (each, key) => (key === 'secret' ? masked : showValue(each, 1)))
        : showValue(value, 0);
    default:
      return showValue(value, 0);
  }
}

/** As JSON; what is a program's is a word, and nothing of it is called. */
function showValue(value: unknown, depth: number): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'function') return 'function';
  if (isRegExp(value)) return showText(printRegExp(value));
  if (types.isDate(value)) return showDate(value);
  if (depth < deepest && isArray(value))
    return value.slice(0, mostElements).map((each) => showValue(each, depth + 1) ?? null);
  if (depth < deepest && isOptions(value)) return mapOptions(value, (each) => showValue(each, depth + 1));
  return masked;
}

function mapOptions(options: Options, map: (value: unknown, name: string) => unknown): Options {
  const entries = Object.entries(options).slice(0, mostElements);
  const shown = entries.map(([name, value]) => [showText(name), map(value, name)] as const);
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

/** On no line of its own, and without the user part of a URL. */
function showText(text: string): string {
  const shown = text.replace(/\/\/[^/?#]*@/g, `//${masked}@`).toWellFormed();
  return shown.length > longestText ? `${shown.slice(0, longestText - 1).toWellFormed()}${masked}` : shown;
}

function showDate(date: Date): string {
  const at = Date.prototype.getTime.call(date);
  return Number.isNaN(at) ? masked : new Date(at).toISOString();
}
