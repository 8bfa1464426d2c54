/**
 * Whether `path` is `base` or lies below it: `/app/x`, `/app?x` and `/app` are below `/app`, `/application` is not.
 * `base` has no trailing slash; everything is below `''`.
 */
export function isBelow(path: string, base: string): boolean {
  if (!path.startsWith(base)) return false;
  const next = path[base.length];
  return next === undefined || next === '/' || next === '?' || next === '#' || base === '';
}

/**
 * Maps a path that a member wrote, not knowing where it is mounted, to the mount path: the longest of `bases`
 * (longest first, without trailing slash) that it lies below is replaced. Undefined: it stays as it is.
 *
 * A member that heeds X-Forwarded-Prefix has written the mount path already. Such a path stays, unless a base that is
 * at least as long says that it is the member's own: of two readings the more particular one is taken.
 */
export function mapToMount(path: string, bases: readonly string[], mountPath: string): string | undefined {
  const base = bases.find((candidate) => isBelow(path, candidate));
  if (base === undefined || base === mountPath) return undefined;
  if (mountPath.length > base.length && isBelow(path, mountPath)) return undefined;
  return mountPath + path.slice(base.length);
}

/** `/media/` -> `/media`, `/` -> `''`. */
export function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
