/** A name without case, hyphens, underscores, dots and blanks: what people vary in one they know. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '');
}

/** The candidate that a name is, but for what people vary. */
export function findSame(given: string, candidates: readonly string[]): string | undefined {
  const name = foldName(given);
  return candidates.find((candidate) => foldName(candidate) === name);
}

/**
 * A record with its misspelt names as they are written here, where that is certain and the right one is not there too.
 * The same object where there is none.
 */
export function correctNames<Options extends Readonly<Record<string, unknown>>>(
  options: Options,
  names: readonly string[],
): Options {
  const given = Object.keys(options);
  const corrected = given.map((name) => {
    const right = names.includes(name) ? name : findSame(name, names);
    return right === undefined || given.includes(right) ? name : right;
  });
  if (corrected.every((name, i) => name === given[i])) return options;
  // Without a prototype, as options are copied. The names are others, and the values the same.
  const copy = Object.create(null) as Record<string, unknown>;
  corrected.forEach((name, i) => (copy[name] ??= options[given[i]!]));
  return copy as Options;
}

/**
 * The candidate that was probably meant, if one is near enough; of two equally near ones the first. `share`: how many of
 * its letters may be wrong.
 */
export function findNearest(given: string, candidates: Iterable<string>, share = 1 / 3): string | undefined {
  const name = foldName(given);
  // No option is so long; and the distance of a very long text would take its time.
  if (name.length > 60) return undefined;
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const other = foldName(candidate);
    const distance = measureDistance(name, other);
    if (distance >= least || distance > Math.floor(Math.min(name.length, other.length) * share)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** How many letters must be put in, left out, changed or swapped with their neighbour to make one text the other. */
export function measureDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, last[j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
