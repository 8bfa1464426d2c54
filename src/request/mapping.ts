/**
 * Where below the members' own paths a request goes, where a rule says so. Without one it is the path below the mount
 * path. Made for one request.
 */
export type Mapping = Readonly<{
  /**
   * What of members' paths, below their own, stands for the mount path, without trailing slash: `''`, `/app`. Redirects
   * and cookies are mapped back by it.
   */
  memberPath: string;
  /**
   * From the path below the mount path (one leading slash, no dot segments) to what is asked for below a member's
   * own path, both percent-encoded and without query. Only with `compat: 'httpd'` may it begin with something else than a slash.
   */
  toMember(path: string): string;
  /** Instead of the client's query: with its `?`, or `''` for none. Undefined: as it came. */
  query?: string;
}>;
