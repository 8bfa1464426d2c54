import type { Ledger } from '../ledger.ts';
import type { Argument } from '../syntax/directive.ts';

/** The flags of a RewriteRule, as far as they mean something here. */
export type RuleFlags = Readonly<{
  nc: boolean;
  proxy: boolean;
  /** L, END or PT: no rule after it is tried. */
  last: boolean;
  passThrough: boolean;
  next: boolean;
  chain: boolean;
  skip: number;
  /** F, G, and R with a status that is no redirect's. */
  status: number | undefined;
  redirect: boolean;
  append: boolean;
  discard: boolean;
  lastMark: boolean;
  cookies: readonly string[];
  env: readonly string[];
  /** Those that do nothing here, for the notice. */
  idle: readonly string[];
}>;

export type ConditionFlags = Readonly<{ nc: boolean; or: boolean }>;

type Flag = Readonly<{ name: string; value: string }>;

/** What httpd calls them otherwise. */
const longNames: Readonly<Record<string, string>> = {
  backrefescaping: 'b',
  backrefernoplus: 'bnp',
  chain: 'c',
  cookie: 'co',
  discardpath: 'dpi',
  env: 'e',
  forbidden: 'f',
  gone: 'g',
  handler: 'h',
  last: 'l',
  next: 'n',
  nocase: 'nc',
  noescape: 'ne',
  nosubreq: 'ns',
  novary: 'nv',
  ornext: 'or',
  passthrough: 'pt',
  proxy: 'p',
  qsappend: 'qsa',
  qsdiscard: 'qsd',
  qslast: 'qsl',
  redirect: 'r',
  skip: 's',
  type: 't',
};

const ruleNames =
  /^(?:b|bne|bnp|bctls|c|co|d.*|e|end|f|g|h|l|n|nc|ne|ns|p|pt|qsa|qsd|qsl|r|s|t|unc|unsafeallow3f|unsafeprefixstat)$/;

/** Undefined: the ledger knows what is wrong. */
export function readRuleFlags(arg: Argument | undefined, ledger: Ledger): RuleFlags | undefined {
  const flags = readFlags(arg, ruleNames, 'L, P, NC, QSA, R=302, CO=name:value:domain', ledger);
  if (flags === undefined) return undefined;
  const has = (...names: readonly string[]): boolean => flags.some(({ name }) => names.includes(name));
  const values = (name: string): readonly string[] =>
    flags.flatMap((flag) => (flag.name === name ? [flag.value] : []));
  const answer = readAnswer(flags, arg!, ledger);
  return {
    nc: has('nc'),
    proxy: has('p'),
    last: has('l', 'end', 'pt'),
    passThrough: has('pt'),
    next: has('n'),
    chain: has('c'),
    skip: Math.min(Number(/^\d{1,9}/.exec(values('s').at(-1) ?? '')?.[0] ?? 0), 1e6),
    ...answer,
    append: has('qsa'),
    discard: has('qsd'),
    lastMark: has('qsl'),
    cookies: values('co'),
    env: values('e'),
    idle: ['e', 'h', 't'].filter((name) => has(name)).map((name) => name.toUpperCase()),
  };
}

/** Undefined: the ledger knows what is wrong. */
export function readConditionFlags(arg: Argument | undefined, ledger: Ledger): ConditionFlags | undefined {
  const flags = readFlags(arg, /^(?:nc|or|nv)$/, 'NC, OR or NV', ledger);
  return (
    flags && {
      nc: flags.some(({ name }) => name === 'nc'),
      or: flags.some(({ name }) => name === 'or'),
    }
  );
}

function readFlags(
  arg: Argument | undefined,
  names: RegExp,
  known: string,
  ledger: Ledger,
): readonly Flag[] | undefined {
  if (arg === undefined) return [];
  const inner = /^\[(.*)\]$/s.exec(arg.text)?.[1];
  if (inner === undefined) {
    ledger.fail(arg, 'flags stand in brackets, without spaces between them', `write [${known}]`);
    return undefined;
  }
  const flags = inner
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '')
    .map(readFlag);
  const unknown = flags.find(({ name }) => !names.test(name));
  if (unknown === undefined) return flags;
  ledger.fail(
    arg,
    `there is no flag ${JSON.stringify(unknown.name.toUpperCase())}`,
    `known are ${known} and the like`,
  );
  return undefined;
}

function readFlag(flag: string): Flag {
  const at = flag.indexOf('=');
  const written = (at === -1 ? flag : flag.slice(0, at)).toLowerCase();
  const name = Object.hasOwn(longNames, written) ? longNames[written]! : written;
  return { name, value: at === -1 ? '' : flag.slice(at + 1) };
}

const redirectWords = new Set(['', 'permanent', 'temp', 'seeother']);

/** F, G and R each say with what it is answered; the last one counts. */
function readAnswer(
  flags: readonly Flag[],
  arg: Argument,
  ledger: Ledger,
): Pick<RuleFlags, 'status' | 'redirect'> {
  let status: number | undefined;
  let redirect = false;
  for (const { name, value } of flags) {
    if (name === 'f') status = 403;
    else if (name === 'g') status = 410;
    else if (name === 'r') {
      const number = Number(/^\d{3}/.exec(value)?.[0] ?? 302);
      if (number < 100 || number > 599) {
        ledger.fail(arg, `R=${value} is no status`, 'write [R=301] or [R=302]');
      } else if (redirectWords.has(value.toLowerCase()) || (number >= 300 && number < 400)) redirect = true;
      else status = number;
    }
  }
  return { status, redirect };
}
