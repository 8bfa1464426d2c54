import { healthChecks } from './check-health.ts';
import { findStatusFault } from './check-status.ts';
import { checkTls } from './check-tls.ts';
import { isString, judgeBoolean, judgeDuration, judgeNumber, judgeText, judgeWord } from './judges.ts';
import type { HandlerMember, MemberParameters, ServerMember } from './member-definition.ts';
import { parseMemberUrl } from './member-url.ts';
import { checkBy, checkOptions, isFault, isOptions, stateProblem } from './problem.ts';
import type { Check, Fault, Judge, Options, Problem } from './problem.ts';
import { checkResolve } from './check-resolver.ts';
import { checkUnknownIn } from './unknown-options.ts';

const longestRoute = 63;

const checkTimeout = checkBy(judgeDuration({ instead: "write a time; '24h' is as good as never" }));

const judgeRetryMax: Judge = judgeDuration('allowed');

/** The checks of the parameters that members may share, each by itself. */
export const parameterChecks: Readonly<Record<keyof Omit<MemberParameters, 'route' | 'redirect'>, Check>> = {
  loadfactor: checkBy(judgeWeight),
  lbset: checkBy(judgeNumber('the number of a set', { min: 0, max: 99, whole: true })),
  status: checkBy(judgeStatus),
  retry: checkBy(judgeDuration('allowed')),
  retryMax: checkBy((value) => (value === false ? undefined : judgeRetryMax(value))),
  slowStart: checkBy(judgeDuration('allowed')),
  max: checkBy(judgeMax),
  acquire: checkBy(judgeDuration('allowed', 'ms')),
  timeout: checkTimeout,
  connectiontimeout: checkTimeout,
  ttl: checkBy(judgeDuration({ instead: 'write disablereuse: true for connections that are not kept' })),
  disablereuse: checkBy(judgeBoolean),
  keepalive: checkBy(judgeBoolean),
  // Less holds no head; more is kept in memory for each connection.
  responsefieldsize: checkBy(judgeNumber('a number of bytes', { min: 512, max: 1_048_576, whole: true })),
  tls: checkTls,
  ...healthChecks,
};

/** The check of `route` and `redirect`. */
export const checkRoute: Check = checkBy(judgeRoute);

const serverChecks: Readonly<Record<keyof ServerMember, Check>> = {
  url: checkBy(judgeUrl),
  route: checkRoute,
  redirect: checkRoute,
  ...parameterChecks,
  resolve: checkBy(judgeWord(['A', 'SRV'])),
  handler: checkBy(judgeHandler),
};

const { loadfactor, lbset, status, max, acquire } = parameterChecks;

const handlerChecks: Readonly<Record<Exclude<keyof HandlerMember, 'url'>, Check>> = {
  handler: checkBy(judgeHandler),
  route: checkRoute,
  redirect: checkRoute,
  loadfactor,
  lbset,
  status,
  max,
  acquire,
};

/** The check of one member by itself: a URL, a server or a handler. */
export const checkMember: Check = (value, path) => {
  if (!isOptions(value)) return checkBy(judgeLoneUrl)(value, path);
  if (value['handler'] !== undefined && value['url'] === undefined)
    return checkOptions(value, path, handlerChecks, checkUnknownIn('handlerMember'));
  const problems = checkOptions(value, path, serverChecks, checkUnknownIn('member'), 'url');
  // Another word for a handler stands in place of its URL.
  const isHandler = problems.some(({ advice }) => advice === 'write handler');
  return [
    ...(isHandler ? problems.filter((problem) => problem.path !== `${path}.url`) : problems),
    ...checkKind(value, path),
    ...checkTlsIsUsed(value, path),
    ...checkResolve(value, path),
  ];
};

function judgeUrl(value: unknown): Fault | undefined {
  if (value === undefined)
    return { problem: 'a member is where its URL says', advice: "write 'http://host:3000'" };
  const address = parseMemberUrl(value);
  return isFault(address) ? address : undefined;
}

function judgeLoneUrl(value: unknown): Fault | undefined {
  if (value === undefined || value === null)
    return { problem: 'there is no member here', advice: 'take it out of the list' };
  if (typeof value === 'function')
    return { problem: 'a handler is written as a member', advice: 'write { handler: … }' };
  return judgeUrl(value);
}

function judgeHandler(value: unknown): Fault | undefined {
  if (typeof value === 'function') return undefined;
  return { problem: 'it must be a function', advice: 'write (req, res, next) => { … }' };
}

function judgeRoute(value: unknown): Fault | undefined {
  const fault = judgeText('a label', "a label such as 'app1'")(value);
  if (fault) return fault;
  const bytes = Buffer.byteLength(String(value));
  if (bytes <= longestRoute) return undefined;
  return {
    problem: `it has ${bytes} bytes, and httpd allows ${longestRoute}`,
    advice: 'write a shorter one',
  };
}

function judgeWeight(value: unknown): Fault | undefined {
  const fault = judgeNumber('a weight', { min: 1, max: 100, whole: false })(value);
  return fault && value === 0
    ? { ...fault, advice: `${fault.advice}, or status: 'N' for no new requests` }
    : fault;
}

function judgeStatus(value: unknown): Fault | undefined {
  if (!isString(value))
    return {
      problem: 'it must be a text of status letters or words',
      advice: "write 'D', '+H-E' or 'drain'",
    };
  return findStatusFault(value);
}

function judgeMax(value: unknown): Fault | undefined {
  if (value === 0)
    return { problem: "httpd's 0 is its default, which here is no limit", advice: 'leave it out' };
  if (value === Infinity || value === false)
    return { problem: 'there is no limit anyway', advice: 'leave it out' };
  return judgeNumber('a number of requests', { min: 1, whole: true })(value);
}

function checkKind(member: Options, path: string): readonly Problem[] {
  if (member['handler'] === undefined) return [];
  const fault = {
    problem: 'a member is a server or a handler',
    advice: 'leave url out, or write two members',
  };
  return [stateProblem(`${path}.handler`, member['handler'], fault)];
}

function checkTlsIsUsed(member: Options, path: string): readonly Problem[] {
  const address = parseMemberUrl(member['url']);
  if (member['tls'] === undefined || isFault(address) || address.protocol !== 'http:') return [];
  const fault = {
    problem: 'the member is spoken to without TLS',
    advice: 'write https:// in its url, or leave tls out',
  };
  return [stateProblem(`${path}.tls`, member['tls'], fault)];
}
