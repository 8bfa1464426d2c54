import type { Condition } from '../httpd-conf.ts';
import { parseTemplate } from '../mount/substitute-template.ts';

/** Which requests a rule fits. */
export type RuleFit = Readonly<{
  at: RegExp;
  negated: boolean;
  /** Every path: the pattern asks for nothing. */
  isAll: boolean;
  conditions: readonly Condition[];
}>;

const most = 32;

const alls: ReadonlySet<string> = new Set(
  '^ . ^. / ^/ ^/? .* ^.* ^.*$ (.*) ^(.*) ^(.*)$ .+ ^.+ ^.+$ (.+) ^(.+) ^(.+)$ ^/.* ^/.*$ ^/(.*) ^/(.*)$ ^/?(.*)$ ^(/.*) ^(/.*)$'.split(
    ' ',
  ),
);

/** Whether a pattern is one of those that people write for every path. */
export function fitsAll(pattern: string): boolean {
  return pattern === '' || alls.has(pattern);
}

/** A rule's pattern as a condition. */
export function toCondition({ at, negated }: Pick<RuleFit, 'at' | 'negated'>): Condition {
  return { test: '%{REQUEST_URI}', matches: at, ...(negated ? { negated } : {}) };
}

/**
 * Conditions that hold for exactly the requests that a rule does not fit; undefined: there are none that could be written;
 * `'none'`: it fits all.
 */
export function excludeFit(fit: RuleFit): readonly Condition[] | 'none' | undefined {
  if (fit.conditions.some(usesGroups)) return undefined;
  const groups = splitGroups(fit.conditions, ({ or }) => or === true);
  if (groups.reduce((product, { length }) => product * length, 1) > most) return undefined;
  const pattern = fit.isAll ? [] : [toCondition(fit)];
  // Not (p and (a or b)) is: (not p or not a) and (not p or not b).
  let clauses: readonly (readonly Condition[])[] = [pattern];
  for (const group of groups) {
    clauses = clauses.flatMap((clause) => group.map((condition) => [...clause, condition]));
  }
  if (clauses.some(({ length }) => length === 0)) return 'none';
  return clauses.flatMap((clause) => clause.map((condition, i) => turn(condition, i < clause.length - 1)));
}

/** Conditions that are joined by OR, together. `isOr`: the next one is joined to it. */
export function splitGroups<Each>(
  conditions: readonly Each[],
  isOr: (condition: Each) => boolean,
): readonly (readonly Each[])[] {
  const groups: Each[][] = [];
  let isJoined = false;
  for (const condition of conditions) {
    if (isJoined) groups.at(-1)!.push(condition);
    else groups.push([condition]);
    isJoined = isOr(condition);
  }
  return groups;
}

function turn({ test, matches, negated }: Condition, or: boolean): Condition {
  return { test, matches, ...(negated ? {} : { negated: true }), ...(or ? { or } : {}) };
}

/** Whether a condition asks for groups of the rule or of the condition before. */
export function usesGroups({ test }: Condition): boolean {
  return parseTemplate(test).some(({ kind }) => kind === 'rule' || kind === 'condition');
}

/** Always holds, and leaves no groups but the whole of nothing. */
const forget: Condition = { test: '', matches: /^/ };

/**
 * Conditions of several origins one after the other. Each begins without the groups of those before, as in a rule of its
 * own; `wantsGroups`: what is behind the last ones asks for groups too.
 */
export function joinConditions(
  parts: readonly (readonly Condition[])[],
  wantsGroups: boolean,
): readonly Condition[] {
  const joined: Condition[] = [];
  for (const [i, part] of parts.entries()) {
    const leavesGroups = joined.some(({ matches, negated }) => matches instanceof RegExp && !negated);
    const isLast = i === parts.length - 1;
    if (leavesGroups && (part.some(usesGroups) || (isLast && wantsGroups))) joined.push(forget);
    joined.push(...part);
  }
  return joined;
}
