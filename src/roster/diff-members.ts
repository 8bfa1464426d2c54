import { isDeepStrictEqual } from 'node:util';
import type { MemberSettings } from './definition/settings.ts';

/** What makes one list of members of another. */
export type MemberDiff = Readonly<{
  kept: readonly (readonly [before: MemberSettings, after: MemberSettings])[];
  added: readonly MemberSettings[];
  removed: readonly MemberSettings[];
}>;

/** Compares two lists of members; a member is who has the same URL. */
export function diffMembers(before: readonly MemberSettings[], after: readonly MemberSettings[]): MemberDiff {
  const known = new Map(before.map((member) => [member.url, member]));
  const wanted = new Set(after.map(({ url }) => url));
  return {
    kept: after.flatMap((member) => {
      const old = known.get(member.url);
      return old ? [[old, member] as const] : [];
    }),
    added: after.filter(({ url }) => !known.has(url)),
    removed: before.filter(({ url }) => !wanted.has(url)),
  };
}

/** Whether connections that were made by the one may be used by the other. */
export function sharesConnections(one: MemberSettings, other: MemberSettings): boolean {
  const parts = ({
    host,
    path,
    connectTimeoutMs,
    ttlMs,
    disablereuse,
    keepalive,
    maxHeadBytes,
    tls,
  }: MemberSettings) => ({ host, path, connectTimeoutMs, ttlMs, disablereuse, keepalive, maxHeadBytes, tls });
  return isDeepStrictEqual(parts(one), parts(other));
}
