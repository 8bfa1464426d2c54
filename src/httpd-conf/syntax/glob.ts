/** Whether a path has wildcards in it: `*`, `?` or `[…]`. */
export function hasWildcards(path: string): boolean {
  if (/[*?]/.test(path)) return true;
  const open = path.indexOf('[');
  return open !== -1 && path.includes(']', open);
}

/** Whether a file's name fits a pattern. A leading dot must be written: `*` leaves hidden files out. */
export function matchName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.') && !pattern.startsWith('\\.')) return false;
  let at = 0;
  let wanted = 0;
  // Where to go on when it does not fit: behind the last star, which then takes one character more.
  let star = -1;
  let taken = 0;
  while (at < name.length) {
    if (pattern[wanted] === '*') {
      star = wanted += 1;
      taken = at;
      continue;
    }
    const next = wanted < pattern.length ? matchOne(pattern, wanted, name[at]!) : undefined;
    if (next !== undefined) {
      wanted = next;
      at += 1;
    } else if (star !== -1) {
      wanted = star;
      at = taken += 1;
    } else {
      return false;
    }
  }
  while (pattern[wanted] === '*') wanted += 1;
  return wanted === pattern.length;
}

/** Where the pattern goes on when the character fits what stands at `at`. */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const wanted = pattern[at]!;
  if (wanted === '?') return at + 1;
  if (wanted === '[') {
    const close = pattern.indexOf(']', at + 2);
    if (close !== -1) return isInSet(pattern.slice(at + 1, close), character) ? close + 1 : undefined;
  }
  if (wanted === '\\' && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : undefined;
  return wanted === character ? at + 1 : undefined;
}

function isInSet(set: string, character: string): boolean {
  const isNegated = set.startsWith('!') || set.startsWith('^');
  const members = isNegated ? set.slice(1) : set;
  let isIn = false;
  for (let i = 0; i < members.length; i += 1) {
    const isRange = members[i + 1] === '-' && i + 2 < members.length;
    isIn ||= isRange ? members[i]! <= character && character <= members[i + 2]! : members[i] === character;
    if (isRange) i += 2;
  }
  return isIn !== isNegated;
}
