import type { Reader } from '../pcre/reader.ts';
import { refuse } from '../pcre/refusal.ts';
import { isTrue } from './evaluate.ts';
import { readToken, type Sign, type Token } from './tokens.ts';
import { combine, isFixed, joinWords, negate, type Comparison, type Condition, type Word } from './tree.ts';
import { callFunction, readText, readVariable } from './words.ts';

/** An expression on its way to a condition. `token`: the next one. */
type Parsing = { readonly reader: Reader; token: Token; depth: number };

const deepest = 100;

/** The condition that an expression says: httpd's ap_expr, as far as it concerns the answer to a health check. */
export function parseExpression(reader: Reader): Condition {
  const parsing: Parsing = { reader, token: readToken(reader), depth: 0 };
  const condition = parseAny(parsing);
  if (parsing.token.kind !== 'end') refuseToken(parsing, 'write && or || between two conditions');
  return condition;
}

function move(parsing: Parsing): void {
  parsing.token = readToken(parsing.reader);
}

function isSign({ token }: Parsing, name: Sign): boolean {
  return token.kind === 'sign' && token.name === name;
}

function maySkip(parsing: Parsing, name: Sign): boolean {
  if (!isSign(parsing, name)) return false;
  move(parsing);
  return true;
}

function skip(parsing: Parsing, name: Sign): void {
  if (!maySkip(parsing, name)) refuseToken(parsing, `write ${name}`);
}

function refuseToken({ reader, token }: Parsing, advice: string): never {
  if (token.kind === 'end') refuse('it ends too early', advice, Math.max(0, token.at - 1), 1);
  const text = reader.text.slice(token.at, token.at + token.length);
  refuse(`${JSON.stringify(text)} cannot stand here`, advice, token.at, token.length);
}

/** Conditions with `||` between them; `&&` binds closer. */
function parseAny(parsing: Parsing): Condition {
  const conditions = [parseAll(parsing)];
  while (maySkip(parsing, '||')) conditions.push(parseAll(parsing));
  return combine('any', conditions);
}

function parseAll(parsing: Parsing): Condition {
  const conditions = [parseOne(parsing)];
  while (maySkip(parsing, '&&')) conditions.push(parseOne(parsing));
  return combine('all', conditions);
}

function parseOne(parsing: Parsing): Condition {
  parsing.depth += 1;
  if (parsing.depth > deepest) {
    refuse('it is nested too deeply', 'write fewer parentheses', parsing.token.at, parsing.token.length);
  }
  const condition = parseSimple(parsing);
  parsing.depth -= 1;
  return isFixed(condition) ? { kind: 'constant', value: isTrue(condition, noAnswer) } : condition;
}

const noAnswer = { status: 0, headers: {}, body: '' };

function parseSimple(parsing: Parsing): Condition {
  const { token } = parsing;
  if (maySkip(parsing, 'true')) return { kind: 'constant', value: true };
  if (maySkip(parsing, 'false')) return { kind: 'constant', value: false };
  if (maySkip(parsing, '!')) return negate(parseOne(parsing));
  if (maySkip(parsing, '(')) {
    const condition = parseAny(parsing);
    skip(parsing, ')');
    return condition;
  }
  if (token.kind === 'option') return parseOption(parsing, token);
  return parseComparison(parsing);
}

function parseOption(parsing: Parsing, { name, at, length }: Extract<Token, { kind: 'option' }>): Condition {
  if (!['-z', '-n', '-T'].includes(name))
    refuse(`there is no condition ${name} here`, 'write -z, -n or -T', at, length);
  move(parsing);
  const word = parseWord(parsing);
  const empty: Word = { kind: 'literal', text: '' };
  if (name === '-T') return { kind: 'yes', word };
  return { kind: 'compare', as: 'text', is: name === '-z' ? '==' : '!=', left: word, right: empty };
}

const comparisons: ReadonlyMap<Sign, Readonly<{ is: Comparison; as: 'text' | 'integer' }>> = new Map([
  ['==', { is: '==', as: 'text' }],
  ['!=', { is: '!=', as: 'text' }],
  ['<', { is: '<', as: 'text' }],
  ['<=', { is: '<=', as: 'text' }],
  ['>', { is: '>', as: 'text' }],
  ['>=', { is: '>=', as: 'text' }],
  ['-eq', { is: '==', as: 'integer' }],
  ['-ne', { is: '!=', as: 'integer' }],
  ['-lt', { is: '<', as: 'integer' }],
  ['-le', { is: '<=', as: 'integer' }],
  ['-gt', { is: '>', as: 'integer' }],
  ['-ge', { is: '>=', as: 'integer' }],
]);

function parseComparison(parsing: Parsing): Condition {
  const word = parseWord(parsing);
  const { token } = parsing;
  const compared = token.kind === 'sign' ? comparisons.get(token.name) : undefined;
  if (compared) {
    move(parsing);
    return { kind: 'compare', ...compared, left: word, right: parseWord(parsing) };
  }
  if (maySkip(parsing, '=~')) return { kind: 'match', word, pattern: parsePattern(parsing) };
  if (maySkip(parsing, '!~')) return negate({ kind: 'match', word, pattern: parsePattern(parsing) });
  if (maySkip(parsing, 'in')) return { kind: 'listed', word, words: parseList(parsing) };
  if (token.kind === 'option') {
    refuse(`there is no comparison ${token.name} here`, 'write =~ /…/', token.at, token.length);
  }
  return refuseToken(parsing, 'write a comparison: == =~ -lt');
}

function parsePattern(parsing: Parsing): RegExp {
  const { token } = parsing;
  if (token.kind !== 'pattern') refuseToken(parsing, 'write a pattern: /…/ or m#…#');
  move(parsing);
  return token.pattern;
}

function parseList(parsing: Parsing): readonly Word[] {
  if (!isSign(parsing, '{')) refuseToken(parsing, "write a list: { 'a', 'b' }");
  move(parsing);
  const words = [parseWord(parsing)];
  while (maySkip(parsing, ',')) words.push(parseWord(parsing));
  skip(parsing, '}');
  return words;
}

function parseWord(parsing: Parsing): Word {
  const words = [parsePart(parsing)];
  while (maySkip(parsing, '.')) words.push(parsePart(parsing));
  return joinWords(words);
}

function parsePart(parsing: Parsing): Word {
  const { reader, token } = parsing;
  switch (token.kind) {
    case 'number':
      move(parsing);
      return { kind: 'literal', text: token.text };
    case 'quote': {
      const word = readText(reader, token.quote, token.at);
      move(parsing);
      return word;
    }
    case 'variable': {
      const word = readVariable(reader, token.at);
      move(parsing);
      return word;
    }
    case 'name':
      return parseCall(parsing, token);
    case 'end':
    case 'sign':
    case 'option':
    case 'pattern':
      return refuseToken(parsing, "write a text or a variable: 'text', %{REQUEST_STATUS}, hc('body')");
  }
}

function parseCall(parsing: Parsing, { name, at, length }: Extract<Token, { kind: 'name' }>): Word {
  move(parsing);
  if (!isSign(parsing, '('))
    refuse(`${JSON.stringify(name)} is no text`, `write '${name}' in quotes`, at, length);
  parsing.depth += 1;
  if (parsing.depth > deepest) refuse('it is nested too deeply', 'write fewer parentheses', at, length);
  move(parsing);
  const argument = parseWord(parsing);
  const end = parsing.token.at + 1;
  skip(parsing, ')');
  parsing.depth -= 1;
  return callFunction(name, argument, at, end - at);
}
