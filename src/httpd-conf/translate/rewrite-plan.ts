import { isFault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import { parseTemplate } from '../mount/substitute-template.ts';
import type { RewriteMount } from './rewrite.ts';
import { readEffects, type Effects } from './rewrite-effects.ts';
import { excludeFit, joinConditions, toCondition, usesGroups, type RuleFit } from './rewrite-fit.ts';
import type { RewriteRule } from './rewrite-rule.ts';

/** A rule, and whom its verdict is told. */
export type PlannedRule = Readonly<{ rule: RewriteRule; ledger: Ledger }>;

/** What holds for a number of rules, or why they must not run. */
type Hold =
  | Readonly<{ conditions: readonly Condition[] }>
  /** `isNever`: they do not run in httpd either. */
  | Readonly<{ why: string; isNever?: boolean }>;

/** What the rules before have left. */
type Course = {
  /** Holds for all rules to come: those before have not ended the rewriting. */
  guards: readonly Condition[];
  /** Why no further rule may run. */
  closed: string | undefined;
  /** Of S: for the next `left` rules. */
  skips: readonly (Readonly<{ left: number }> & Hold)[];
  /** Of C: for the next rule. */
  chain: Hold | undefined;
  /** By name: one cookie is set once. */
  cookies: Map<string, readonly Condition[] | undefined>;
};

/** Conditions that a mount may have besides its own. */
const most = 64;

/** Makes mounts of the rules of one server, tried one by one, as mod_rewrite walks them. */
export function planRules(rules: readonly PlannedRule[]): readonly RewriteMount[] {
  const course: Course = { guards: [], closed: undefined, skips: [], chain: undefined, cookies: new Map() };
  const mounts: RewriteMount[] = [];
  // no-proxy is asked for by ProxyPass only, after all rules.
  const last: RewriteMount[] = [];
  for (const [i, planned] of rules.entries()) {
    const holds = takeHolds(course);
    const isLast = i === rules.length - 1;
    const why = findWhy(planned.rule, course, holds);
    if (why === undefined) runRule(planned, course, holds, isLast, mounts, last);
    else leaveOut(planned, why, isFault(planned.rule.fit) || !isNever(course, holds), course);
  }
  return [...mounts, ...last];
}

/** What the rules before say about this one: whether it is skipped, or chained. */
function takeHolds(course: Course): readonly Hold[] {
  const holds: readonly Hold[] = [...course.skips, ...(course.chain ? [course.chain] : [])];
  course.skips = course.skips.flatMap((skip) => (skip.left > 1 ? [{ ...skip, left: skip.left - 1 }] : []));
  course.chain = undefined;
  return holds;
}

function findWhy(rule: RewriteRule, course: Course, holds: readonly Hold[]): string | undefined {
  if (isFault(rule.fit)) return `${rule.fit.problem}: ${rule.fit.advice}`;
  if (course.closed !== undefined) return course.closed;
  const hold = holds.find((each) => 'why' in each);
  return hold && 'why' in hold ? hold.why : undefined;
}

/** Whether httpd does not run a rule either that has such holds. */
function isNever(course: Course, holds: readonly Hold[]): boolean {
  return course.closed !== undefined || holds.some((hold) => 'why' in hold && hold.isNever === true);
}

/** A rule that must not run, and what depends on it neither. `isUncertain`: httpd may run it. */
function leaveOut({ rule, ledger }: PlannedRule, why: string, isUncertain: boolean, course: Course): void {
  const { item, flags, output, conditions } = rule;
  const { line } = item.place;
  const of = `the RewriteRule in line ${line}, which is dropped,`;
  dropRule(rule, ledger, why);
  for (const each of conditions) {
    if (isFault(each.reading)) ledger.drop(each.item, `${each.reading.problem}: ${each.reading.advice}`);
  }
  if (flags.chain) course.chain = { why: `it is chained to ${of} and would run without it` };
  if (!isUncertain) return;
  if (flags.status !== undefined) {
    ledger.drop(item, 'whom it keeps out comes in: refuse them in a middleware of the app in front');
  } else if (flags.last || flags.proxy || flags.redirect || flags.next) {
    course.closed ??= `${of} may end the rewriting before it, and for which requests is not known`;
  } else if (flags.skip > 0) {
    const skip = { left: flags.skip, why: `${of} may skip it, and for which requests is not known` };
    course.skips = [...course.skips, skip];
  } else if (output !== '-') {
    ledger.drop(item, 'rules after it see the URL as it came');
  }
}

function dropRule({ item, conditions }: RewriteRule, ledger: Ledger, why: string): void {
  ledger.drop(item, why);
  for (const each of conditions) {
    ledger.drop(each.item, `its RewriteRule in line ${item.place.line} is dropped`);
  }
}

function runRule(
  planned: PlannedRule,
  course: Course,
  holds: readonly Hold[],
  isLast: boolean,
  mounts: RewriteMount[],
  last: RewriteMount[],
): void {
  const { rule, ledger } = planned;
  const own = rule.fit as RuleFit;
  const held = holds.map((hold) => ('conditions' in hold ? hold.conditions : []));
  const effects = readEffects(rule, isLast);
  tellEffects(rule, effects, ledger);

  const build = (is: Deed, parts: readonly (readonly Condition[])[], wantsGroups: boolean): RewriteMount => {
    const conditions = joinConditions([course.guards, ...held, ...parts], wantsGroups);
    return {
      ...is,
      at: own.at,
      ...(own.negated ? { negated: true } : {}),
      ...(conditions.length > 0 ? { conditions } : {}),
      place: rule.item.place,
      item: rule.item,
    };
  };
  const fit: RuleFit = { ...own, conditions: [...held.flat(), ...own.conditions] };
  for (const { is, conditions, template, name } of effects.mounts) {
    const before = name === undefined ? [] : keepOnce(course, name, fit);
    if (before === undefined) {
      ledger.differ(rule.item, `the cookie ${name!} has always been set before, and is set once`);
      continue;
    }
    const wantsGroups = parseTemplate(template).some(({ kind }) => kind === 'condition');
    mounts.push(build(is, [before, [...own.conditions, ...conditions]], wantsGroups));
  }
  if (effects.isUnproxied) last.push(build({ kind: 'next' }, [own.conditions], false));
  follow(rule, fit, effects, course);
}

type Deed = Effects['mounts'][number]['is'];

/** Conditions under which no rule before has set this cookie; undefined: one always has, or it cannot be told. */
function keepOnce(course: Course, name: string, fit: RuleFit): readonly Condition[] | undefined {
  const before = course.cookies.has(name) ? course.cookies.get(name) : [];
  const excluded = excludeFit({ ...fit, conditions: [...course.guards, ...fit.conditions] });
  const after = before && typeof excluded === 'object' ? [...before, ...excluded] : undefined;
  course.cookies.set(name, after && after.length <= most ? after : undefined);
  return before;
}

/** What a rule means for those after it. */
function follow(rule: RewriteRule, fit: RuleFit, effects: Effects, course: Course): void {
  const { flags, item } = rule;
  const { line } = item.place;
  const excluded = effects.ends || flags.skip > 0 ? excludeFit(fit) : undefined;
  if (effects.ends) {
    // A mount that serves ends the trying of mounts by itself.
    if (!effects.serves) {
      if (excluded === 'none') {
        course.closed = `it is never reached: the RewriteRule in line ${line} ends the rewriting for every request`;
      } else if (excluded === undefined || course.guards.length + excluded.length > most) {
        course.closed = `the RewriteRule in line ${line} ends the rewriting before it, for requests that cannot be told apart here`;
      } else course.guards = [...course.guards, ...excluded];
    } else if (fit.isAll && fit.conditions.length === 0) {
      course.closed = `it is never reached: the RewriteRule in line ${line} is for every request`;
    }
  } else if (flags.skip > 0) {
    const hold: Hold =
      excluded === 'none'
        ? { why: `the RewriteRule in line ${line} skips it for every request`, isNever: true }
        : excluded === undefined
          ? { why: `the RewriteRule in line ${line} skips it, for requests that cannot be told apart here` }
          : { conditions: excluded };
    course.skips = [...course.skips, { left: flags.skip, ...hold }];
  }
  if (flags.chain) course.chain = chain(rule, fit, effects);
}

function chain({ item }: RewriteRule, fit: RuleFit, { changesUrl }: Effects): Hold {
  const { line } = item.place;
  if (changesUrl) {
    return { why: `it is chained to the RewriteRule in line ${line}, whose URL it would see` };
  }
  if (fit.conditions.some(usesGroups)) {
    return {
      why: `it is chained to the RewriteRule in line ${line}, whose conditions ask for groups of its own`,
    };
  }
  return { conditions: [toCondition(fit), ...fit.conditions] };
}

function tellEffects(rule: RewriteRule, effects: Effects, ledger: Ledger): void {
  const { item, conditions, asked, flags } = rule;
  for (const { kind, why } of effects.verdicts) {
    if (kind === 'dropped') ledger.drop(item, why);
    else if (kind === 'different') ledger.differ(item, why);
    else ledger.take(item, why);
  }
  const isUsed =
    effects.mounts.length > 0 || effects.ends || flags.skip > 0 || flags.chain || effects.isUnproxied;
  if (isUsed && conditions.some(({ isAlways }) => isAlways))
    ledger.differ(item, 'no files are looked for here: express.static goes in front');
  for (const each of conditions) {
    if (isUsed && each.isAlways)
      ledger.differ(each.item, 'left out: no files are looked for here, so that it always holds');
    else if (isUsed && !asked.includes(each))
      ledger.differ(each.item, 'left out: one that it is joined to by OR always holds');
    else if (isUsed) ledger.take(each.item, `a condition of the RewriteRule in line ${item.place.line}`);
    else ledger.drop(each.item, `its RewriteRule in line ${item.place.line} is dropped`);
  }
}
