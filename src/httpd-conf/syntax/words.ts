import type { Argument } from './directive.ts';
import { pointAt, type Line } from './line.ts';

/** What C's isspace takes for white space in a line. */
function isSpace(character: string | undefined): boolean {
  return (
    character === ' ' ||
    character === '\t' ||
    character === '\r' ||
    character === '\v' ||
    character === '\f' ||
    character === '\n'
  );
}

/** The first place from `at` on that is no white space. */
export function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text[next])) next += 1;
  return next;
}

/** Where the text ends when white space behind it does not count. */
export function findEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end -= 1;
  return end;
}

export type Word = Readonly<{ text: string; start: number; end: number }>;

/** The word that begins at `start`, by the rules of httpd's ap_getword_conf. */
export function readWord(text: string, start: number, limit: number): Word {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") {
    let end = start;
    while (end < limit && !isSpace(text[end])) end += 1;
    return { text: text.slice(start, end).replaceAll('\\\\', '\\'), start, end };
  }
  let end = start + 1;
  while (end < limit && text[end] !== quote) {
    const next = end + 1 < limit ? text[end + 1] : undefined;
    end += text[end] === '\\' && (next === quote || next === '\\') ? 2 : 1;
  }
  const inner = text.slice(start + 1, end);
  // A quote that nothing closes goes to the end of the line.
  return { text: unescape(inner, quote), start, end: Math.min(limit, end + 1) };
}

/** The words between `start` and `limit`, each with where it is written. */
export function readWords(line: Line, start: number, limit: number): readonly Argument[] {
  const words: Argument[] = [];
  let at = skipSpace(line.text, start);
  while (at < limit) {
    const word = readWord(line.text, at, limit);
    words.push(pointAt(line, word.start, word.end, word.text));
    at = skipSpace(line.text, word.end);
  }
  return words;
}

function unescape(text: string, quote: string): string {
  return text.includes('\\') ? text.replace(quote === '"' ? /\\([\\"])/g : /\\([\\'])/g, '$1') : text;
}
