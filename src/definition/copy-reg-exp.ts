/** A copy, so that nobody outside can change or subclass what is matched with. */
export function copyRegExp(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags);
}

/** The same for an option that may be the source of a pattern. */
export function compilePattern(pattern: RegExp | string): RegExp {
  return typeof pattern === 'string' ? new RegExp(pattern) : copyRegExp(pattern);
}
