import { isRegExp } from '../../definition/describe.ts';
import { isString, judgeBoolean, judgeRegExp, judgeWord } from '../../definition/judges.ts';
import { checkBy, stateProblem, type Check, type Problem } from '../../definition/problem.ts';
import { checkFields, checkListOf, isRecord } from './check-fields.ts';

const advice = "write [{ test: '%{HTTP_HOST}', matches: /^www\\./ }]";

/** The check of a mount's conditions. */
export const checkConditions: Check = checkListOf(checkCondition, advice);

const comparison: Readonly<Record<string, Check>> = {
  compare: checkBy(judgeWord(['=', '<', '>', '<=', '>=', '-eq', '-lt', '-le', '-gt', '-ge'])),
  text: checkBy((text) =>
    isString(text) ? undefined : { problem: 'it must be a text', advice: "write a text, such as 'www'" },
  ),
  nc: checkBy(judgeBoolean),
};

const condition: Readonly<Record<string, Check>> = {
  test: checkBy((test) => (isString(test) ? undefined : { problem: 'it must be a text', advice })),
  matches: checkMatches,
  negated: checkBy(judgeBoolean),
  or: checkBy(judgeBoolean),
};

function checkCondition(value: unknown, path: string): readonly Problem[] {
  return isRecord(value)
    ? checkFields(value, path, 'a condition', condition, ['test', 'matches'])
    : [stateProblem(path, value, { problem: 'it is no condition', advice })];
}

function checkMatches(value: unknown, path: string): readonly Problem[] {
  if (isRecord(value)) return checkFields(value, path, 'a comparison', comparison, ['compare', 'text']);
  const fault = isRegExp(value)
    ? judgeRegExp(value)
    : {
        problem: 'it must be a RegExp or a comparison',
        advice: "write /^www\\./, or { compare: '=', text }",
      };
  return fault ? [stateProblem(path, value, fault)] : [];
}
