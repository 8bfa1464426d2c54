const longestName = 64;

/** What would break the line, turn its direction, or not be seen; but for what joins letters and emoji. */
const unseen = /[\p{Cc}\u2028\u2029[\p{DI}--[\p{Join_C}\p{VS}]]]/gv;

/** Joiners stand between letters; what says how an emoji is shown stands behind it. */
const visible = /[^\s\p{DI}](?:.*[^\s\p{DI}])?\p{VS}?/su;

/** A text of somebody's as logs and pages show it: on one line, in the order in which it is written; empty where nothing would be seen. */
export function cleanText(text: string): string {
  return visible.exec(text.toWellFormed().replace(unseen, ''))?.[0] ?? '';
}

/** Whether a text can be shown as it is. */
export function isClean(text: string): boolean {
  return text.isWellFormed() && text.search(unseen) === -1 && (text === '' || visible.test(text));
}

/** The same of a name, bounded. */
export function cleanName(name: string): string {
  const clean = cleanText(name.slice(0, 10 * longestName));
  const letters = Array.from(clean);
  return letters.length > longestName ? `${letters.slice(0, longestName - 1).join('')}…` : clean;
}
