const escapes: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** All but printable Latin letters: what could break the line, turn its direction, or be of another width than it seems. */
const unprintable = /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]/g;

/** A text as a literal: in single quotes, or in double ones where that needs fewer backslashes. */
export function printText(text: string): string {
  const count = (quote: string): number => text.split(quote).length;
  const quote = count("'") > count('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped.replace(unprintable, printCode)}${quote}`;
}

/** A text from a file within a comment: in one line, and not ending it. */
export function printInComment(text: string): string {
  return text.replace(unprintable, printCode).trim();
}

function printCode(character: string): string {
  return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
