import type { Mapping, MemberDraft, ReverseRule } from './draft.ts';
import { readBalancerName } from './read-target.ts';

/** What a mount maps back by itself: what stands below members' own paths is the mount path to clients. */
export type Derived = Readonly<{ memberPath: string; path: string }>;

/** What members are, for rules that name them. */
export type Known = Readonly<{
  name: string;
  members: readonly MemberDraft[];
  /** The URLs of its members as they are compared. */
  bases: ReadonlySet<string>;
}>;

/** What a mapping derives. A pattern has no path of its own: what members say is kept below the root. */
export function deriveFrom({ at, target }: Mapping): Derived {
  if (typeof at !== 'string' || target.kind === 'next' || target.kind === 'done')
    return { memberPath: '', path: '' };
  return { memberPath: trim(target.to), path: trim(at) };
}

/** Whether a rule says no more than what is derived. */
export function isReverseImplied(
  { internal, base, external }: ReverseRule,
  derived: Derived,
  known: Known,
): boolean {
  const name = readBalancerName(internal);
  if (name !== undefined) {
    const sub = trim(internal.replace(/^[^:]*:\/\/[^/]*/, ''));
    return name === known.name && isSame(sub, external, derived.memberPath, derived.path);
  }
  return isBelowMember(base, external, derived, known);
}

/** Each beginning of the URL that ends before a slash may be a member's; there are few of them, and many members. */
function isBelowMember(
  base: string,
  external: string,
  { memberPath, path }: Derived,
  { bases }: Known,
): boolean {
  for (let end = base.length; end > 0; end = base.lastIndexOf('/', end - 1)) {
    const start = base.slice(0, end);
    if (!start.endsWith(memberPath) || !bases.has(start.slice(0, start.length - memberPath.length))) continue;
    if (isSame(base, external, start, path)) return true;
  }
  return false;
}

/** The same for the path of a cookie, which has no server in it. */
export function isCookiePathImplied(
  { base, external }: ReverseRule,
  derived: Derived,
  { members }: Known,
): boolean {
  return members.every((member) => {
    const own = /^[^:]*(?:\|[a-z]+)?:\/\/[^/]*(\/.*)?$/i.exec(member.base)?.[1] ?? '';
    return isSame(base, external, `${own}${derived.memberPath}`, derived.path);
  });
}

/** Whether `internal` and `external` are the ends of the derived pair with the same thing behind them. */
function isSame(internal: string, external: string, memberPath: string, path: string): boolean {
  if (!internal.startsWith(memberPath)) return false;
  const rest = internal.slice(memberPath.length);
  return (rest === '' || rest.startsWith('/')) && trim(external) === `${path}${rest}`;
}

function trim(path: string): string {
  return path.replace(/\/+$/, '');
}
