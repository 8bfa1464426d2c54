/** Whether a group of a pattern of JavaScript's is empty or begins with a slash, whatever it matches. Group 0 is the whole. */
export function beginsWithSlash(pattern: string, group: number): boolean {
  // Every path does.
  if (group === 1 && /^\^\(\.[*+]\)(\$|$)/.test(pattern)) return true;
  const inside = group === 0 ? pattern.replace(/^\^/, '') : findGroup(pattern, group);
  if (inside === undefined || !/^\\?\//.test(inside)) return false;
  // `/a|b` and `/?a` need not begin with one.
  return !/^\\?\/[?*{]/.test(inside) && !hasAlternatives(inside);
}

/** Whether a group is `(.*)` or `(.+)`. */
export function isAnything(pattern: string, group: number): boolean {
  return /^\.[*+]\??$/.test(findGroup(pattern, group) ?? '');
}

/** What stands between the parentheses of a capturing group. */
function findGroup(pattern: string, wanted: number): string | undefined {
  let number = 0;
  for (const { at, kind } of walk(pattern)) {
    if (kind !== 'open' || /^\(\?(?!<[\p{L}_])/u.test(pattern.slice(at, at + 4))) continue;
    number += 1;
    if (number !== wanted) continue;
    const end = findEnd(pattern, at);
    return end === undefined || pattern[at + 1] === '?' ? undefined : pattern.slice(at + 1, end);
  }
  return undefined;
}

function findEnd(pattern: string, start: number): number | undefined {
  let depth = 0;
  for (const { at, kind } of walk(pattern)) {
    if (at < start) continue;
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function hasAlternatives(inside: string): boolean {
  let depth = 0;
  for (const { kind } of walk(inside)) {
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (kind === 'or' && depth === 0) return true;
  }
  return false;
}

type Mark = Readonly<{ at: number; kind: 'open' | 'close' | 'or' }>;

/** Parentheses and bars that mean something: not escaped, and in no class. */
function* walk(pattern: string): Generator<Mark> {
  const kinds = { '(': 'open', ')': 'close', '|': 'or' } as const;
  let isInClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at]!;
    if (letter === '\\') at += 1;
    else if (isInClass) isInClass = letter !== ']';
    else if (letter === '[') isInClass = true;
    else if (letter === '(' || letter === ')' || letter === '|') yield { at, kind: kinds[letter] };
  }
}
