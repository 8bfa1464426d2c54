import { findElsewhere, tellBalancerOption } from './misplaced-options.ts';
import { optionNames, type Place } from './option-names.ts';
import { stateProblem, stateSecretProblem, type Fault, type Problem } from './problem.ts';
import { refusedOptions } from './refused-options.ts';
import { findNearest, findSame, foldName } from './spelling.ts';

// A misspelt secret is still one; what byhash and idempotency go by is none.
const secretName =
  /secret|passw|passphrase|pfx|token|credential|auth|(?<!hash[-_]?|idempotency[-_]?)keys?$|tls: \{ key:/i;

/** Complains about options that a record has not, with the right name or the right place for them. */
export function checkUnknownIn(place: Place) {
  return (name: string, value: unknown, path: string): readonly Problem[] => {
    const fault = judgeUnknown(place, name);
    if (fault === undefined) return [];
    const isSecret = place === 'tls' || secretName.test(name) || secretName.test(fault.advice);
    return [(isSecret ? stateSecretProblem : stateProblem)(path, value, fault)];
  };
}

const noSuch: Fault = { problem: 'there is no such option', advice: 'leave it out' };

function judgeUnknown(place: Place, name: string): Fault | undefined {
  const folded = foldName(name);
  const known = optionNames[place];
  const same = findSame(name, known);
  if (same !== undefined) return misspelt(same);
  const fault = findElsewhere(place, folded);
  if (fault) return fault;
  const nearest = findNearest(name, known);
  if (nearest !== undefined) return misspelt(nearest);
  // A later http-proxy-middleware may have options that are not known here.
  if (place === 'httpProxyMiddleware') return undefined;
  const elsewhere = findNearest(name, [...optionNames.member, ...optionNames.balancer]);
  if (elsewhere !== undefined) {
    const meant = foldName(elsewhere);
    return findElsewhere(place, meant) ?? tellBalancerOption(meant) ?? noSuch;
  }
  // Their reasons are about one option each, so that only a slip counts as near.
  return refusedOptions.get(findNearest(name, refusedOptions.keys(), 1 / 6) ?? '') ?? noSuch;
}

function misspelt(option: string): Fault {
  return { problem: 'there is no such option', advice: `write ${option}` };
}
