import { peek, readBy, type Reader } from '../pcre/reader.ts';
import { refuse } from '../pcre/refusal.ts';
import { translatePcre } from '../pcre.ts';

/** A part of an expression, and where it is. Texts and variables are read by the parser. */
export type Token = Readonly<{ at: number; length: number }> &
  (
    | Readonly<{ kind: 'end' }>
    | Readonly<{ kind: 'sign'; name: Sign }>
    /** `-z`, `-foo`: an operator that has a name. */
    | Readonly<{ kind: 'option'; name: string }>
    | Readonly<{ kind: 'name'; name: string }>
    | Readonly<{ kind: 'number'; text: string }>
    | Readonly<{ kind: 'pattern'; pattern: RegExp }>
    | Readonly<{ kind: 'quote'; quote: string }>
    | Readonly<{ kind: 'variable' }>
  );

/** A sign of the grammar; what httpd has two spellings for has one here. */
export type Sign =
  | '&&'
  | '||'
  | '!'
  | '.'
  | 'in'
  | '=~'
  | '!~'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '-eq'
  | '-ne'
  | '-lt'
  | '-le'
  | '-gt'
  | '-ge'
  | '('
  | ')'
  | '{'
  | '}'
  | ','
  | 'true'
  | 'false';

const words: ReadonlyMap<string, Sign> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['true', 'true'],
  ['false', 'false'],
  ['in', 'in'],
  ['-in', 'in'],
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const).flatMap((name): [string, Sign][] => [
    [name, `-${name}`],
    [`-${name}`, `-${name}`],
  ]),
]);

/** Reads the next token. */
export function readToken(reader: Reader): Token {
  readBy(reader, /[ \t\n]*/y);
  const at = reader.at;
  const place = (): Readonly<{ at: number; length: number }> => ({ at, length: reader.at - at });
  if (peek(reader) === '') return { kind: 'end', at, length: 1 };
  const pattern = readPattern(reader, at);
  if (pattern) return { kind: 'pattern', pattern, ...place() };
  const [quote] = readBy(reader, /["']/y) ?? [];
  if (quote !== undefined) return { kind: 'quote', quote, ...place() };
  if (readBy(reader, /%\{/y)) return { kind: 'variable', ...place() };
  const [sign] = readBy(reader, /&&|\|\||=~|!~|==?|!=?|<=?|>=?|[.(){},]/y) ?? [];
  // The pattern has nothing else in it than signs.
  if (sign !== undefined) return { kind: 'sign', name: sign === '=' ? '==' : (sign as Sign), ...place() };
  const [number] = readBy(reader, /-?\d+/y) ?? [];
  if (number !== undefined) return { kind: 'number', text: number, ...place() };
  const [name] = readBy(reader, /-[a-zA-Z_]\w*|[a-zA-Z]\w*/y) ?? [];
  if (name === undefined) return refuseCharacter(reader, at);
  const word = words.get(name);
  if (word !== undefined) return { kind: 'sign', name: word, ...place() };
  return { kind: name.startsWith('-') ? 'option' : 'name', name, ...place() };
}

function refuseCharacter(reader: Reader, at: number): never {
  const isReference = /^\$\d/.test(reader.text.slice(at));
  if (isReference) refuseReference(at);
  const letter = String.fromCodePoint(reader.text.codePointAt(at)!);
  refuse(`${JSON.stringify(letter)} cannot stand here`, "write texts in quotes: 'text'", at, letter.length);
}

/** httpd leaves groups of patterns empty in ProxyHCExpr. */
export function refuseReference(at: number): never {
  refuse(
    '$1 and the like are always empty in ProxyHCExpr',
    'write the comparison as one pattern: =~ /…/',
    at,
    2,
  );
}

/** `/…/`, or `m` and any of a few characters around it. As in httpd, nothing escapes the character at the end. */
function readPattern(reader: Reader, at: number): RegExp | undefined {
  const [opening] = readBy(reader, /m[/#$%^,;:_?|!.'"-]|\//y) ?? [];
  if (opening === undefined) return undefined;
  const from = reader.at;
  const mark = opening.at(-1)!;
  const to = reader.text.indexOf(mark, from);
  if (to === -1) refuse('a pattern is not closed', `write ${mark} behind it`, at, opening.length);
  const text = reader.text.slice(from, to);
  reader.at = to + 1;
  const isCaseless = readBy(reader, /i+/y) !== undefined;
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) {
    refuse(
      `\\${mark} ends the pattern, as the ${mark} itself`,
      `write m${mark === '#' ? '|…|' : '#…#'} around the pattern`,
      to - 1,
      2,
    );
  }
  if (/\w/.test(peek(reader)))
    refuse(`there is no flag ${peek(reader)} of patterns`, 'write i, for no case', reader.at);
  const pattern = translatePcre(text, isCaseless ? 'i' : '');
  if (pattern instanceof RegExp) return pattern;
  const { problem, advice, at: inner, length } = pattern;
  return refuse(
    problem,
    advice,
    from + (inner ?? 0),
    inner === undefined ? Math.max(1, text.length) : length,
  );
}
