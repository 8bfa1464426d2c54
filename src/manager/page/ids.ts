/** The id of a part, and the beginning of the ids of its cells: names in it, whatever they are, take nobody else's. */
export function makeId(kind: 'b' | 'c' | 'm' | 'n', ...names: readonly string[]): string {
  return [kind, ...names.map(encodeName)].join('/');
}

// What is left stands in an attribute, in a fragment and in a selector in quotes as it is.
function encodeName(name: string): string {
  return name.replace(/[^A-Za-z0-9.~-]/gu, (letter) => `_${letter.codePointAt(0)!.toString(16)}_`);
}
