/** A text in an expression: httpd's "word". */
export type Word =
  | Readonly<{ kind: 'literal'; text: string }>
  | Readonly<{ kind: 'status' }>
  | Readonly<{ kind: 'body' }>
  /** `name` in lower case. */
  | Readonly<{ kind: 'header'; name: string }>
  | Readonly<{ kind: 'joined'; words: readonly Word[] }>
  | Readonly<{ kind: 'cased'; to: 'lower' | 'upper'; word: Word }>;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** What is true or false of an answer. */
export type Condition =
  | Readonly<{ kind: 'constant'; value: boolean }>
  | Readonly<{ kind: 'not'; condition: Condition }>
  | Readonly<{ kind: 'all' | 'any'; conditions: readonly Condition[] }>
  | Readonly<{ kind: 'compare'; as: 'text' | 'integer'; is: Comparison; left: Word; right: Word }>
  | Readonly<{ kind: 'match'; word: Word; pattern: RegExp }>
  | Readonly<{ kind: 'listed'; word: Word; words: readonly Word[] }>
  /** `-T`: it is none of the words for no. */
  | Readonly<{ kind: 'yes'; word: Word }>;

/** What `-T` takes for no (httpd's ap_expr), case aside. */
export const noWords = /^(?:0|off|false|no|)$/i;

const opposites: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

/** Words as one; neighbouring literals become one. */
export function joinWords(words: readonly Word[]): Word {
  const joined: Word[] = [];
  for (const word of words.flatMap((each) => (each.kind === 'joined' ? each.words : [each]))) {
    const last = joined.at(-1);
    if (word.kind === 'literal' && last?.kind === 'literal') {
      joined[joined.length - 1] = { kind: 'literal', text: last.text + word.text };
    } else if (word.kind !== 'literal' || word.text !== '') joined.push(word);
  }
  const [only = { kind: 'literal', text: '' } as const, ...others] = joined;
  return others.length === 0 ? only : { kind: 'joined', words: joined };
}

/** `tolower()`, `toupper()`. */
export function changeCase(to: 'lower' | 'upper', word: Word): Word {
  if (word.kind === 'literal') {
    return { kind: 'literal', text: to === 'lower' ? word.text.toLowerCase() : word.text.toUpperCase() };
  }
  return word.kind === 'status' ? word : { kind: 'cased', to, word };
}

/** The opposite. */
export function negate(condition: Condition): Condition {
  if (condition.kind === 'constant') return { kind: 'constant', value: !condition.value };
  if (condition.kind === 'not') return condition.condition;
  if (condition.kind === 'compare') return { ...condition, is: opposites[condition.is] };
  return { kind: 'not', condition };
}

/** `&&`, `||`: without what changes nothing. */
export function combine(kind: 'all' | 'any', conditions: readonly Condition[]): Condition {
  const isAll = kind === 'all';
  const flat = conditions.flatMap((each) => (each.kind === kind ? each.conditions : [each]));
  if (flat.some((each) => each.kind === 'constant' && each.value !== isAll))
    return { kind: 'constant', value: !isAll };
  const open = flat.filter((each) => each.kind !== 'constant');
  const [only, ...others] = open;
  if (only === undefined) return { kind: 'constant', value: isAll };
  return others.length === 0 ? only : { kind, conditions: open };
}

/** Whether it is the same for every answer. */
export function isFixed(condition: Condition): boolean {
  switch (condition.kind) {
    case 'constant':
      return true;
    case 'not':
      return isFixed(condition.condition);
    case 'all':
    case 'any':
      return condition.conditions.every(isFixed);
    case 'compare':
      return isLiteral(condition.left) && isLiteral(condition.right);
    case 'match':
    case 'yes':
      return isLiteral(condition.word);
    case 'listed':
      return isLiteral(condition.word) && condition.words.every(isLiteral);
  }
}

function isLiteral({ kind }: Word): boolean {
  return kind === 'literal';
}
