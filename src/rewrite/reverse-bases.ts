import type { MemberSettings, Settings } from '../definition/settings.ts';
import { withoutTrailingSlash } from './map-path.ts';
import { readOrigin, splitUrl } from './url-parts.ts';

/** A path that members write, without trailing slash, and the public path or URL for it; undefined: the mount path. */
export type Base = Readonly<{ internal: string; external: string | undefined }>;

/** What stands for something public, the longest first; of two that are the same, what is derived comes first. */
export type Bases = Readonly<{
  /** Behind an origin. */
  onOrigin(origin: string): readonly Base[];
  /** In paths that a member writes. */
  ofMember(member: MemberSettings): readonly Base[];
}>;

/** What of the definition says which URLs are mapped back. */
export type BaseSettings = Pick<Settings, 'reverseUrls' | 'reverseTable'>;

/** Where patterns decide over it, a client may be who makes up `memberPath`. */
const mostPaths = 32;

/** Makes the bases of these members, by what of their paths stands for the mount path. */
export function compileBases(
  settings: BaseSettings,
  members: readonly MemberSettings[],
): (memberPath: string) => Bases {
  const table = readTable(settings.reverseTable);
  const known = new Map([['', collectBases(settings.reverseUrls, table, members, '')]]);
  return (memberPath) => {
    const bases = known.get(memberPath);
    if (bases) return bases;
    const made = collectBases(settings.reverseUrls, table, members, memberPath);
    // The oldest makes room: what nobody asks for twice is not to keep out what many do.
    if (known.size === mostPaths) known.delete(known.keys().next().value!);
    known.set(memberPath, made);
    return made;
  };
}

type Table = Readonly<{
  /** In whatever a member writes, behind its host or behind none. */
  paths: readonly Base[];
  /** Below every member's own path. */
  subs: readonly Base[];
  byOrigin: ReadonlyMap<string, readonly Base[]>;
}>;

function readTable(rules: Settings['reverseTable']): Table {
  const paths: Base[] = [];
  const subs: Base[] = [];
  const byOrigin = new Map<string, Base[]>();
  for (const [internal, external] of rules) {
    const sub = readSub(internal);
    if (sub !== undefined) subs.push({ internal: withoutTrailingSlash(sub), external });
    else if (internal.startsWith('/')) paths.push({ internal: withoutTrailingSlash(internal), external });
    else {
      const { origin, base } = readUrl(internal);
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), { internal: base, external }]);
    }
  }
  return { paths, subs, byOrigin };
}

/** What stands behind `balancer://name`; undefined for what is no balancer. */
export function readSub(internal: string): string | undefined {
  return /^balancer:\/\/[^/]*(.*)$/is.exec(internal)?.[1];
}

/** A URL that was checked. */
function readUrl(url: string): Readonly<{ origin: string; base: string }> {
  const parts = splitUrl(url);
  const origin = parts?.scheme && readOrigin(parts.scheme, parts.authority);
  return { origin: origin ?? '', base: withoutTrailingSlash(parts?.rest ?? '') };
}

function collectBases(
  urls: readonly string[],
  table: Table,
  members: readonly MemberSettings[],
  memberPath: string,
): Bases {
  const derive = (base: string): Base => ({ internal: base + memberPath, external: undefined });
  const paths = urls.filter((url) => url.startsWith('/')).map((url) => derive(withoutTrailingSlash(url)));
  const listOf = (member: MemberSettings): readonly Base[] => [
    derive(member.basePath),
    ...paths,
    ...table.paths,
    ...table.subs.map(({ internal, external }) => ({ internal: member.basePath + internal, external })),
    ...(table.byOrigin.get(originOf(member)) ?? []),
  ];

  const byOrigin = new Map<string, Map<string, Base>>();
  const add = (origin: string, bases: readonly Base[]): void => {
    const there = byOrigin.get(origin) ?? new Map<string, Base>();
    byOrigin.set(origin, there);
    for (const base of bases) {
      const same = there.get(base.internal);
      if (!same || (same.external !== undefined && base.external === undefined))
        there.set(base.internal, base);
    }
  };
  for (const member of members) add(originOf(member), listOf(member));
  for (const url of urls) {
    if (url.startsWith('/')) continue;
    const { origin, base } = readUrl(url);
    if (origin !== '') add(origin, [derive(base)]);
  }
  for (const [origin, bases] of table.byOrigin) add(origin, bases);
  const sorted = new Map([...byOrigin].map(([origin, bases]) => [origin, longestFirst([...bases.values()])]));

  const lists = new WeakMap<MemberSettings, readonly Base[]>();
  return {
    onOrigin: (origin) => sorted.get(origin) ?? [],
    ofMember(member) {
      const list = lists.get(member) ?? longestFirst(listOf(member));
      lists.set(member, list);
      return list;
    },
  };
}

function originOf(member: MemberSettings): string {
  return member.origin.toLowerCase();
}

function longestFirst(bases: readonly Base[]): readonly Base[] {
  return bases.toSorted((a, b) => b.internal.length - a.internal.length);
}
