/** The paths that a `<Location>` with shell wildcards is for; undefined where it has none. */
export function wildcardToRegExp(path: string): RegExp | undefined {
  if (!/[*?[]/.test(path)) return undefined;
  const source = path.replace(
    /\[(!?)([^\][\\/]+)\]|[^\w\s/]/g,
    (letter, not: string | undefined, inside: string | undefined) => {
      if (inside !== undefined) return `[${not === '!' ? '^' : ''}${inside.replace(/\^/g, '\\^')}]`;
      // A slash is never matched by one.
      if (letter === '*') return '[^/]*';
      if (letter === '?') return '[^/]';
      return `\\${letter}`;
    },
  );
  try {
    return new RegExp(`^${source.replace(/\/+$/, '')}(?:/|$)`);
  } catch {
    return undefined;
  }
}
