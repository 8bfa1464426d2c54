import { execInTime } from '../patterns/exec-in-time.ts';
import { compilePattern } from './copy-reg-exp.ts';
import { isRegExp } from './describe.ts';
import { toMilliseconds } from './duration.ts';
import type { HcAnswer, HcExpectation, HcFunction, MemberParameters } from './member-definition.ts';
import type { HealthSettings, MemberSettings } from './settings.ts';

type Expected = NonNullable<MemberParameters['hcexpect']>;

/** How a member's health is checked, from its checked parameters; undefined where it is not. */
export function buildHealth(
  parameters: MemberParameters,
  address: Pick<MemberSettings, 'basePath' | 'path' | 'host'>,
): HealthSettings | undefined {
  const { hcmethod = 'NONE', hcexpect } = parameters;
  if (hcmethod === 'NONE') return undefined;
  const request = buildRequest(hcmethod);
  const intervalMs = toMilliseconds(parameters.hcinterval ?? 30);
  return Object.freeze({
    request,
    target: buildTarget(request?.method, parameters.hcuri ?? '', address),
    headers: buildHeaders(parameters.hcheaders ?? {}, address.host),
    intervalMs,
    passes: parameters.hcpasses ?? 1,
    fails: parameters.hcfails ?? 1,
    timeoutMs:
      parameters.hctimeout === undefined ? Math.min(5000, intervalMs) : toMilliseconds(parameters.hctimeout),
    readsBody: request?.method === 'GET' && hcexpect !== undefined && looksAtBody(hcexpect),
    isExpected: buildExpectation(hcexpect),
    warmUp: Object.freeze(toPaths(parameters.warmUp).map((path) => `${address.basePath}${path}`)),
  });
}

/** Whether what is expected of an answer concerns its body. A function may look at it. */
export function looksAtBody(hcexpect: Expected): boolean {
  if (typeof hcexpect === 'function' || isRegExp(hcexpect)) return true;
  return !isStatuses(hcexpect) && hcexpect.body !== undefined;
}

function buildRequest(hcmethod: Exclude<NonNullable<MemberParameters['hcmethod']>, 'NONE'>) {
  if (hcmethod === 'TCP') return undefined;
  const [, method, version] = /^([A-Z]+)(11)?$/.exec(hcmethod)!;
  return Object.freeze({
    // The type of hcmethod says that it is one of these.
    method: method as 'OPTIONS' | 'HEAD' | 'GET',
    version: version === undefined ? ('1.0' as const) : ('1.1' as const),
  });
}

// httpd would ask for '/app//h', and for nothing where neither the member nor hcuri has a path.
function buildTarget(
  method: string | undefined,
  hcuri: string,
  { basePath, path }: Pick<MemberSettings, 'basePath' | 'path'>,
): string {
  if (hcuri !== '') return `${basePath}${hcuri}`;
  return method === 'OPTIONS' ? '*' : path;
}

function buildHeaders(hcheaders: Readonly<Record<string, string>>, host: string): HealthSettings['headers'] {
  const given = Object.entries(hcheaders);
  const isHost = (name: string): boolean => name.toLowerCase() === 'host';
  const own = given.find(([name]) => isHost(name))?.[1] ?? host;
  const others = given.filter(([name]) => !isHost(name));
  return Object.freeze([['Host', own] as const, ...others].map((field) => Object.freeze(field)));
}

function buildExpectation(hcexpect: Expected | undefined): (answer: HcAnswer) => boolean {
  if (hcexpect === undefined) return ({ status }) => isGood(status);
  if (typeof hcexpect === 'function') return hcexpect;
  if (isRegExp(hcexpect)) return buildExpectation({ body: hcexpect });
  if (isStatuses(hcexpect)) return buildExpectation({ status: hcexpect });
  const statuses = hcexpect.status && new Set(hcexpect.status);
  const pattern = hcexpect.body === undefined ? undefined : compilePattern(hcexpect.body);
  // What a pattern is given up over is not what was expected.
  const fits = (body: string): boolean => pattern === undefined || Boolean(execInTime(pattern, body));
  return ({ status, body }) => (statuses ? statuses.has(status) : isGood(status)) && fits(body);
}

function isGood(status: number): boolean {
  return status >= 200 && status < 400;
}

// Array.isArray alone does not narrow readonly lists.
function isStatuses(
  hcexpect: readonly number[] | HcExpectation | HcFunction | RegExp,
): hcexpect is readonly number[] {
  return Array.isArray(hcexpect);
}

function toPaths(warmUp: MemberParameters['warmUp']): readonly string[] {
  if (warmUp === undefined) return [];
  return typeof warmUp === 'string' ? [warmUp] : warmUp;
}
