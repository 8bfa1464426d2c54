/** Where a balancer is mounted, as far as requests have shown. */
export type MountPaths = Readonly<{
  /** A request has come by a mount path, without trailing slash. */
  note(path: string): void;
  /** In the order in which they were seen; the root is `'/'`. */
  list(): readonly string[];
}>;

/** Where a mount path has parameters, each client can make more of them. */
const most = 8;

/** Remembers the first few. */
export function createMountPaths(): MountPaths {
  const paths = new Set<string>();
  let last: string | undefined;
  return {
    note(path) {
      if (path === last || paths.size === most) return;
      last = path;
      paths.add(path);
    },
    list: () => [...paths].map((path) => path || '/'),
  };
}
