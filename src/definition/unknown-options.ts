import { otherWords } from './other-words.ts';
import { optionNames, type Place } from './option-names.ts';
import { stateProblem, stateSecretProblem, type Fault, type Problem } from './problem.ts';
import { refusedOptions } from './refused-options.ts';
import { findNearest, foldName } from './spelling.ts';

// A misspelt secret is still one.
const secretName = /secret|passw|passphrase|pfx|token|credential|auth|keys?$/i;

/** Complains about options that a record has not, with the right name or the right place for them. */
export function checkUnknownIn(place: Place) {
  return (name: string, value: unknown, path: string): readonly Problem[] => {
    const fault = judgeUnknown(place, name);
    if (fault === undefined) return [];
    const isSecret = place === 'tls' || secretName.test(name) || secretName.test(fault.advice);
    return [(isSecret ? stateSecretProblem : stateProblem)(path, value, fault)];
  };
}

/** Where options of the balancer, its members and httpd may stand by mistake. */
const hasMembersOptions: ReadonlySet<Place> = new Set([
  'balancer',
  'member',
  'memberDefaults',
  'handlerMember',
  'change',
]);

function judgeUnknown(place: Place, name: string): Fault | undefined {
  const folded = foldName(name);
  const known = optionNames[place];
  const same = known.find((option) => foldName(option) === folded);
  if (same !== undefined) return misspelt(same);

  const fault = otherWords[place].get(folded);
  if (fault) return fault;
  if (place === 'handlerMember' || place === 'change') {
    const refused = judgeServerOption(place, folded);
    if (refused) return refused;
  }
  if (hasMembersOptions.has(place)) {
    const refused = refusedOptions.get(folded) ?? judgePlace(place, folded);
    if (refused) return refused;
  }
  const nearest = findNearest(name, known);
  if (nearest !== undefined) return misspelt(nearest);
  // A later http-proxy-middleware may have options that are not known here.
  if (place === 'httpProxyMiddleware') return undefined;
  const elsewhere = findNearest(name, [...optionNames.member, ...optionNames.balancer]);
  if (elsewhere !== undefined) return judgePlace(place, foldName(elsewhere)) ?? noSuch;
  return refusedOptions.get(findNearest(name, refusedOptions.keys()) ?? '') ?? noSuch;
}

/** What servers have, where there is no server, or none that could take it over. */
function judgeServerOption(place: 'handlerMember' | 'change', folded: string): Fault | undefined {
  if (!optionNames.member.some((option) => foldName(option) === folded)) return undefined;
  return place === 'change'
    ? { problem: 'it does not change while a member runs', advice: 'write balancer.update(definition)' }
    : { problem: 'it is for servers, and a handler is none', advice: 'leave it out' };
}

const noSuch: Fault = { problem: 'there is no such option', advice: 'leave it out' };

function misspelt(option: string): Fault {
  return { problem: 'there is no such option', advice: `write ${option}` };
}

/** What to say of an option that belongs in another record. */
function judgePlace(place: Place, folded: string): Fault | undefined {
  const find = (where: Place): string | undefined =>
    optionNames[where].find((option) => foldName(option) === folded);
  if (place !== 'balancer') {
    const option = find('balancer');
    if (option !== undefined)
      return { problem: 'it is an option of the balancer', advice: `write ${option} beside members` };
    const ofMember = place === 'memberDefaults' ? find('member') : undefined;
    if (ofMember === undefined) return undefined;
    return { problem: 'it belongs to one member', advice: `write ${ofMember} on the member itself` };
  }
  const shared = find('memberDefaults');
  if (shared !== undefined) {
    return {
      problem: 'it is a parameter of members',
      advice: `write ${shared} on a member, or in memberDefaults for all`,
    };
  }
  const own = find('member');
  if (own !== undefined)
    return { problem: 'it is a parameter of members', advice: `write ${own} on a member` };
  const tls = find('tls');
  if (tls !== undefined) {
    return {
      problem: 'TLS to the members has a record of its own',
      advice: `write memberDefaults: { tls: { ${tls}: … } }`,
    };
  }
  const hpm = find('httpProxyMiddleware');
  if (hpm === undefined) return undefined;
  return {
    problem: "it is an option of http-proxy-middleware's",
    advice: `write httpProxyMiddleware: { ${hpm}: … }`,
  };
}
