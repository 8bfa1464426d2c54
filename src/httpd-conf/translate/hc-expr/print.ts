import { toInteger } from './evaluate.ts';
import { negate, noWords, type Comparison, type Condition, type Word } from './tree.ts';

/** A condition as the source of a function: `({ status }) => status < 400`. */
export function printFunction(condition: Condition): string {
  const used = namesIn(condition);
  const names = (['status', 'headers', 'body'] as const).filter((name) => used.has(name));
  const parameter = names.length === 0 ? '()' : `({ ${names.join(', ')} })`;
  return `${parameter} => ${print(condition)}`;
}

/** A text as a literal in source. */
export function printText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escapeLineEnds(escaped)}'`;
}

function escapeLineEnds(source: string): string {
  return source.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

type Name = 'status' | 'headers' | 'body';

function namesIn(condition: Condition): ReadonlySet<Name> {
  switch (condition.kind) {
    case 'constant':
      return new Set();
    case 'not':
      return namesIn(condition.condition);
    case 'all':
    case 'any':
      return new Set(condition.conditions.flatMap((each) => [...namesIn(each)]));
    case 'compare':
      return namesOf([condition.left, condition.right]);
    case 'match':
    case 'yes':
      return namesOf([condition.word]);
    case 'listed':
      return namesOf([condition.word, ...condition.words]);
  }
}

function namesOf(words: readonly Word[]): ReadonlySet<Name> {
  return new Set(
    words.flatMap((word): Name[] => {
      switch (word.kind) {
        case 'literal':
          return [];
        case 'status':
        case 'body':
          return [word.kind];
        case 'header':
          return ['headers'];
        case 'joined':
          return [...namesOf(word.words)];
        case 'cased':
          return [...namesOf([word.word])];
      }
    }),
  );
}

function print(condition: Condition): string {
  switch (condition.kind) {
    case 'constant':
      return String(condition.value);
    case 'not':
      return printOpposite(condition.condition);
    case 'all':
      return condition.conditions.map(printWithin).join(' && ');
    case 'any':
      return condition.conditions.map(printWithin).join(' || ');
    case 'compare':
      return printComparison(condition);
    case 'match':
      return `${String(condition.pattern)}.test(${printWord(condition.word)})`;
    case 'listed':
      return printList(condition);
    case 'yes':
      return `!${String(noWords)}.test(${printWord(condition.word)})`;
  }
}

function printOpposite(condition: Condition): string {
  if (condition.kind === 'yes') return print(condition).slice(1);
  if (condition.kind === 'compare') return print(negate(condition));
  return `!${condition.kind === 'listed' || condition.kind === 'match' ? print(condition) : `(${print(condition)})`}`;
}

/** A part of several that are combined. */
function printWithin(condition: Condition): string {
  const isCombined = condition.kind === 'all' || condition.kind === 'any';
  return isCombined ? `(${print(condition)})` : print(condition);
}

const operators: Readonly<Record<Comparison, string>> = {
  '==': '===',
  '!=': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

type Compared = Extract<Condition, { kind: 'compare' }>;

function printComparison({ as, is, left, right }: Compared): string {
  // Statuses have three digits: as texts they compare as they do as numbers.
  const isNumeric = as === 'integer' || (isStatusOrCode(left) && isStatusOrCode(right));
  const side = isNumeric ? printInteger : printWord;
  return `${side(left)} ${operators[is]} ${side(right)}`;
}

function isStatusOrCode(word: Word): boolean {
  return word.kind === 'status' || (word.kind === 'literal' && /^[1-9]\d\d$/.test(word.text));
}

function printInteger(word: Word): string {
  if (word.kind === 'status') return 'status';
  if (word.kind === 'literal') return String(toInteger(word.text));
  return `(Number.parseInt(${printWord(word)}, 10) || 0)`;
}

function printList({ word, words }: Extract<Condition, { kind: 'listed' }>): string {
  const side = [word, ...words].every(isStatusOrCode) ? printInteger : printWord;
  return `[${words.map(side).join(', ')}].includes(${side(word)})`;
}

function printWord(word: Word): string {
  switch (word.kind) {
    case 'literal':
      return printText(word.text);
    case 'status':
      return 'String(status)';
    case 'body':
      return 'body';
    case 'header': {
      const field = `headers[${printText(word.name)}]`;
      // Node keeps the lines of Set-Cookie apart; httpd sees the first.
      return word.name === 'set-cookie' ? `([${field}].flat()[0] ?? '')` : `String(${field} ?? '')`;
    }
    case 'joined':
      return `\`${word.words.map(printPart).join('')}\``;
    case 'cased':
      return `${printWord(word.word)}.to${word.to === 'lower' ? 'Lower' : 'Upper'}Case()`;
  }
}

/** A part of a template literal. */
function printPart(word: Word): string {
  if (word.kind === 'status') return '${status}';
  if (word.kind !== 'literal') return `\${${printWord(word)}}`;
  const escaped = JSON.stringify(word.text).slice(1, -1).replaceAll('\\"', '"');
  return escapeLineEnds(escaped).replaceAll('`', '\\`').replaceAll('${', '\\${');
}
