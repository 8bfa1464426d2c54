import { isArray } from './describe.ts';
import { parseDuration } from './duration.ts';
import { isFault, isOptions, stateProblem, type Options, type Problem } from './problem.ts';

const noLimit = 'write max too, or leave it out';

/** A member's `acquire` where it has no `max`: nobody ever waits for a place there. */
export function checkAcquire(member: Options, path: string, memberDefaults: unknown): readonly Problem[] {
  const { acquire } = member;
  if (!isDuration(acquire) || hasMax(member) || hasMax(memberDefaults)) return [];
  const fault = { problem: 'nobody waits for a member without max', advice: noLimit };
  return [stateProblem(`${path}.acquire`, acquire, fault)];
}

/** The same for `memberDefaults`, and any member. */
export function checkDefaultAcquire(
  members: readonly unknown[],
  memberDefaults: unknown,
): readonly Problem[] {
  const acquire = isOptions(memberDefaults) ? memberDefaults['acquire'] : undefined;
  if (!isDuration(acquire) || [memberDefaults, ...members].some(hasMax)) return [];
  const fault = { problem: 'nobody waits for members without max', advice: noLimit };
  return [stateProblem('memberDefaults.acquire', acquire, fault)];
}

/** A balancer's `queueTimeout` where no member can be full. */
export function checkQueueTimeout({ queueTimeout, members, memberDefaults }: Options): readonly Problem[] {
  if (!isArray(members) || !isTime(queueTimeout) || [memberDefaults, ...members].some(hasMax)) return [];
  const fault = {
    problem: 'nobody waits for members without max',
    advice: 'write max on a member or in memberDefaults, or leave it out',
  };
  return [stateProblem('queueTimeout', queueTimeout, fault)];
}

// Those that are wrong are told of that alone.
function isDuration(acquire: unknown): boolean {
  return acquire !== undefined && !isFault(parseDuration(acquire, { unit: 'ms', zero: 'allowed' }));
}

function isTime(queueTimeout: unknown): boolean {
  const ms = parseDuration(queueTimeout, { unit: 's', zero: 'allowed' });
  return typeof ms === 'number' && ms > 0;
}

function hasMax(parameters: unknown): boolean {
  return isOptions(parameters) && parameters['max'] !== undefined;
}
