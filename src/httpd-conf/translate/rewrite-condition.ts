import { isFault, type Fault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import { parseTemplate } from '../mount/substitute-template.ts';
import type { Directive } from '../syntax/directive.ts';
import { translatePcre } from './pcre.ts';
import { readConditionFlags } from './rewrite-flags.ts';
import { findUnknown } from './rewrite-variables.ts';

/** A RewriteCond, or why it cannot be asked here. */
export type ReadCondition = Readonly<{ item: Directive; reading: Condition | Fault }>;

/** Reads a RewriteCond. */
export function readCondition(item: Directive, ledger: Ledger): ReadCondition {
  const [test, pattern, flagged] = item.args;
  if (test === undefined || pattern === undefined) {
    const problem = 'a RewriteCond has a text and a pattern';
    const advice = 'write RewriteCond %{HTTP_HOST} ^www\\. [NC]';
    ledger.fail(pattern ?? test ?? item.head, problem, advice);
    return { item, reading: { problem, advice } };
  }
  const flags = readConditionFlags(flagged, ledger) ?? { nc: false, or: false };
  return { item, reading: readTest(test.text, pattern.text, flags.nc, flags.or) };
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
