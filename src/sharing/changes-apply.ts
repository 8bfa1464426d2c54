import { isDeepStrictEqual } from 'node:util';
import type { Balancer } from '../balancer.ts';
import type { Options } from '../definition/problem.ts';
import { insideOf } from '../inside.ts';
import type { Folded } from './changes-fold.ts';
import type { Seen } from './changes-base.ts';

/**
 * Makes a balancer what the changes on it come to. Each was checked where it stands, so that the whole is not checked
 * again: what those before it have made possible may be gone. Returns who is removed, and what resolves when they have ended.
 */
export function applyFolded(
  balancer: Balancer,
  { definition, members }: Folded,
  seen: Seen,
): Readonly<{ removed: readonly string[]; ended: Promise<unknown> }> {
  const { roster } = insideOf(balancer);
  const removed = [...seen.members.keys()].filter((server) => !members.has(server));
  // Whom DNS has told comes by DNS.
  const named = [...members].filter(([server, { isFromDns }]) => !isFromDns || seen.members.has(server));
  const isSame = hasSameOptions(seen.definition, definition);
  const ended = roster.assume({ definition: isSame ? undefined : definition, members: new Map(named) });
  return { removed, ended };
}

function hasSameOptions(one: Options, other: Options): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isDeepStrictEqual(one[name], other[name]));
}
