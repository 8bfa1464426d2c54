import type { Condition } from '../httpd-conf.ts';
import { execPattern } from '../../patterns/exec-pattern.ts';
import { parseTemplate, type Groups, type TemplatePiece } from './substitute-template.ts';

/** What conditions are asked of. */
export type ConditionFacts = Readonly<{
  /** What a variable stands for, by its name without `%{}`; `''` for what the request has not. */
  readVariable(name: string): string;
  /** Of the rule's pattern, decoded. */
  ruleGroups: Groups;
}>;

/** Whether conditions hold; the groups are those of the last one that is a pattern and has matched. */
export type ConditionsReading = Readonly<{ holds: boolean; groups: Groups }>;

/** LimitRequestFieldSize of httpd, about: no pattern sees more of a text than that. */
const longest = 8192;

/** Asks conditions of one request. */
export type AskConditions = (facts: ConditionFacts) => ConditionsReading;

/** A condition whose text is taken apart. */
type Ready = Readonly<{ condition: Condition; pieces: readonly TemplatePiece[] }>;

/** Makes conditions ready, to be asked as mod_rewrite does: in order, until one that decides does not hold. */
export function compileConditions(conditions: readonly Condition[]): AskConditions {
  const ready = conditions.map((condition) => ({ condition, pieces: parseTemplate(condition.test) }));
  return (facts) => askConditions(ready, facts);
}

function askConditions(all: readonly Ready[], facts: ConditionFacts): ConditionsReading {
  let groups: Groups = [];
  for (let i = 0; i < all.length; i += 1) {
    const { condition } = all[i]!;
    const reading = askCondition(all[i]!, facts, groups);
    groups = reading.groups;
    const isLast = i === all.length - 1;
    if (!reading.holds) {
      if (condition.or && !isLast) continue;
      return { holds: false, groups: [] };
    }
    // One of those joined by OR is enough: the others are not asked.
    while (all[i]?.condition.or) i += 1;
  }
  return { holds: true, groups };
}

function askCondition(
  { condition, pieces }: Ready,
  facts: ConditionFacts,
  groups: Groups,
): ConditionsReading {
  const { matches, negated = false } = condition;
  const text = expandTest(pieces, facts, groups).slice(0, longest);
  if (!(matches instanceof RegExp)) return { holds: compareText(text, matches) !== negated, groups };
  // A pattern with memory would answer the same question differently next time.
  matches.lastIndex = 0;
  const found = execPattern(matches, text);
  if (negated) return { holds: found === null, groups };
  return found ? { holds: true, groups: found } : { holds: false, groups };
}

function expandTest(pieces: readonly TemplatePiece[], facts: ConditionFacts, groups: Groups): string {
  return pieces
    .map((piece) => {
      switch (piece.kind) {
        case 'text':
          return piece.text;
        case 'rule':
          return facts.ruleGroups[piece.group] ?? '';
        case 'condition':
          return groups[piece.group] ?? '';
        case 'variable':
          return facts.readVariable(piece.name);
        case 'map':
          return '';
      }
    })
    .join('');
}

function compareText(text: string, { compare, text: other, nc = false }: Comparison): boolean {
  switch (compare) {
    case '=':
      return nc ? lower(text) === lower(other) : text === other;
    case '<':
      return order(text, other, nc) < 0;
    case '<=':
      return order(text, other, nc) <= 0;
    case '>':
      return order(text, other, nc) > 0;
    case '>=':
      return order(text, other, nc) >= 0;
    case '-eq':
      return readInteger(text) === readInteger(other);
    case '-lt':
      return readInteger(text) < readInteger(other);
    case '-le':
      return readInteger(text) <= readInteger(other);
    case '-gt':
      return readInteger(text) > readInteger(other);
    case '-ge':
      return readInteger(text) >= readInteger(other);
  }
}

type Comparison = Exclude<Condition['matches'], RegExp>;

/** httpd's own order: the longer text is the greater one, so that numbers compare; without case it is the usual one. */
function order(text: string, other: string, nc: boolean): number {
  if (!nc && text.length !== other.length) return text.length - other.length;
  const one = nc ? lower(text) : text;
  const two = nc ? lower(other) : other;
  return one === two ? 0 : one < two ? -1 : 1;
}

/** As C's strcasecmp: ASCII only. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** As C's atoi: digits at the start, else 0. */
function readInteger(text: string): number {
  return Number(/^\s*([+-]?\d{1,15})/.exec(text)?.[1] ?? 0);
}
