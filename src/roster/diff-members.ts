import { isDeepStrictEqual } from 'node:util';
import { identifyServer } from '../definition/check-members.ts';
import type { MemberSettings } from '../definition/settings.ts';

/** What makes one list of members of another. */
export type MemberDiff = Readonly<{
  kept: readonly (readonly [before: MemberSettings, after: MemberSettings])[];
  added: readonly MemberSettings[];
  removed: readonly MemberSettings[];
}>;

const identities = new WeakMap<MemberSettings, string>();

/** What makes two members one: the server and the path on it, however its URL is written; a handler's name. */
export function identifyMember(member: MemberSettings): string {
  let identity = identities.get(member);
  if (identity === undefined)
    identities.set(member, (identity = member.handler ? member.url : identifyServer(member)));
  return identity;
}

/** Compares two lists of members, by what makes two of them one. */
export function diffMembers(before: readonly MemberSettings[], after: readonly MemberSettings[]): MemberDiff {
  const known = new Map(before.map((member) => [identifyMember(member), member]));
  const wanted = new Set(after.map(identifyMember));
  return {
    kept: after.flatMap((member) => {
      const old = known.get(identifyMember(member));
      return old ? [[old, member] as const] : [];
    }),
    added: after.filter((member) => !known.has(identifyMember(member))),
    removed: before.filter((member) => !wanted.has(identifyMember(member))),
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
