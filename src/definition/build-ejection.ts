import type { BalancerDefinition } from './definition.ts';
import { toMilliseconds } from './duration.ts';
import type { EjectionSettings } from './settings.ts';

/** When members are ejected, from a checked definition; undefined where they are not. */
export function buildEjection(
  ejection: BalancerDefinition['ejection'] = false,
): EjectionSettings | undefined {
  if (ejection === false) return undefined;
  const {
    consecutive = 5,
    rate = 0.5,
    window = 30,
    minRequests = 20,
    maxEjected = 0.5,
    time = 30,
  } = ejection === true ? {} : ejection;
  return Object.freeze({
    consecutive: consecutive === false ? Infinity : consecutive,
    rate: rate === false ? Infinity : rate,
    windowMs: toMilliseconds(window),
    minRequests,
    maxEjected,
    timeMs: toMilliseconds(time),
  });
}
