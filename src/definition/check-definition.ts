import {
  checkAutoRewrite,
  checkCarriedPaths,
  checkCarriedUpgrade,
  checkChangeOrigin,
  checkHttpProxyMiddleware,
} from './check-http-proxy-middleware.ts';
import { checkEjection } from './check-ejection.ts';
import { checkHashBalance, checkHashing, checkHashKey } from './check-hashing.ts';
import { checkQueueTimeout } from './check-limits.ts';
import { checkLbmethod } from './check-lbmethod.ts';
import { checkMemberDefaults, checkMembers, checkParameters } from './check-members.ts';
import { checkResolver, checkResolverUse } from './check-resolver.ts';
import { checkAmbiguousRoutes } from './check-routes.ts';
import { checkRouteCookie } from './check-route-cookie.ts';
import {
  checkRouteregex,
  checkSessions,
  checkStickysession,
  checkStickysessionsep,
} from './check-sessions.ts';
import { checkLogger } from './check-logger.ts';
import { checkWarnings } from './check-warnings.ts';
import { checkExclude, checkPathRewrite } from './check-paths.ts';
import { checkCookieTable, checkProxypassreverse, checkReverse } from './check-reverse.ts';
import { checkFailonstatus, checkFailoverOn, checkProxyerroroverride } from './check-statuses.ts';
import { checkUpgrade } from './check-upgrade.ts';
import { checkTlsTogether } from './check-tls.ts';
import { checkAllowMembers } from './allow-members.ts';
import { checkState } from './check-state.ts';
import { copyDefinition } from './copy-definition.ts';
import type { BalancerDefinition } from './definition.ts';
import { isArray, quote } from './describe.ts';
import {
  isFlag,
  isString,
  judgeBoolean,
  judgeDuration,
  judgeEither,
  judgeNumber,
  judgeText,
  judgeWord,
  refuseNonOptions,
} from './judges.ts';
import { optionNames } from './option-names.ts';
import {
  checkBy,
  checkOptions,
  DefinitionError,
  isOptions,
  type Check,
  type Fault,
  type Options,
  type Problem,
} from './problem.ts';
import { correctNames } from './spelling.ts';
import { checkUnknownIn } from './unknown-options.ts';

const isWordOfItsOwn = (value: unknown): boolean => isString(value) && !isFlag(value);

const checkBoolean = checkBy(judgeBoolean);

/** The check of each option by itself. */
export const balancerChecks: Readonly<Record<keyof BalancerDefinition, Check>> = {
  name: checkBy(judgeName),
  members: checkMembers,
  memberDefaults: checkMemberDefaults,
  lbmethod: checkLbmethod,
  hashKey: checkHashKey,
  hashBalance: checkHashBalance,
  stickysession: checkStickysession,
  stickysessionsep: checkStickysessionsep,
  separatorMatch: checkBy(judgeWord(['first', 'last'])),
  routeregex: checkRouteregex,
  scolonpathdelim: checkBoolean,
  routeCookie: checkRouteCookie,
  nofailover: checkBoolean,
  maxattempts: checkBy(judgeNumber('a number of further members', { min: 0, whole: true })),
  timeout: checkBy(judgeDuration('allowed')),
  proxytimeout: checkBy(judgeDuration({ instead: "write a time; '24h' is as good as never" })),
  deadline: checkBy(judgeDuration({ instead: 'leave it out for no deadline' })),
  failonstatus: checkFailonstatus,
  failontimeout: checkBoolean,
  forcerecovery: checkBoolean,
  ejection: checkEjection,
  hold: checkBy(judgeDuration({ instead: 'leave it out for no hold' })),
  // Each is a request that is open, with its socket.
  queueLength: checkBy(judgeNumber('a number of requests', { min: 0, max: 1_000_000, whole: true })),
  queueTimeout: checkBy(
    judgeDuration({ instead: 'write acquire: 0 for members that nobody is to wait for' }),
  ),
  resolver: checkResolver,
  failoverOn: checkFailoverOn,
  // Kept in memory for each request under way: a thousand of them with 64 MiB each are 64 GiB.
  replayBytes: checkBy(
    judgeNumber('a number of bytes, for each request', { min: 0, max: 67_108_864, whole: true }),
  ),
  exclude: checkExclude,
  pathRewrite: checkPathRewrite,
  proxypreservehost: checkBoolean,
  proxyaddheaders: checkBy(
    judgeEither(judgeBoolean, isWordOfItsOwn, judgeWord(['x-forwarded', 'forwarded', 'both'])),
  ),
  trustProxy: checkBy(judgeTrustProxy),
  proxyvia: checkBy(judgeWord(['Off', 'On', 'Full', 'Block'])),
  proxymaxforwards: checkBy(
    judgeNumber('a number of hops, or -1', { min: -1, max: 2 ** 31 - 1, whole: true }),
  ),
  proxyerroroverride: checkProxyerroroverride,
  proxypassreverse: checkProxypassreverse,
  proxypassreversecookiedomain: checkCookieTable('domain'),
  proxypassreversecookiepath: checkCookieTable('path'),
  compat: checkBy(judgeWord(['httpd'])),
  serverTiming: checkBoolean,
  upgrade: checkUpgrade,
  upgradeTimeout: checkBy(judgeDuration({ instead: 'leave it out for no limit' })),
  httpProxyMiddleware: checkHttpProxyMiddleware,
  allowMembers: checkAllowMembers,
  state: checkState,
  logger: checkLogger,
  warnings: checkWarnings,
};

/**
 * A copy of a definition, checked: each of its properties was read once, so what was checked is what is used.
 *
 * @throws {DefinitionError} when anything is wrong with it.
 */
export function readDefinition(value: unknown): BalancerDefinition {
  const copy = takeOutAnnotation(copyDefinition(value));
  const problems = checkCopy(copy);
  if (problems.length === 0) return copy as BalancerDefinition;
  const name = isOptions(copy) ? copy['name'] : undefined;
  throw new DefinitionError(
    problems,
    isString(name) ? `The definition of balancer ${quote(name)}` : undefined,
  );
}

/** `$schema` tells an editor how to read a file, and the balancer nothing. */
function takeOutAnnotation(copy: unknown): unknown {
  if (!isOptions(copy) || !isString(copy['$schema'])) return copy;
  const entries = Object.entries(copy).filter(([name]) => name !== '$schema');
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}

/** Everything that is wrong with it; throws for nothing. */
function checkCopy(copy: unknown): readonly Problem[] {
  if (!isOptions(copy))
    return refuseNonOptions(copy, 'definition', "write { members: ['http://host:3000'] }");
  const ofOptions = checkOptions(copy, '', balancerChecks, checkUnknownIn('balancer'), 'members');
  // A name that is misspelt for certain says what it means: what it is beside others is told at once.
  const meant = correctOptions(copy);
  const problems = [
    ...ofOptions,
    ...checkTogether(meant, ofOptions),
    ...checkAmbiguousRoutes(meant),
    ...checkParameters(meant, ofOptions),
  ];
  // OpenSSL is asked about what is otherwise in order.
  return problems.length > 0
    ? problems
    : checkTlsTogether(copy['members'] as readonly unknown[], copy['memberDefaults']);
}

/** What options say together, and with the members. `told`: what is wrong with each by itself. */
export function checkTogether(definition: Options, told: readonly Problem[]): readonly Problem[] {
  const isMisspelt = told.some(({ advice }) => /^write stickysession\b/.test(advice));
  return [
    ...checkSessions(definition, isMisspelt),
    ...checkQueueTimeout(definition),
    ...checkHashing(definition),
    ...checkResolverUse(definition),
    ...checkChangeOrigin(definition),
    ...checkAutoRewrite(definition),
    ...checkCarriedUpgrade(definition),
    ...checkCarriedPaths(definition),
    ...checkReverse(definition),
  ];
}

/** A definition with its options, and those of its members, by their right names, where those are certain. */
function correctOptions(copy: Options): Options {
  const options = correctNames(copy, optionNames.balancer);
  const { members, memberDefaults } = options;
  const correct = (value: unknown): unknown =>
    isOptions(value) ? correctNames(value, optionNames.member) : value;
  return {
    ...options,
    ...(isArray(members) ? { members: members.map(correct) } : {}),
    ...(memberDefaults === undefined ? {} : { memberDefaults: correct(memberDefaults) }),
  };
}

function judgeName(value: unknown): Fault | undefined {
  const [, name] = (isString(value) && /^balancer:\/\/([^/]+)\/?$/i.exec(value)) || [];
  if (name !== undefined) return { problem: 'a name has no scheme', advice: `write ${quote(name)}` };
  return judgeText('a name', "a name such as 'app-balancer'")(value);
}

function judgeTrustProxy(value: unknown): Fault | undefined {
  if (typeof value === 'boolean' || typeof value === 'function') return undefined;
  return {
    problem: 'it must be true, false or address => boolean',
    advice: "leave it out and write app.set('trust proxy', …), which takes numbers and names too",
  };
}
