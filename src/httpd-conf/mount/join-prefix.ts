import type { Mapping } from '../../request/mapping.ts';
import type { AskedPath } from './asked-path.ts';
import { encodeTarget } from './encode-target.ts';
import type { Fit } from './path-match.ts';

/** Where a request goes: how many characters of its path become the mount path, and what becomes of the rest. */
export type Join = Readonly<{ end: number; mapping: Mapping }>;

/** What of a path is asked for below a member's own path. */
export function findSentPath(raw: string, { end, mapping }: Join): string {
  return mapping.toMember(raw.slice(end).replace(/^\/*/, '/'));
}

/** How a prefix is joined to a target. */
export type PrefixJoin = Readonly<{
  at: string;
  to: string;
  /** Byte for byte, as httpd does; else with exactly one slash where both meet. */
  isGlued: boolean;
  /** The client's query is left out. */
  drops: boolean;
}>;

/** Makes the join of a prefix ready, which then makes nothing new for a request. */
export function compilePrefixJoin({
  at,
  to,
  isGlued,
  drops,
}: PrefixJoin): (path: AskedPath, fit: Fit) => Join {
  const target = encodeTarget(to);
  const memberPath = target.replace(/\/+$/, '');
  const query = drops ? { query: '' } : {};
  // The slash at the end of a prefix belongs to it; below the mount path there is one nevertheless.
  const skipped = at.endsWith('/') ? 1 : 0;
  const below: Mapping = {
    memberPath,
    // `ProxyPass /p/ balancer://c` makes `cfoo` of `/p/foo` in httpd: what is glued to the name is not ours to mend there.
    toMember: isGlued ? (path) => target + path.slice(skipped) || '/' : (path) => memberPath + path,
    ...query,
  };
  // httpd sends `/app` for `ProxyPass /app balancer://c/app`, where Express would make it `/app/`.
  const exact: Mapping = { memberPath, toMember: () => target || '/', ...query };
  return ({ raw }, { end }) => ({
    end,
    mapping: skipped === 0 && end === raw.length ? exact : below,
  });
}
