/** What would end the line, turn its direction, move the cursor or not be seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text of somebody's as one line that can be printed: each character that cannot is another one of the same width; tabs stay. */
export function showText(text: string): string {
  return text.toWellFormed().replace(unseen, (character) => {
    const code = character.codePointAt(0)!;
    if (character === '\t') return '\t';
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** The same, bounded, and with blanks for tabs. */
export function showLine(text: string, longest: number): string {
  const line = showText(text.slice(0, longest + 1)).replaceAll('\t', ' ');
  return text.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line;
}
