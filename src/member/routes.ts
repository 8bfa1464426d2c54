import type { MemberView } from './member.ts';

type Index = ReadonlyMap<string | undefined, readonly MemberView[]>;

const nobody: readonly MemberView[] = [];

/** By list of members, so that a session's member is found among a thousand as soon as among two. */
const indexes = new WeakMap<readonly MemberView[], Index>();

/** Those of a route, in their order. A list is not edited, nor are its members' routes while it is in use. */
export function findByRoute(members: readonly MemberView[], route: string): readonly MemberView[] {
  let index = indexes.get(members);
  if (!index) {
    index = Map.groupBy(members, ({ settings }) => settings.route);
    indexes.set(members, index);
  }
  return index.get(route) ?? nobody;
}

/** Another list of the same members, with the same routes. */
export function copyList<Each extends MemberView>(members: readonly Each[]): readonly Each[] {
  const copy = [...members];
  const index = indexes.get(members);
  if (index) indexes.set(copy, index);
  return copy;
}
