import { looksAtBody } from './build-health.ts';
import { checkHeaders } from './check-hcheaders.ts';
import { checkExpectation } from './check-hcexpect.ts';
import { isArray, quote } from './describe.ts';
import { parseDuration } from './duration.ts';
import { isString, judgeDuration, judgeNumber, judgeWord } from './judges.ts';
import type { MemberParameters } from './member-definition.ts';
import { checkBy, isFault, isOptions, stateProblem } from './problem.ts';
import type { Check, Fault, Options, Problem } from './problem.ts';

type HealthOption =
  | 'hcmethod'
  | 'hcuri'
  | 'hcinterval'
  | 'hcpasses'
  | 'hcfails'
  | 'hctimeout'
  | 'hcheaders'
  | 'hcexpect'
  | 'warmUp';

/** httpd's own limit. */
const leastInterval = 100;

/** The checks of a member's health options, each by itself. */
export const healthChecks: Readonly<Record<HealthOption, Check>> = {
  hcmethod: checkBy(judgeMethod),
  hcuri: checkBy((value) => (value === '' ? undefined : judgePath(value))),
  hcinterval: checkBy(judgeInterval),
  hcpasses: checkBy(judgeCount),
  hcfails: checkBy(judgeCount),
  hctimeout: checkBy(judgeDuration({ instead: 'leave it out for 5 s, or hcinterval where that is shorter' })),
  hcheaders: checkHeaders,
  hcexpect: checkExpectation,
  warmUp: (value, path) =>
    isArray(value)
      ? value.flatMap((each, i) => checkBy(judgePath)(each, `${path}[${i}]`))
      : checkBy(judgePath)(value, path),
};

const methods = ['NONE', 'TCP', 'OPTIONS', 'HEAD', 'GET', 'OPTIONS11', 'HEAD11', 'GET11'];

function judgeMethod(value: unknown): Fault | undefined {
  const word = isString(value) ? value.trim().toUpperCase() : value;
  if (word === 'CPING')
    return { problem: 'it is for AJP, and members are spoken to in HTTP', advice: "write 'GET'" };
  if (word === 'PROVIDER') return { problem: 'httpd has not built it either', advice: "write 'GET'" };
  if (word === true || word === 'HTTP' || word === 'HTTPS')
    return { problem: 'there is no such value', advice: "write 'GET', 'HEAD', 'OPTIONS' or 'TCP'" };
  if (word === false) return { problem: 'there is no such value', advice: "write 'NONE'" };
  if (isString(word) && /^(POST|PUT|PATCH|DELETE)$/.test(word))
    return { problem: 'a check must not change anything', advice: "write 'GET', 'HEAD' or 'OPTIONS'" };
  return judgeWord(methods)(value);
}

// Below the member's own path; what would leave that, or end the request's first line, cannot stand here.
function judgePath(value: unknown): Fault | undefined {
  const advice = "write a path such as '/health'";
  if (!isString(value)) return { problem: 'it must be a path', advice };
  if (!/^\/(?!\/)/.test(value)) {
    const path = /^\/*[\w.-]+(\/[\w./-]*)?(\?[^\s#]*)?$/.test(value);
    return {
      problem: "it is put after the member's path, and begins with one /",
      advice: path ? `write ${quote(value.replace(/^\/*/, '/'))}` : advice,
    };
  }
  if (value.includes('#'))
    return { problem: 'no server is sent a fragment', advice: 'leave out what follows the #' };
  if (!/^[!-~]*$/.test(value) || value.includes('\\'))
    return { problem: 'it has letters that no path of a request has', advice: 'write them percent-encoded' };
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(value.replace(/\?.*$/, '')))
    return { problem: 'dot segments lead out of it', advice: 'write the path that they lead to' };
  return undefined;
}

function judgeInterval(value: unknown): Fault | undefined {
  const ms = parseDuration(value, { unit: 's', zero: { instead: "write hcmethod: 'NONE' for no checks" } });
  if (isFault(ms)) return ms;
  return ms < leastInterval
    ? { problem: 'httpd allows no less than 100 ms', advice: "write '100ms' or more" }
    : undefined;
}

function judgeCount(value: unknown): Fault | undefined {
  if (value === 0) return { problem: 'httpd takes 0 for 1', advice: 'write 1' };
  return judgeNumber('a number of checks in a row', { min: 1, whole: true })(value);
}

/**
 * What the health options of a member say together, those of `memberDefaults` included. A fault is stated where one of
 * the two that do not fit is the member's own; those of the defaults alone are stated by `checkDefaultHealth`.
 */
export function checkHealthTogether(
  member: Options,
  path: string,
  memberDefaults: unknown,
  adviseOther: (option: string) => string | undefined = () => undefined,
): readonly Problem[] {
  const all = { ...readOptions(memberDefaults), ...withoutUndefined(member) };
  const own = (option: string): boolean => member[option] !== undefined;
  const method = all['hcmethod'];
  if (method === undefined) return optionsOf(member).map((option) => complainAlone(member, path, option));
  return findConflicts(all).flatMap(({ option, fault }) => {
    if (own(option)) return [stateProblem(`${path}.${option}`, member[option], fault)];
    if (!own('hcmethod')) return [];
    const problem = `${fault.problem}, and there is ${option}`;
    return [
      stateProblem(`${path}.hcmethod`, method, {
        problem,
        advice: adviseOther(option) ?? 'write another method',
      }),
    ];
  });
}

/** The same for `memberDefaults` by themselves. */
export function checkDefaultHealth(members: readonly unknown[], memberDefaults: unknown): readonly Problem[] {
  const path = 'memberDefaults';
  const defaults = readOptions(memberDefaults);
  if (defaults['hcmethod'] !== undefined) {
    return findConflicts(defaults).map(({ option, fault }) =>
      stateProblem(`${path}.${option}`, defaults[option], fault),
    );
  }
  const isUsed = members.some((member) => isOptions(member) && member['hcmethod'] !== undefined);
  return isUsed ? [] : optionsOf(defaults).map((option) => complainAlone(defaults, path, option));
}

/** What is said of health options where there is no `hcmethod`. */
export const unchecked = 'it says how health is checked, and it is not';

function complainAlone(options: Options, path: string, option: string): Problem {
  return stateProblem(`${path}.${option}`, options[option], {
    problem: unchecked,
    advice: "write hcmethod: 'GET' too, or leave it out",
  });
}

/** Options that the method makes meaningless. */
function findConflicts(all: Options): readonly Readonly<{ option: HealthOption; fault: Fault }>[] {
  const method = all['hcmethod'];
  const { hcexpect } = all;
  if (method === 'TCP') {
    const fault = {
      problem: 'TCP connects and asks for nothing',
      advice: "write hcmethod: 'GET', or leave it out",
    };
    const asking: readonly HealthOption[] = ['hcuri', 'hcheaders', 'hcexpect'];
    return asking.filter((option) => all[option] !== undefined).map((option) => ({ option, fault }));
  }
  const hasNoBody = isString(method) && /^(HEAD|OPTIONS)(11)?$/.test(method);
  if (!hasNoBody || typeof hcexpect === 'function') return [];
  // Only those that passed by themselves are looked into.
  const isRight = hcexpect !== undefined && checkExpectation(hcexpect, '').length === 0;
  if (!isRight || !looksAtBody(hcexpect as NonNullable<MemberParameters['hcexpect']>)) return [];
  const fault = {
    problem: `no body is read with ${method}`,
    advice: "write hcmethod: 'GET', or expect a status",
  };
  return [{ option: 'hcexpect', fault }];
}

function optionsOf(options: Options): readonly string[] {
  return Object.keys(healthChecks).filter((option) => option !== 'hcmethod' && options[option] !== undefined);
}

function readOptions(value: unknown): Options {
  return isOptions(value) ? value : {};
}

function withoutUndefined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
