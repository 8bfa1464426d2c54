/** Far more than any change has. */
const mostValues = 5000;
const longestText = 10_000;
const deepest = 8;

/**
 * A value as JSON would give it back, made of nothing that belongs to the one who has handed it in; undefined where it is
 * none: with a function, a class or a ring in it, unreadable, or too large.
 */
export function copyJson(value: unknown): unknown {
  let count = 0;

  function copy(given: unknown, depth: number): unknown {
    count += 1;
    if (count > mostValues || depth > deepest) throw new RangeError('too large');
    if (given === null || typeof given === 'boolean') return given;
    if (typeof given === 'number' && Number.isFinite(given)) return given;
    if (typeof given === 'string' && given.length <= longestText) return given;
    if (Array.isArray(given)) return Object.freeze(Array.from(given, (element) => copy(element, depth + 1)));
    if (!isPlain(given)) throw new TypeError('no JSON');
    // As JSON leaves it out.
    const entries = Object.entries(given).filter(([, each]) => each !== undefined);
    return Object.freeze(Object.fromEntries(entries.map(([name, each]) => [name, copy(each, depth + 1)])));
  }

  try {
    return copy(value, 0);
  } catch {
    return undefined;
  }
}

/** Whether a value is a record as `copyJson` makes them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
