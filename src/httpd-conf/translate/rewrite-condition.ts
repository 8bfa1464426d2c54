import { isFault, type Fault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import { parseTemplate } from '../mount/substitute-template.ts';
import type { Directive } from '../syntax/directive.ts';
import { translatePcre } from './pcre.ts';
import { splitGroups } from './rewrite-fit.ts';
import { readConditionFlags } from './rewrite-flags.ts';
import { findUnknown } from './rewrite-variables.ts';

/** A RewriteCond, or why it cannot be asked here. */
export type ReadCondition = Readonly<{
  item: Directive;
  reading: Condition | Fault;
  /** The next one is joined to it. */
  isOr: boolean;
  /** It asks whether a file is missing. */
  isAlways?: true;
}>;

/** Reads a RewriteCond. */
export function readCondition(item: Directive, ledger: Ledger): ReadCondition {
  const [test, pattern, flagged] = item.args;
  if (test === undefined || pattern === undefined) {
    const problem = 'a RewriteCond has a text and a pattern';
    const advice = 'write RewriteCond %{HTTP_HOST} ^www\\. [NC]';
    ledger.fail(pattern ?? test ?? item.head, problem, advice);
    return { item, reading: { problem, advice }, isOr: false };
  }
  const flags = readConditionFlags(flagged, ledger) ?? { nc: false, or: false };
  const isOr = flags.or;
  if (test.text.toLowerCase() !== 'expr' && /^!-[fdsxhlL]$/.test(pattern.text)) {
    return { item, reading: { ...always, ...(isOr ? { or: true } : {}) }, isOr, isAlways: true };
  }
  return { item, reading: readTest(test.text, pattern.text, flags.nc, isOr), isOr };
}

const always: Condition = { test: '', matches: { compare: '=', text: '' } };

/**
 * Conditions without those that ask for files that are missing, as all are here, and without those that are joined to them
 * by OR. `wantsGroups`: what was asked before one of them may leave groups, and stays.
 */
export function leaveFilesOut(
  conditions: readonly ReadCondition[],
  wantsGroups: boolean,
): readonly ReadCondition[] {
  return splitGroups(conditions, ({ isOr }) => isOr).flatMap((group) => {
    const at = group.findIndex(({ isAlways }) => isAlways);
    if (at === -1) return group;
    return wantsGroups && at > 0 ? group.slice(0, at + 1) : [];
  });
}

function readTest(test: string, pattern: string, nc: boolean, or: boolean): Condition | Fault {
  if (test.toLowerCase() === 'expr') {
    return {
      problem: 'expressions are not known here',
      advice: 'write a condition with a variable and a pattern',
    };
  }
  const fault = findUnknown(parseTemplate(test));
  if (fault) return fault;
  const isNegated = pattern.startsWith('!');
  const judged = readMatch(isNegated ? pattern.slice(1) : pattern, nc);
  if (isFault(judged)) return judged;
  const { matches, isTurned } = judged;
  return {
    test,
    matches,
    ...(isNegated !== isTurned ? { negated: true } : {}),
    ...(or ? { or: true } : {}),
  };
}

type Match = Readonly<{ matches: Condition['matches']; isTurned: boolean }>;

/** By the rules of cmd_rewritecond: a sign by itself is a pattern. */
function readMatch(pattern: string, nc: boolean): Match | Fault {
  if (/^-[fsdxhlLUF]$/.test(pattern)) {
    return {
      problem: `${pattern} asks for files, and none are served here`,
      advice: 'mount express.static in front, which serves what is there, and leave this condition out',
    };
  }
  const [, word, number] = /^-(lt|le|gt|ge|eq|ne)(.+)$/s.exec(pattern) ?? [];
  if (word !== undefined && number !== undefined) {
    const compare = word === 'ne' ? '-eq' : (`-${word}` as '-eq');
    return { matches: { compare, text: number }, isTurned: word === 'ne' };
  }
  const [, sign, text = ''] = (pattern.length > 1 && /^(>=|<=|>|<|=)(.*)$/s.exec(pattern)) || [];
  if (sign !== undefined) {
    const other = sign === '=' && text === '""' ? '' : text;
    return { matches: { compare: sign as '=', text: other, ...(nc ? { nc } : {}) }, isTurned: false };
  }
  const matches = translatePcre(pattern, nc ? 'i' : '');
  return isFault(matches) ? matches : { matches, isTurned: false };
}
