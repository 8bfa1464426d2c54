type Fields = Readonly<Record<string, unknown>>;

/**
 * Writes form fields so that both of Express's parsers read the same again. An array at the top is a repeated name, which
 * the simple parser, and most of the world, knows; what is nested came through the extended parser, which knows brackets.
 */
export function encodeForm(fields: Fields): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    const isRepeated = Array.isArray(value) && value.length > 1 && value.every(isScalar);
    for (const item of isRepeated ? (value as unknown[]) : [value]) append(pairs, name, item);
  }
  return pairs.toString();
}

function append(pairs: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    const isFlat = value.every(isScalar);
    for (const [i, item] of value.entries()) append(pairs, isFlat ? `${name}[]` : `${name}[${i}]`, item);
  } else if (isFields(value)) {
    for (const [key, item] of Object.entries(value)) append(pairs, `${name}[${key}]`, item);
  } else if (value !== undefined) {
    // Or whatever the app has put in that has a text, such as a Date.
    pairs.append(name, value === null ? '' : `${value as number}`);
  }
}

/** Whether a parser may have left this for the fields of a form. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isScalar(value: unknown): boolean {
  return !Array.isArray(value) && !isFields(value);
}
