import { checkStatuses } from './check-statuses.ts';
import { isArray, isRegExp } from './describe.ts';
import { isString, judgePatternSource, judgeRegExp } from './judges.ts';
import type { HcExpectation } from './member-definition.ts';
import {
  checkBy,
  checkOptions,
  isOptions,
  stateProblem,
  type Check,
  type Fault,
  type Problem,
} from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

const checkPattern: Check = checkBy((value) => {
  if (isRegExp(value)) return judgeRegExp(value);
  if (isString(value)) return judgePatternSource(value);
  return {
    problem: 'it must be a pattern',
    advice: 'write a RegExp such as /ready/, or a function as hcexpect',
  };
});

const checkStatusList = checkStatuses(200, '[200, 204]');

const expectationChecks: Readonly<Record<keyof HcExpectation, Check>> = {
  status: (value, path) =>
    isArray(value) && value.length === 0
      ? [
          stateProblem(path, value, {
            problem: 'no answer would pass',
            advice: 'leave it out for 200 to 399',
          }),
        ]
      : (checkStatusText(value, path) ?? checkStatusList(value, path)),
  body: checkPattern,
};

/** The check of `hcexpect` by itself. */
export const checkExpectation: Check = (value, path) => {
  if (typeof value === 'function') return [];
  if (isRegExp(value)) return checkPattern(value, path);
  if (isOptions(value)) {
    const problems = checkOptions(value, path, expectationChecks, checkUnknownIn('hcexpect'));
    const isEmpty = Object.values(value).every((each) => each === undefined);
    return isEmpty ? [stateProblem(path, value, saysNothing)] : problems;
  }
  if (isArray(value) || typeof value === 'number') return expectationChecks.status(value, path);
  return [stateProblem(path, value, (isString(value) ? judgeStatusText(value) : undefined) ?? noExpectation)];
};

const saysNothing: Fault = { problem: 'it says nothing', advice: 'leave it out for 200 to 399' };

const noExpectation: Fault = {
  problem: 'it must be statuses, a pattern or a function',
  advice: 'write [200], /ready/, { status, body } or (answer) => true',
};

function checkStatusText(value: unknown, path: string): readonly Problem[] | undefined {
  const fault = isString(value) ? judgeStatusText(value) : undefined;
  if (!fault) return undefined;
  // A range is said by a function, in place of the record.
  const advice = fault.advice.replace(/^write \(/, 'write hcexpect: (');
  return [stateProblem(path, value, { ...fault, advice })];
}

/** Statuses in others' forms: `200,204`, `status 200`, `200-299`, `2xx`. */
function judgeStatusText(text: string): Fault | undefined {
  const [, statuses] =
    /^\s*(?:r?status|code|http)?[\s:=]*([2-5]\d\d(?:[,\s|]+[2-5]\d\d)*)\s*$/i.exec(text) ?? [];
  if (statuses !== undefined)
    return { problem: 'statuses are numbers', advice: `write [${statuses.match(/\d{3}/g)!.join(', ')}]` };
  const [, class1, rest1, class2, rest2] =
    /^\s*([2-5])(\d\d|xx)(?:\s*-\s*([2-5])(\d\d|xx))?\s*$/i.exec(text) ?? [];
  if (class1 === undefined) return undefined;
  const least = `${class1}${rest1!.replace(/x/gi, '0')}`;
  const most = class2 === undefined ? `${class1}99` : `${class2}${rest2!.replace(/xx/i, '99')}`;
  if (least === '200' && most === '399') return { problem: 'that is the default', advice: 'leave it out' };
  return { ...noExpectation, advice: `write ({ status }) => status >= ${least} && status <= ${most}` };
}
