/** A text that somebody else has made up, no longer than `most` letters. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // By way of bytes: a slice would keep the whole text in memory.
  return `${Buffer.from(text.slice(0, most - 1)).toString()}…`;
}
