type Parts = Readonly<{ numbers: readonly number[]; pre: string | undefined }>;

const pattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\da-z-]+(?:\.[\da-z-]+)*))?$/i;

/** Reads `1.2.3` or `1.2.3-rc.1`; undefined: it is neither. Build numbers (`+5`) have no place here. */
function readVersion(text: string): Parts | undefined {
  const found = pattern.exec(text);
  return found ? { numbers: found.slice(1, 4).map(Number), pre: found[4] } : undefined;
}

/** Whether a text is a version, as Semantic Versioning writes it. */
export function isVersion(text: string): boolean {
  return readVersion(text) !== undefined;
}

/**
 * The version to release after `current`: the next of a kind (`major`, `minor`, `patch`), or a version by itself. Below 1.0.0 a minor version may break what was there before (semver 4).
 * Throws an Error for a wish that is none, or goes back.
 */
export function findNextVersion(current: string, wish: string): string {
  const parts = readVersion(current);
  if (!parts) throw new Error(`package.json has version '${current}', which is none`);
  const [major = 0, minor = 0, patch = 0] = parts.numbers;
  switch (wish) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'patch':
      // The version that its release candidates were for.
      return `${major}.${minor}.${parts.pre === undefined ? patch + 1 : patch}`;
  }
  const wanted = readVersion(wish);
  if (!wanted) throw new Error(`'${wish}' is no version: write major, minor, patch, or one such as 1.2.3`);
  if (compare(wanted, parts) < 0) throw new Error(`${wish} is older than ${current}, which is there`);
  return wish;
}

/** Whether a version comes after another (semver 11), as a number for sort(). */
function compare(one: Parts, other: Parts): number {
  for (let i = 0; i < 3; i += 1) {
    const difference = one.numbers[i]! - other.numbers[i]!;
    if (difference !== 0) return difference;
  }
  if (one.pre === other.pre) return 0;
  if (one.pre === undefined) return 1;
  if (other.pre === undefined) return -1;
  return one.pre.localeCompare(other.pre, 'en', { numeric: true });
}
