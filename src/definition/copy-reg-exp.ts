/** A copy, so that nobody outside can change or subclass what is matched with. */
export function copyRegExp(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags);
}
