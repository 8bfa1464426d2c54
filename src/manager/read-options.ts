import type { Balancer } from '../balancer.ts';
import { checkLogger } from '../definition/check-logger.ts';
import { copyOptions } from '../definition/copy-definition.ts';
import type { Logger } from '../definition/definition.ts';
import { isArray } from '../definition/describe.ts';
import { isString, judgeText, refuseNonOptions } from '../definition/judges.ts';
import {
  checkBy,
  checkOptions,
  checkSecretBy,
  DefinitionError,
  stateProblem,
  stateSecretProblem,
  type Check,
  type Fault,
  type Problem,
} from '../definition/problem.ts';
import { findNearest, foldName } from '../definition/spelling.ts';
import { insideOf } from '../inside.ts';
import { liveBalancers } from '../live-balancers.ts';
import { checkAllowMembers } from '../definition/allow-members.ts';
import { checkAuthorize } from './door/check-authorize.ts';
import { checkHosts } from './door/check-hosts.ts';
import { parseHost, type HostRule } from './door/host.ts';
import type { Authorize, ManagerOptions } from './manager-options.ts';

/** What a manager was created from, checked and complete. */
export type ManagerSettings = Readonly<{
  balancers: () => readonly Balancer[];
  /** Whether it shows those too that are created later. */
  isOpen: boolean;
  authorize: Authorize | 'loopback-only';
  hosts: HostRule;
  allowMembers: ManagerOptions['allowMembers'];
  onChange: ManagerOptions['onChange'];
  initialChanges: unknown;
  secret: string | undefined;
  title: string;
  logger: Logger;
}>;

const checks: Readonly<Record<keyof ManagerOptions, Check>> = {
  balancers: checkBalancers,
  authorize: checkAuthorize,
  allowMembers: checkAllowMembers,
  hosts: checkHosts,
  onChange: checkBy((value) =>
    typeof value === 'function'
      ? undefined
      : { problem: 'it must be a function', advice: 'write (change, inForce) => store(inForce)' },
  ),
  // What came back from a store is read by itself: what is wrong there is no reason not to start.
  initialChanges: () => [],
  secret: checkSecretBy(judgeSecret),
  title: checkBy(judgeText('a heading', "a text such as 'Balancers of the shop'")),
  logger: checkLogger,
};

/**
 * What a manager is created from, each option read once.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readManagerOptions(given: unknown): ManagerSettings {
  const copy = copyOptions(given);
  const problems =
    copy === undefined
      ? refuseNonOptions(given, 'options', 'write { authorize: … }')
      : checkOptions(copy, '', checks, refuseUnknown, 'authorize');
  if (problems.length > 0) throw new DefinitionError(problems, 'What the manager is created from');
  // Checked above.
  return buildSettings(copy as unknown as ManagerOptions);
}

function buildSettings(options: ManagerOptions): ManagerSettings {
  const { balancers, authorize, hosts, allowMembers, onChange, initialChanges, secret } = options;
  const { title = 'Balancer manager', logger = console } = options;
  const fixed = balancers && [...balancers];
  return {
    balancers: fixed ? () => fixed : liveBalancers,
    isOpen: fixed === undefined,
    authorize,
    hosts: hosts
      ? { kind: 'named', hosts: hosts.flatMap((host) => parseHost(host) ?? []) }
      : { kind: authorize === 'loopback-only' ? 'this-machine' : 'any' },
    allowMembers: typeof allowMembers === 'object' ? [...allowMembers] : allowMembers,
    onChange,
    initialChanges,
    secret,
    title,
    logger: logger === false ? silent : logger,
  };
}

const nothing = (): void => undefined;

const silent: Logger = { info: nothing, warn: nothing, error: nothing };

function checkBalancers(value: unknown, path: string): readonly Problem[] {
  const advice = 'write a list of what createBalancer has returned, or leave it out for all of this process';
  if (!isArray(value)) {
    const isOne = isBalancer(value);
    const fault = { problem: 'it must be a list', advice: isOne ? 'write [balancer]' : advice };
    return [stateProblem(path, value, fault)];
  }
  return value.flatMap((element, i) => {
    const at = `${path}[${i}]`;
    if (!isBalancer(element)) return [stateProblem(at, element, { problem: 'it is no balancer', advice })];
    const first = value.indexOf(element);
    if (first === i) return [];
    return [stateProblem(at, element, { problem: `it is ${path}[${first}] again`, advice: 'write it once' })];
  });
}

function isBalancer(value: unknown): boolean {
  try {
    // It looks whatever it is handed up, and does nothing else with it.
    insideOf(value as Balancer);
    return true;
  } catch {
    return false;
  }
}

function judgeSecret(value: unknown): Fault | undefined {
  const advice =
    'write 16 characters or more that nobody can guess, the same in each process, or leave it out';
  if (!isString(value)) return { problem: 'it must be a text', advice };
  return value.length < 16 ? { problem: 'it is too short', advice } : undefined;
}

/** Words of other packages, and of httpd, for what is called otherwise here; folded. */
const otherWords: Readonly<Record<string, keyof ManagerOptions>> = {
  auth: 'authorize',
  authorise: 'authorize',
  authorization: 'authorize',
  authenticate: 'authorize',
  authenticator: 'authorize',
  users: 'authorize',
  require: 'authorize',
  balancer: 'balancers',
  allowedhosts: 'hosts',
  hostnames: 'hosts',
  host: 'hosts',
  allowedmembers: 'allowMembers',
  allowhosts: 'allowMembers',
  balancerpersist: 'onChange',
  persist: 'onChange',
  changes: 'initialChanges',
  initialstate: 'initialChanges',
  nonce: 'secret',
  csrfsecret: 'secret',
  heading: 'title',
  name: 'title',
  log: 'logger',
};

function refuseUnknown(name: string, value: unknown, path: string): readonly Problem[] {
  const folded = foldName(name);
  const right =
    Object.keys(checks).find((option) => foldName(option) === folded) ??
    (Object.hasOwn(otherWords, folded) ? otherWords[folded] : undefined) ??
    findNearest(name, Object.keys(checks));
  const advice = right === undefined ? 'leave it out' : `write ${right}`;
  const state = right === 'secret' || right === 'authorize' ? stateSecretProblem : stateProblem;
  return [state(path, value, { problem: 'there is no such option', advice })];
}
