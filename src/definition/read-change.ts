import { parseStatus, Status } from '../member/status.ts';
import { allowNull } from './allow-null.ts';
import { rebuildMember } from './build-member.ts';
import { healthChecks } from './check-health.ts';
import { checkRoute, parameterChecks } from './check-member.ts';
import { checkParametersOf } from './check-members.ts';
import { isAmbiguous, mayShareRoutes, tellAmbiguous } from './check-routes.ts';
import { judgeRedirect } from './check-sessions.ts';
import { findStatusFault, judgeRoles } from './check-status.ts';
import { copyMember } from './copy-definition.ts';
import { quote } from './describe.ts';
import { isString, judgeBoolean } from './judges.ts';
import type { MemberChangeOptions } from './member-change.ts';
import type { MemberDefinition } from './member-definition.ts';
import { checkBy, checkOptions, DefinitionError, isOptions, stateProblem } from './problem.ts';
import type { Check, Options, Problem } from './problem.ts';
import type { MemberSettings, Settings } from './settings.ts';
import { checkUnknownIn } from './unknown-options.ts';

/** What a change makes of a member. */
export type ReadChange = Readonly<{
  /** The same object where no parameter is another one now. */
  settings: MemberSettings;
  /** All its flags, where the change speaks of them. */
  status: number | undefined;
}>;

const path = 'change';

const flags = {
  disabled: Status.disabled,
  stopped: Status.stopped,
  drain: Status.drain,
  inError: Status.inError,
  ignoreErrors: Status.ignoreErrors,
  hotStandby: Status.hotStandby,
  hotSpare: Status.hotSpare,
} as const satisfies Partial<Record<keyof MemberChangeOptions, number>>;

const checkFlag = checkBy(judgeBoolean);

const { status, loadfactor, lbset, retry, retryMax, slowStart, max, acquire, timeout } = parameterChecks;
const { hcmethod, hcuri, hcinterval, hcpasses, hcfails, hctimeout, hcheaders, hcexpect } = healthChecks;
// Warm-up is for members that come, or come back.
const changeableHealth = { hcmethod, hcuri, hcinterval, hcpasses, hcfails, hctimeout, hcheaders, hcexpect };

const parametersOfChange = {
  loadfactor,
  lbset,
  route: checkRoute,
  redirect: checkRoute,
  retry,
  retryMax,
  slowStart,
  max,
  acquire,
  timeout,
  ...changeableHealth,
} as const satisfies Readonly<
  Record<Exclude<keyof MemberChangeOptions, 'status' | keyof typeof flags>, Check>
>;

/** The parameters that a change may speak of; flags are a member's state. */
export const changeable: readonly string[] = Object.keys(parametersOfChange);

const changeChecks: Readonly<Record<string, Check>> = {
  status,
  ...Object.fromEntries(
    Object.entries(parametersOfChange).map(([name, check]): [string, Check] => [name, allowNull(check)]),
  ),
  disabled: checkFlag,
  stopped: checkFlag,
  drain: checkFlag,
  inError: checkFlag,
  ignoreErrors: checkFlag,
  hotStandby: checkFlag,
  hotSpare: checkFlag,
};

const refuseForHandler = checkBy(() => ({
  problem: 'it is for servers, and a handler is none',
  advice: 'leave it out',
}));

const ofServers = ['retry', 'retryMax', 'slowStart', 'timeout', ...Object.keys(changeableHealth)];

const handlerChangeChecks: Readonly<Record<string, Check>> = {
  ...changeChecks,
  ...Object.fromEntries(ofServers.map((option) => [option, refuseForHandler])),
};

/**
 * What a change, status letters or a record, makes of a member among others. `status`: its flags now. `compat`: the balancer's.
 *
 * @throws {DefinitionError} when anything is wrong with the change; then nothing of it holds.
 */
export function readChange(
  value: unknown,
  member: MemberSettings,
  members: Iterable<MemberSettings>,
  status: number,
  compat?: Settings['compat'],
): ReadChange {
  const copy = copyMember(value);
  const problems = checkChange(copy, member, members, status, mayShareRoutes(compat));
  if (problems.length > 0) throw new DefinitionError(problems, `The change of member ${quote(member.name)}`);
  if (isString(copy)) return { settings: member, status: parseStatus(copy, status) };
  // Checked above.
  const options = copy as MemberChangeOptions;
  return { settings: changeParameters(member, options), status: changeStatus(options, status) };
}

function checkChange(
  copy: unknown,
  member: MemberSettings,
  members: Iterable<MemberSettings>,
  status: number,
  sharesRoutes: boolean,
): readonly Problem[] {
  if (isString(copy)) return checkBy(() => findStatusFault(copy, status))(copy, path);
  if (!isOptions(copy)) {
    const advice = "write '+D', '-drain' or { loadfactor: 2 }";
    return [stateProblem(path, copy, { problem: 'it must be a status or a record of options', advice })];
  }
  const checks = member.handler === undefined ? changeChecks : handlerChangeChecks;
  const problems = checkOptions(copy, path, checks, checkUnknownIn('change'));
  if (problems.length > 0) return problems;
  const { own, kept } = resolveNulls(copy, member);
  const mayTakeAway = (option: string): boolean => inheritedOf(member)[option] === undefined;
  return [
    ...checkParametersOf(own, path, kept, (option) =>
      mayTakeAway(option) ? `write ${option}: null too` : undefined,
    ),
    ...checkRoles(copy, status),
    ...(sharesRoutes ? [] : checkRouteBeside(copy, member, members, status)),
    ...checkRedirectBeside(copy, member, members),
  ];
}

function inheritedOf({ inherited }: MemberSettings): Options {
  return inherited?.parameters ?? {};
}

/** A change with what its nulls come to, and what else the member's definition says then. */
function resolveNulls(
  options: MemberChangeOptions,
  member: MemberSettings,
): Readonly<{ own: Options; kept: Options }> {
  // A default that others are measured by.
  const inherited: Options = { retry: 60, ...inheritedOf(member) };
  const given = Object.entries(options).map(([name, value]) => [name, value ?? inherited[name]] as const);
  const kept = Object.entries(member.definition).filter(
    ([name]) => options[name as keyof MemberChangeOptions] !== null,
  );
  // As definitions are copied before they are checked.
  return {
    own: copyMember(Object.fromEntries(given.filter(([, value]) => value !== undefined))) as Options,
    kept: copyMember(Object.fromEntries(kept)) as Options,
  };
}

function checkRoles(options: MemberChangeOptions, status: number): readonly Problem[] {
  const flagsNow = changeStatus(options, status);
  const fault = flagsNow === undefined ? undefined : judgeRoles(flagsNow, status);
  if (!fault) return [];
  const name = options.hotSpare ? 'hotSpare' : options.hotStandby ? 'hotStandby' : 'status';
  const other = { hotSpare: 'hotStandby', hotStandby: 'hotSpare', status: undefined }[name];
  const advice = other === undefined ? fault.advice : `write ${other}: false too`;
  return [stateProblem(`${path}.${name}`, options[name], { ...fault, advice })];
}

/** Only changes that are about the others have to go through many members. */
function listOthers({ name }: MemberSettings, members: Iterable<MemberSettings>): readonly MemberSettings[] {
  return [...members].filter((other) => other.name !== name);
}

function checkRouteBeside(
  options: MemberChangeOptions,
  member: MemberSettings,
  members: Iterable<MemberSettings>,
  status: number,
): readonly Problem[] {
  const changed = options.route === undefined ? 'lbset' : 'route';
  if (options[changed] === undefined) return [];
  const routed = {
    route: options.route === undefined ? member.route : (options.route ?? undefined),
    lbset:
      options.lbset === undefined
        ? member.lbset
        : (options.lbset ?? Number(inheritedOf(member)['lbset'] ?? 0)),
    status: changeStatus(options, status) ?? status,
  };
  const other = listOthers(member, members).find((each) => isAmbiguous(routed, each));
  return other
    ? [stateProblem(`${path}.${changed}`, options[changed], tellAmbiguous(quote(other.name)))]
    : [];
}

function checkRedirectBeside(
  options: MemberChangeOptions,
  member: MemberSettings,
  members: Iterable<MemberSettings>,
): readonly Problem[] {
  const route = options.route === undefined ? member.route : (options.route ?? undefined);
  if (isString(options.redirect)) {
    const routes = [...listOthers(member, members).map((other) => other.route), route].filter(isString);
    const fault = judgeRedirect(options.redirect, route, routes);
    return fault ? [stateProblem(`${path}.redirect`, options.redirect, fault)] : [];
  }
  const isKept = options.redirect === undefined && member.redirect !== undefined;
  if (!isKept || options.route === undefined) return [];
  if (route !== undefined && route !== member.redirect) return [];
  const fault = {
    problem: `its sessions go to ${quote(member.redirect)} while it is unusable, by their route`,
    advice: 'write redirect: null too',
  };
  return [stateProblem(`${path}.route`, options.route, fault)];
}

/** `status` first, then the flags one by one. */
function changeStatus(options: MemberChangeOptions, status: number): number | undefined {
  // The names of a const record.
  const named = (Object.keys(flags) as (keyof typeof flags)[]).filter((name) => options[name] !== undefined);
  if (options.status === undefined && named.length === 0) return undefined;
  return named.reduce(
    (all, name) => (options[name] ? all | flags[name] : all & ~flags[name]),
    parseStatus(options.status ?? '', status),
  );
}

function changeParameters(member: MemberSettings, options: MemberChangeOptions): MemberSettings {
  const now: Options = member.definition;
  const inherited = inheritedOf(member);
  const changed = Object.entries(options)
    .filter(([name, value]) => changeable.includes(name) && value !== undefined)
    .map(([name, value]) => [name, value ?? inherited[name]] as const)
    .filter(([name, value]) => value !== now[name]);
  if (changed.length === 0) return member;
  const next = Object.entries({ ...now, ...Object.fromEntries(changed) });
  // A definition that was checked, with options that were.
  const definition = Object.fromEntries(next.filter(([, value]) => value !== undefined));
  return rebuildMember(member, definition as unknown as MemberDefinition);
}
