import { findFixed, update } from './configurable.ts';
import { optionNames, type Place } from './option-names.ts';
import { otherWords } from './other-words.ts';
import type { Fault } from './problem.ts';
import { refusedOptions } from './refused-options.ts';
import { foldName } from './spelling.ts';

/** Where parameters of members are written, or a part of them. */
type MemberPlace = 'member' | 'memberDefaults' | 'handlerMember' | 'change';

/** What to say of a folded name that is no option here: a word for one, or an option of another record. */
export function findElsewhere(place: Place, folded: string): Fault | undefined {
  switch (place) {
    case 'balancer':
      return findForBalancer(folded);
    case 'member':
    case 'memberDefaults':
    case 'handlerMember':
    case 'change':
      return findForMember(place, folded);
    case 'tls':
    case 'hcexpect':
    case 'hashKey':
    case 'ejection':
    case 'routeCookie':
    case 'failoverOn':
    case 'httpProxyMiddleware':
      return otherWords[place].get(folded);
  }
}

function findForBalancer(folded: string): Fault | undefined {
  return (
    otherWords.balancer.get(folded) ??
    refusedOptions.get(folded) ??
    findOfMembers(folded) ??
    findTls(folded, 'TLS to the members has a record of its own', 'memberDefaults: { tls: {') ??
    findInRecord(folded) ??
    findHttpProxyMiddleware(folded)
  );
}

/** On the balancer, what is said of members. */
function findOfMembers(folded: string): Fault | undefined {
  const option = findOption('member', folded);
  const fault =
    option === undefined
      ? otherWords.member.get(folded)
      : { problem: 'it is a parameter of members', advice: `write ${option}` };
  const advised = fault && readAdvised(fault);
  if (fault === undefined || advised === undefined || !optionNames.member.includes(advised)) return fault;
  // It names the place itself.
  if (fault.advice.startsWith('write it in')) return fault;
  const isShared = optionNames.memberDefaults.includes(advised);
  return {
    ...fault,
    advice: `${fault.advice} on a member${isShared ? ', or in memberDefaults for all' : ''}`,
  };
}

function findForMember(place: MemberPlace, folded: string): Fault | undefined {
  const word = otherWords[place].get(folded);
  if (word) return limit(place, word);
  const own = findOption('member', folded);
  if (own !== undefined) return refuseParameter(place, own);
  const tls = findTls(folded, 'TLS has a record of its own', 'tls: {');
  if (tls) return limit(place, tls);
  return refusedOptions.get(folded) ?? findBesideMembers(place, folded);
}

/** On a member, what is said of the balancer. */
function findBesideMembers(place: MemberPlace, folded: string): Fault | undefined {
  const option = findOption('balancer', folded);
  const fault =
    option === undefined
      ? (otherWords.balancer.get(folded) ?? findInRecord(folded))
      : { problem: '', advice: `write ${option}` };
  const advised = fault && readAdvised(fault);
  if (fault === undefined || advised === undefined || !optionNames.balancer.includes(advised)) return fault;
  // Nobody writes members in a member: it is another word that was meant, or none.
  if (option === undefined && /^member/.test(advised)) return undefined;
  return place === 'change'
    ? tellConfigurable(advised)
    : { problem: 'it is an option of the balancer', advice: `${fault.advice} beside members` };
}

/** Of an option of the balancer, in whatever record it stands. */
export function tellBalancerOption(folded: string): Fault | undefined {
  const option = findOption('balancer', folded);
  if (option === undefined) return undefined;
  return { problem: 'it is an option of the balancer', advice: `write ${option} beside members` };
}

/** A word's fault where what it advises cannot stand here. */
function limit(place: MemberPlace, fault: Fault): Fault {
  const advised = readAdvised(fault);
  if (place === 'change' && fault.advice.includes('beside members')) return tellConfigurable(advised);
  if (advised === undefined || !optionNames.member.includes(advised)) return fault;
  return optionNames[place].includes(advised) ? fault : (refuseParameter(place, advised) ?? fault);
}

/** Of an option of the balancer, in a change of a member. */
function tellConfigurable(option: string | undefined): Fault {
  const isConfigurable = option !== undefined && findFixed(option) === undefined;
  return {
    problem: 'it is an option of the balancer',
    advice: isConfigurable ? `write balancer.configure({ ${option}: … })` : update,
  };
}

/** A parameter of members where there is no server, or none that could take it over. */
function refuseParameter(place: MemberPlace, option: string): Fault | undefined {
  switch (place) {
    case 'memberDefaults':
      return { problem: 'it belongs to one member', advice: `write ${option} on the member itself` };
    case 'handlerMember':
      return { problem: 'it is for servers, and a handler is none', advice: 'leave it out' };
    case 'change':
      return {
        problem: 'it does not change while a member runs',
        advice: update,
      };
    case 'member':
      return undefined;
  }
}

function findTls(folded: string, problem: string, record: string): Fault | undefined {
  const option = findOption('tls', folded) ?? readAdvised(otherWords.tls.get(folded));
  if (option === undefined) return undefined;
  return {
    problem,
    advice: `write ${record} ${option}: … }${record.startsWith('memberDefaults') ? ' }' : ''}`,
  };
}

/** Options of the balancer's records, outside them. */
function findInRecord(folded: string): Fault | undefined {
  for (const record of ['ejection', 'routeCookie', 'failoverOn', 'hashKey'] as const) {
    const option = findOption(record, folded);
    if (option === undefined) continue;
    return { problem: 'there is no such option', advice: `write ${record}: { ${option}: … }` };
  }
  return undefined;
}

function findHttpProxyMiddleware(folded: string): Fault | undefined {
  const option = findOption('httpProxyMiddleware', folded);
  if (option === undefined) return undefined;
  return {
    problem: "it is an option of http-proxy-middleware's",
    advice: `write httpProxyMiddleware: { ${option}: … }`,
  };
}

function findOption(place: Place, folded: string): string | undefined {
  return optionNames[place].find((option) => foldName(option) === folded);
}

/** The option that an advice is about. */
function readAdvised(fault: Fault | undefined): string | undefined {
  return /^write (?:it in )?(\w+)(?:$|[: ])/.exec(fault?.advice ?? '')?.[1];
}
