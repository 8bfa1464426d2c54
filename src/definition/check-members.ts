import { findStatusFault } from '../member/status.ts';
import { checkTls } from './check-tls.ts';
import type { MemberDefinition, MemberParameters } from './definition.ts';
import { isArray, quote } from './describe.ts';
import { isString, judgeBoolean, judgeDuration, judgeNumber, judgeText, refuseNonOptions } from './judges.ts';
import { parseMemberUrl, type MemberAddress } from './member-url.ts';
import {
  checkBy,
  checkOptions,
  isFault,
  isOptions,
  stateProblem,
  type Check,
  type Fault,
  type Problem,
} from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

const longestRoute = 63;

const checkTimeout = checkBy(judgeDuration({ instead: "write a time; '24h' is as good as never" }));

const parameterChecks: Readonly<Record<keyof Omit<MemberParameters, 'route' | 'redirect'>, Check>> = {
  loadfactor: checkBy(judgeNumber('a weight', { min: 1, max: 100, whole: false })),
  lbset: checkBy(judgeNumber('the number of a set', { min: 0, max: 99, whole: true })),
  status: checkBy(judgeStatus),
  retry: checkBy(judgeDuration('allowed')),
  timeout: checkTimeout,
  connectiontimeout: checkTimeout,
  ttl: checkBy(judgeDuration({ instead: 'write disablereuse: true for connections that are not kept' })),
  disablereuse: checkBy(judgeBoolean),
  keepalive: checkBy(judgeBoolean),
  // Less holds no head; more is kept in memory for each connection.
  responsefieldsize: checkBy(judgeNumber('a number of bytes', { min: 512, max: 1_048_576, whole: true })),
  tls: checkTls,
};

const memberChecks: Readonly<Record<keyof MemberDefinition, Check>> = {
  url: checkBy(judgeUrl),
  route: checkBy(judgeRoute),
  redirect: checkBy(judgeRoute),
  ...parameterChecks,
};

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

const checkMember: Check = (value, path) => {
  if (!isOptions(value)) return checkBy(judgeLoneUrl)(value, path);
  return [
    ...checkOptions(value, path, memberChecks, checkUnknownIn('member'), 'url'),
    ...checkTlsIsUsed(value, path),
  ];
};

/** The check of `memberDefaults`. */
export const checkMemberDefaults: Check = (value, path) =>
  isOptions(value)
    ? checkOptions(value, path, parameterChecks, checkUnknownIn('memberDefaults'))
    : refuseNonOptions(value, path, 'write { retry: 10, … }');

/** The addresses of the members that have a good one. */
export function readAddresses(members: readonly unknown[]): readonly (MemberAddress | undefined)[] {
  return members.map((member) => {
    const address = parseMemberUrl(isOptions(member) ? member['url'] : member);
    return isFault(address) ? undefined : address;
  });
}

function judgeUrl(value: unknown): Fault | undefined {
  if (value === undefined)
    return { problem: 'a member is where its URL says', advice: "write 'http://host:3000'" };
  const address = parseMemberUrl(value);
  return isFault(address) ? address : undefined;
}

function judgeLoneUrl(value: unknown): Fault | undefined {
  if (value === undefined || value === null)
    return { problem: 'there is no member here', advice: 'take it out of the list' };
  return judgeUrl(value);
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

function judgeStatus(value: unknown): Fault | undefined {
  if (!isString(value))
    return { problem: 'it must be a text of status letters', advice: "write 'D' or '+H-E'" };
  return findStatusFault(value);
}

function checkTlsIsUsed(member: Readonly<Record<string, unknown>>, path: string): readonly Problem[] {
  const [address] = readAddresses([member]);
  if (member['tls'] === undefined || address?.protocol !== 'http:') return [];
  const fault = {
    problem: 'the member is spoken to without TLS',
    advice: 'write https:// in its url, or leave tls out',
  };
  return [stateProblem(`${path}.tls`, member['tls'], fault)];
}

/** Two members of one address would be one server that is tried twice. */
function checkTwins(members: readonly unknown[], path: string): readonly Problem[] {
  const seen = new Map<string, number>();
  return readAddresses(members).flatMap((address, i) => {
    if (address === undefined) return [];
    const key = `${address.socketPath ?? ''}|${address.origin}${address.basePath}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, i);
      return [];
    }
    const member = members[i];
    const [at, given] = isOptions(member) ? [`${path}[${i}].url`, member['url']] : [`${path}[${i}]`, member];
    const fault = {
      problem: `${path}[${first}] is the same server`,
      advice: 'leave one of them out; loadfactor gives a member more requests',
    };
    return [stateProblem(at, given, fault)];
  });
}
