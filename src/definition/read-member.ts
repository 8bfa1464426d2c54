import { compileAllowMembers } from './allow-members.ts';
import { buildMember } from './build-member.ts';
import { checkMember } from './check-member.ts';
import { checkParametersOf, identifyServer, readAddress, stateTwin } from './check-members.ts';
import { isAmbiguous, mayShareRoutes, readRouted, tellAmbiguous } from './check-routes.ts';
import { checkRedirect, checkRouteUse } from './check-sessions.ts';
import { checkMemberTls } from './check-tls.ts';
import { copyMember } from './copy-definition.ts';
import type { BalancerDefinition } from './definition.ts';
import { describe, quote } from './describe.ts';
import { toMilliseconds } from './duration.ts';
import { isString } from './judges.ts';
import type { MemberDefinition } from './member-definition.ts';
import { optionNames } from './option-names.ts';
import { DefinitionError, isOptions, stateProblem, type Problem } from './problem.ts';
import type { MemberSettings } from './settings.ts';
import { correctNames } from './spelling.ts';

/** What a new member joins. */
export type Company = Readonly<{
  /** As it holds now: for `memberDefaults`, `proxytimeout`, and how sessions are bound. */
  definition: BalancerDefinition;
  members: readonly MemberSettings[];
}>;

const path = 'member';

/**
 * The settings of a member that is added to those that are there.
 *
 * @throws {DefinitionError} when anything is wrong with it, by itself or beside the others.
 */
export function readMember(value: unknown, { definition, members }: Company): MemberSettings {
  const copy = copyMember(value);
  const memberDefaults = copyMember(definition.memberDefaults);
  const problems = [
    ...checkNew(copy),
    // By its right names, where those are certain: what is misspelt is told once.
    ...checkParametersOf(
      isOptions(copy) ? correctNames(copy, optionNames.member) : copy,
      path,
      memberDefaults,
    ),
    ...checkBeside(copy, members, memberDefaults, definition.compat),
    ...checkRouteUse(copy, path, definition),
    ...checkAllowed(copy, definition.allowMembers),
  ];
  // OpenSSL is asked about what is otherwise in order.
  const all = problems.length > 0 ? problems : checkMemberTls(copy, path, memberDefaults);
  if (all.length > 0)
    throw new DefinitionError(all, `The new member of balancer ${quote(definition.name ?? 'balancer')}`);
  return buildMember(copy as string | MemberDefinition, {
    memberDefaults: definition.memberDefaults,
    proxytimeoutMs: toMilliseconds(definition.proxytimeout ?? 60),
    taken: new Set(members.map(({ name }) => name)),
  });
}

function checkNew(member: unknown): readonly Problem[] {
  if (member !== undefined && member !== null) return checkMember(member, path);
  const fault = {
    problem: 'there is no member here',
    advice: "write a URL such as 'http://host:3000', or { url, … }",
  };
  return [stateProblem(path, member, fault)];
}

/** A handler or a socket came with the program: no host could be named for it. */
function checkAllowed(member: unknown, allowMembers: BalancerDefinition['allowMembers']): readonly Problem[] {
  const address = readAddress(member);
  if (allowMembers === undefined || !address || address.socketPath !== undefined) return [];
  let failure: unknown;
  const isAllowed = compileAllowMembers(allowMembers, (problem) => {
    failure = problem;
  });
  if (isAllowed(new URL(address.url))) return [];
  const fault =
    failure === undefined
      ? { problem: 'this server is not allowed', advice: 'ask for it in allowMembers' }
      : { problem: `allowMembers has failed: ${tellThrown(failure)}`, advice: 'mend the function' };
  return [stateProblem(`${path}.url`, address.url, fault)];
}

function tellThrown(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : describe(thrown);
}

function checkBeside(
  member: unknown,
  members: readonly MemberSettings[],
  memberDefaults: unknown,
  compat: BalancerDefinition['compat'],
): readonly Problem[] {
  const address = readAddress(member);
  const key = address && identifyServer(address);
  const twin =
    address && members.find((other) => other.handler === undefined && identifyServer(other) === key);
  const routed = readRouted(member, memberDefaults);
  const other = mayShareRoutes(compat) ? undefined : members.find((each) => isAmbiguous(routed, each));
  const own = isOptions(member) && isString(member['route']) ? [member['route']] : [];
  const routes = members.flatMap(({ route }) => route ?? []);
  return [
    ...(twin
      ? [stateTwin(member, path, quote(twin.name), `write balancer.change(${quote(twin.name)}, …)`)]
      : []),
    ...(other ? [stateProblem(`${path}.route`, routed.route, tellAmbiguous(quote(other.name)))] : []),
    ...checkRedirect(member, path, [...own, ...routes]),
  ];
}
