const mostAhead = 10_000;

/** Which merges this process has heard of. Every merge has the next number; a gap means that words were missed. */
export type Versions = Readonly<{
  heard(version: number): void;
  /** Before a full read: what comes from now on counts on top of it. */
  beginRead(): void;
  /** After it. `version`: as it was when the read began. */
  endRead(version: number): void;
  /** Whether words were missed, where a beat tells this version. */
  isBehind(version: number): boolean;
}>;

export function createVersions(): Versions {
  let seen = 0;
  const ahead = new Set<number>();
  let lower = 0;

  function advance(): void {
    while (ahead.delete(seen + 1)) seen += 1;
  }

  return {
    heard(version) {
      if (ahead.size < mostAhead) ahead.add(version);
      advance();
    },
    beginRead() {
      ahead.clear();
    },
    endRead(version) {
      seen = version;
      for (const each of ahead) if (each <= version) ahead.delete(each);
      advance();
    },
    isBehind(version) {
      lower = version < seen ? lower + 1 : 0;
      // A read can be ahead of the beats that are on their way; but not for long.
      return version > seen || lower > 2;
    },
  };
}
