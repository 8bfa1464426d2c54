import { isDeepStrictEqual } from 'node:util';
import { DefinitionError, type Options } from './problem.ts';
import { changeable, readChange } from './read-change.ts';
import type { MemberSettings, Settings } from './settings.ts';

/**
 * A member by another definition, with what was changed since the one before was written: it holds where both say the
 * same. What no longer fits among the members of `base`, which the definition does, is given up.
 */
export function keepChanges(
  now: MemberSettings,
  before: MemberSettings,
  after: MemberSettings,
  { members, compat }: Pick<Settings, 'members' | 'compat'>,
): MemberSettings {
  const [current, old, next]: readonly Options[] = [now, before, after].map(({ definition }) => definition);
  const changed = changeable.filter(
    (name) => !isDeepStrictEqual(current![name], old![name]) && isDeepStrictEqual(old![name], next![name]),
  );
  if (changed.length === 0) return after;
  // As a change says it: null takes away.
  const change = Object.fromEntries(changed.map((name) => [name, current![name] ?? null]));
  try {
    return readChange(change, after, members, after.status, compat).settings;
  } catch (error) {
    if (error instanceof DefinitionError) return after;
    throw error;
  }
}
