/** Percent-decodes a cookie's or a parameter's value; one that is malformed stays as it is. */
export function decodeValue(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
