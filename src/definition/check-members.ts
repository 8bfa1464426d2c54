import { checkDefaultHealth, checkHealthTogether, unchecked } from './check-health.ts';
import { checkAcquire, checkDefaultAcquire } from './check-limits.ts';
import { checkMember, parameterChecks } from './check-member.ts';
import { checkDefaultRetry, checkRetry } from './check-retry.ts';
import { isArray, quote } from './describe.ts';
import { isString, refuseNonOptions } from './judges.ts';
import { parseMemberUrl, type MemberAddress } from './member-url.ts';
import { checkOptions, isFault, isOptions, stateProblem } from './problem.ts';
import type { Check, Options, Problem } from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

/** The check of the list of members: of each, and whether two are the same. */
export const checkMembers: Check = (value, path) => {
  const advice = "write ['http://host:3000']";
  if (isString(value))
    return [stateProblem(path, value, { problem: 'it must be a list', advice: `write [${quote(value)}]` })];
  if (!isArray(value))
    return [stateProblem(path, value, { problem: 'it must be a list of URLs or of { url, … }', advice })];
  if (value.length === 0)
    return [stateProblem(path, value, { problem: 'a balancer needs a member', advice })];
  return [...value.flatMap((member, i) => checkMember(member, `${path}[${i}]`)), ...checkTwins(value, path)];
};

/** The check of `memberDefaults`. */
export const checkMemberDefaults: Check = (value, path) =>
  isOptions(value)
    ? checkOptions(value, path, parameterChecks, checkUnknownIn('memberDefaults'))
    : refuseNonOptions(value, path, 'write { retry: 10, … }');

/**
 * What parameters say together: those of each member, with those of `memberDefaults`. `told`: what is wrong with each by
 * itself.
 */
export function checkParameters(
  { members, memberDefaults }: Options,
  told: readonly Problem[] = [],
): readonly Problem[] {
  if (!isArray(members)) return [];
  const problems = [
    ...checkDefaultHealth(members, memberDefaults),
    ...checkDefaultRetry(memberDefaults),
    ...checkDefaultTls(members, memberDefaults),
    ...checkDefaultAcquire(members, memberDefaults),
    ...members.flatMap((member, i) => checkParametersOf(member, `members[${i}]`, memberDefaults)),
  ];
  // Another word for it, or a slip: that it is missing is no second fault.
  const isMisspelt = told.some(({ advice }) => /^write hcmethod\b/.test(advice));
  return isMisspelt ? problems.filter(({ problem }) => problem !== unchecked) : problems;
}

/** The same for one member. `adviseOther`: what to do about one of the others that does not fit. */
export function checkParametersOf(
  member: unknown,
  path: string,
  memberDefaults: unknown,
  adviseOther?: (option: string) => string | undefined,
): readonly Problem[] {
  if (!isOptions(member)) return [];
  const limits = checkAcquire(member, path, memberDefaults);
  if (member['handler'] !== undefined) return limits;
  return [
    ...checkHealthTogether(member, path, memberDefaults, adviseOther),
    ...checkRetry(member, path, memberDefaults),
    ...limits,
  ];
}

function checkDefaultTls(members: readonly unknown[], memberDefaults: unknown): readonly Problem[] {
  const tls = isOptions(memberDefaults) ? memberDefaults['tls'] : undefined;
  const servers = members.filter((member) => !isOptions(member) || member['handler'] === undefined);
  if (tls === undefined || servers.some((server) => readAddress(server)?.protocol !== 'http:')) return [];
  const fault = {
    problem: 'every member is spoken to without TLS',
    advice: 'write https:// in their URLs, or leave tls out',
  };
  return [stateProblem('memberDefaults.tls', tls, fault)];
}

/** The address of a member that has a good one. */
export function readAddress(member: unknown): MemberAddress | undefined {
  const address = parseMemberUrl(isOptions(member) ? member['url'] : member);
  return isFault(address) ? undefined : address;
}

/** What two addresses of one server have in common. */
export function identifyServer({
  socketPath,
  origin,
  basePath,
}: Pick<MemberAddress, 'socketPath' | 'origin' | 'basePath'>): string {
  return `${socketPath ?? ''}|${origin}${basePath}`;
}

/** States that a member is one that is there already. */
export function stateTwin(member: unknown, path: string, first: string, advice: string): Problem {
  const [at, given] = isOptions(member) ? [`${path}.url`, member['url']] : [path, member];
  return stateProblem(at, given, { problem: `${first} is the same server`, advice });
}

/** Two members of one address would be one server that is tried twice. */
function checkTwins(members: readonly unknown[], path: string): readonly Problem[] {
  const seen = new Map<string, number>();
  return members.flatMap((member, i) => {
    const address = readAddress(member);
    if (address === undefined) return [];
    const key = identifyServer(address);
    const first = seen.get(key);
    const advice = 'leave one of them out; loadfactor gives a member more requests';
    if (first !== undefined) return [stateTwin(member, `${path}[${i}]`, `${path}[${first}]`, advice)];
    seen.set(key, i);
    return [];
  });
}
