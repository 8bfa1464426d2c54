import { types } from 'node:util';
import type { RouteCookie } from './definition.ts';
import { isArray } from './describe.ts';
import {
  isString,
  judgeBoolean,
  judgeEither,
  judgeNumber,
  judgeToken,
  judgeWord,
  refuseNonOptions,
} from './judges.ts';
import {
  checkBy,
  checkOptions,
  checkSecretBy,
  isOptions,
  stateProblem,
  type Check,
  type Fault,
  type Options,
  type Problem,
} from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

/** The check of `routeCookie`. */
export const checkRouteCookie: Check = (value, path) => {
  if (typeof value === 'boolean') return [];
  if (!isOptions(value)) return refuseNonOptions(value, path, "write true or { name: 'ROUTEID', … }");
  const problems = checkOptions(value, path, checks, checkUnknownIn('routeCookie'));
  return problems.length > 0 ? problems : checkTogether(value, path);
};

const checks: Readonly<Record<keyof RouteCookie, Check>> = {
  name: checkBy(judgeToken('the name of a cookie', "a name such as 'ROUTEID'")),
  prefix: checkBy(judgePrefix),
  secret: checkSecretBy(judgeSecret),
  path: checkBy(judgePath),
  domain: checkBy(judgeDomain),
  httpOnly: checkBy(judgeBoolean),
  secure: checkBy(judgeEither(judgeBoolean, isString, judgeWord(['auto']))),
  sameSite: checkBy(judgeEither(judgeBoolean, isString, judgeWord(['lax', 'strict', 'none']))),
  // Under a second, the browser would drop the cookie at once.
  maxAge: checkBy(judgeNumber('a lifetime in milliseconds', { min: 1000, whole: true })),
  expires: checkBy(judgeDate),
  partitioned: checkBy(judgeBoolean),
  priority: checkBy(judgeWord(['low', 'medium', 'high'])),
};

// RFC 6265 4.1.1, cookie-octet; and % would be decoded on its way back.
function judgePrefix(value: unknown): Fault | undefined {
  if (isString(value) && /^[!#-$&-+\--:<-[\]-~]*$/.test(value)) return undefined;
  return {
    problem: 'it must be a text that a cookie can carry',
    advice: "write it without blanks, controls, letters beyond ASCII and \" , ; \\ %, such as '.'",
  };
}

function judgeSecret(value: unknown): Fault | undefined {
  const secrets = isArray(value) ? value : [value];
  const advice = 'write a long random text, or a list of such texts';
  if (secrets.length === 0) return { problem: 'the list is empty', advice };
  if (!secrets.every(isString)) return { problem: 'it must be a text or a list of texts', advice };
  return secrets.includes('') ? { problem: 'an empty secret is none', advice } : undefined;
}

// What Set-Cookie can carry: RFC 6265 4.1.1, path-value.
function judgePath(value: unknown): Fault | undefined {
  if (isString(value) && /^\/[ -:<-~]*$/.test(value)) return undefined;
  return {
    problem: "it must be a path of the browser's",
    advice: "write '/', or a path that begins with / and has no ; in it",
  };
}

function judgeDomain(value: unknown): Fault | undefined {
  if (isString(value) && /^\.?[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(value))
    return undefined;
  return { problem: 'it must be a domain, without scheme or port', advice: "write it so: 'example.com'" };
}

function judgeDate(value: unknown): Fault | undefined {
  if (types.isDate(value) && !Number.isNaN(Date.prototype.getTime.call(value))) return undefined;
  return { problem: 'it must be a valid Date', advice: 'write new Date(…), or maxAge' };
}

/** RFC 6265bis 4.1.3 and 5.7: what browsers refuse, and so would never be sent back. */
function checkTogether(cookie: Options, path: string): readonly Problem[] {
  const problems: Problem[] = [];
  const complain = (option: string, problem: string, advice: string): void => {
    problems.push(stateProblem(`${path}.${option}`, cookie[option], { problem, advice }));
  };
  const name = isString(cookie['name']) ? cookie['name'].toLowerCase() : '';
  const isHostOnly = name.startsWith('__host-');
  if (isHostOnly && cookie['domain'] !== undefined) {
    complain('domain', 'browsers refuse a __Host- cookie with a domain', 'leave it out');
  }
  if (isHostOnly && cookie['path'] !== '/')
    complain('path', "browsers want a __Host- cookie to be for '/'", "write '/'");
  if (cookie['secure'] !== false) return problems;

  const advice = "write true or 'auto'";
  if (isHostOnly || name.startsWith('__secure-')) {
    complain('secure', `browsers want a ${isHostOnly ? '__Host-' : '__Secure-'} cookie to be secure`, advice);
  } else if (cookie['sameSite'] === 'none') {
    complain('secure', "browsers want a cookie with sameSite 'none' to be secure", advice);
  } else if (cookie['partitioned'] === true) {
    complain('secure', 'browsers want a partitioned cookie to be secure', advice);
  }
  return problems;
}
