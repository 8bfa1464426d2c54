import { isFault, type Fault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import { parseTemplate } from '../mount/substitute-template.ts';
import type { Directive } from '../syntax/directive.ts';
import { translatePcre } from './pcre.ts';
import { leaveFilesOut, type ReadCondition } from './rewrite-condition.ts';
import { fitsAll, type RuleFit } from './rewrite-fit.ts';
import { readRuleFlags, type RuleFlags } from './rewrite-flags.ts';

/** A RewriteRule with its conditions. */
export type RewriteRule = Readonly<{
  item: Directive;
  /** Without its `!`. */
  pattern: string;
  /** Which requests it fits, or why that cannot be asked here. */
  fit: RuleFit | Fault;
  conditions: readonly ReadCondition[];
  /** Those of them that are asked. */
  asked: readonly ReadCondition[];
  /** `-`: the URL stays. */
  output: string;
  flags: RuleFlags;
}>;

/** Reads a RewriteRule; undefined: the ledger knows what is wrong. */
export function readRule(
  item: Directive,
  conditions: readonly ReadCondition[],
  ledger: Ledger,
): RewriteRule | undefined {
  const [pattern, output, flagged] = item.args;
  if (pattern === undefined || output === undefined) {
    const advice = 'write RewriteRule ^/app/(.*)$ balancer://name/$1 [P]';
    ledger.fail(pattern ?? item.head, 'a RewriteRule has a pattern and a target', advice);
    return undefined;
  }
  const flags = readRuleFlags(flagged, ledger);
  if (flags === undefined) return undefined;
  const negated = pattern.text.startsWith('!');
  const text = negated ? pattern.text.slice(1) : pattern.text;
  const wantsGroups = [output.text, ...flags.cookies, ...conditions.map(testOf)].some(usesConditionGroups);
  const asked = leaveFilesOut(conditions, wantsGroups);
  return {
    item,
    pattern: text,
    fit: readFit(text, negated, flags.nc, asked),
    conditions,
    asked,
    output: output.text,
    flags,
  };
}

function testOf({ item }: ReadCondition): string {
  return item.args[0]?.text ?? '';
}

function usesConditionGroups(text: string): boolean {
  return parseTemplate(text).some(({ kind }) => kind === 'condition');
}

function readFit(
  pattern: string,
  negated: boolean,
  nc: boolean,
  conditions: readonly ReadCondition[],
): RuleFit | Fault {
  const at = translatePcre(pattern, nc ? 'i' : '');
  if (isFault(at)) return { problem: `its pattern: ${at.problem}`, advice: at.advice };
  const known: Condition[] = [];
  for (const { item, reading } of conditions) {
    if (isFault(reading)) {
      const problem = `its RewriteCond in line ${item.place.line}: ${reading.problem}`;
      return { problem, advice: reading.advice };
    }
    known.push(reading);
  }
  return { at, negated, isAll: !negated && fitsAll(pattern), conditions: endGroup(known) };
}

/** OR after the last condition: httpd then runs the rule whether it holds or not, which nobody can mean. */
function endGroup(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.map((condition, i) => {
    const { or, ...rest } = condition;
    return or && i === conditions.length - 1 ? rest : condition;
  });
}
