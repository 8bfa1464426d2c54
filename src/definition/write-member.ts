import { isDeepStrictEqual } from 'node:util';
import { enabled, printStatus, Status } from '../member/status.ts';
import type { MemberDefinition } from './member-definition.ts';
import type { Options } from './problem.ts';
import type { MemberSettings } from './settings.ts';

/**
 * A member's definition as one would write it now: with what was changed since, its flags included, and without what it
 * has from `memberDefaults`.
 */
export function writeMember(
  { definition, inherited, status: first }: MemberSettings,
  status: number,
): MemberDefinition {
  const defaults: Options = inherited?.parameters ?? {};
  const own = Object.entries(definition).filter(([name, value]) => !isDeepStrictEqual(value, defaults[name]));
  // What it has failed says nothing of what it is to be.
  const isLasting = ~(Status.inError | Status.healthCheckFailed);
  const isChanged = (status & isLasting) !== (first & isLasting);
  const written = isChanged ? { status: printStatus(status & isLasting) || enabled } : {};
  // A definition that was checked, with flags.
  return Object.freeze({ ...Object.fromEntries(own), ...written }) as MemberDefinition;
}
