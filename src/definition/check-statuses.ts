import type { FailoverOn } from './definition.ts';
import { isArray, quote } from './describe.ts';
import { checkList, isString, judgeBoolean, judgeEither, judgeNumber, judgeToken } from './judges.ts';
import { checkBy, checkOptions, isOptions, stateProblem, type Check, type Fault } from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** A list of statuses; httpd's form, a text with commas, is told how to become one. */
export function checkStatuses(min: number, example: string): Check {
  const check = checkList(
    judgeNumber(min < 400 ? 'a status' : 'the status of an error', { min, max: 599, whole: true }),
    `write ${example}`,
    isNumber,
  );
  return (value, path) => {
    const numbers =
      isString(value) && /^\s*\d{3}(\s*[,\s]\s*\d{3})*\s*$/.test(value) ? value.match(/\d{3}/g) : null;
    if (numbers === null) return check(value, path);
    return [
      stateProblem(path, value, { problem: 'statuses are numbers', advice: `write [${numbers.join(', ')}]` }),
    ];
  };
}

const checkStatus = checkBy(judgeNumber('a status', { min: 100, max: 599, whole: true }));
const checkStatusList = checkStatuses(100, '500 or [500, 503]');

/** The check of `failonstatus`: httpd takes any status. */
export const checkFailonstatus: Check = (value, path) =>
  isNumber(value) ? checkStatus(value, path) : checkStatusList(value, path);

const checkErrorStatuses = checkStatuses(400, '[502, 503, 504]');

/** The check of `proxyerroroverride`: statuses below 400 are never overridden. */
export const checkProxyerroroverride: Check = (value, path) =>
  isArray(value) || isNumber(value) || (isString(value) && /\d/.test(value))
    ? checkErrorStatuses(value, path)
    : checkBy(judgeBoolean)(value, path);

const failoverChecks: Readonly<Record<keyof FailoverOn, Check>> = {
  status: checkErrorStatuses,
  methods: checkList(judgeMethod, "write ['POST']", isString),
  idempotencyKey: checkBy(
    judgeEither(
      judgeBoolean,
      isString,
      judgeToken("a field's name", "true or a name such as 'Idempotency-Key'"),
    ),
  ),
};

/** The check of `failoverOn`. */
export const checkFailoverOn: Check = (value, path) => {
  if (isOptions(value)) return checkOptions(value, path, failoverChecks, checkUnknownIn('failoverOn'));
  const fault = judgeConditions(value);
  return fault ? [stateProblem(path, value, fault)] : checkErrorStatuses(value, path);
};

/** What moves a request to another member anyway: words of nginx and HAProxy. */
const conditions =
  /^(error|errors|timeout|timeouts|invalid_header|updating|(all-retryable|retriable)-errors|conn-failure|empty-response|junk-response|response-timeout|reset|refused|connect-failure|true)$/i;

/** `error timeout http_503 non_idempotent`, as nginx has it; also as a list, and HAProxy's words. */
function judgeConditions(value: unknown): Fault | undefined {
  if (value === false || value === 'off' || value === 'none')
    return { problem: 'it says which requests move too', advice: 'write maxattempts: 0 for none' };
  const list = value === true ? ['true'] : isString(value) ? value.split(/[\s,|]+/) : value;
  if (!isArray(list) || !list.every((each) => isString(each) || isNumber(each))) return undefined;
  const words = list.map(String).filter((word) => word !== '');
  const statuses = words.flatMap((word) => /^(?:http_)?([45]\d\d)$/.exec(word)?.[1] ?? []);
  const isMethods = words.includes('non_idempotent');
  const named = words.filter((word) => conditions.test(word) || word === 'non_idempotent');
  const prefixed = words.some((word) => word.startsWith('http_'));
  if (named.length + statuses.length < words.length || (named.length === 0 && !prefixed)) return undefined;
  const problem = 'errors and timeouts move a request anyway, where that is safe';
  const status = `[${statuses.join(', ')}]`;
  if (isMethods) {
    const more = statuses.length > 0 ? `status: ${status}, ` : '';
    return { problem, advice: `write { ${more}methods: ['POST'] } for non_idempotent` };
  }
  return { problem, advice: statuses.length > 0 ? `write ${status}` : 'leave it out' };
}

// RFC 9110 9.1: methods are case-sensitive, and those that are standard are in upper case.
function judgeMethod(value: unknown): Fault | undefined {
  const fault = judgeToken('a method', "one such as 'POST'")(value);
  if (fault || !isString(value) || value === value.toUpperCase()) return fault;
  return { problem: 'methods are in upper case', advice: `write ${quote(value.toUpperCase())}` };
}
