import { checkList, isString, judgeText, judgeWord, refuseNonOptions } from '../../definition/judges.ts';
import { checkBy, DefinitionError, stateProblem, type Check } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { HttpdConfOptions } from '../httpd-conf.ts';

const checkNames = checkList(judgeText('a name', "'NAME'"), "write ['NAME']", isString);

const checks: Readonly<Record<keyof HttpdConfOptions, Check>> = {
  defines: (value, path) =>
    Array.isArray(value) || isString(value)
      ? checkNames(value, path)
      : checkTexts(value, path, "write ['NAME'] or { NAME: 'value' }"),
  env: (value, path) => checkTexts(value, path, "write { NAME: 'value' }"),
  modules: checkNames,
  serverRoot: checkBy(judgeText('a folder', "'/etc/httpd'")),
  compat: checkBy(judgeWord(['httpd'])),
};

/**
 * Checks how a configuration is to be read.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function checkConfOptions(options: unknown): void {
  const what = 'What readHttpdConf is asked for';
  if (!isRecord(options)) {
    throw new DefinitionError(refuseNonOptions(options, 'options', "write { defines: ['NAME'] }"), what);
  }
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(checks, name)) return refuse(name, value);
    return value === undefined ? [] : checks[name as keyof HttpdConfOptions](value, name);
  });
  if (problems.length > 0) throw new DefinitionError(problems, what);
}

function checkTexts(value: unknown, path: string, advice: string): ReturnType<Check> {
  if (!isRecord(value))
    return [stateProblem(path, value, { problem: 'it must be a table of texts', advice })];
  return Object.entries(value).flatMap(([name, text]) =>
    text === undefined || isString(text)
      ? []
      : [stateProblem(`${path}.${name}`, text, { problem: 'it must be a text', advice })],
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(name: string, value: unknown): ReturnType<Check> {
  const nearest = findNearest(name, Object.keys(checks));
  const advice = nearest === undefined ? 'leave it out' : `write ${nearest}`;
  return [stateProblem(name, value, { problem: 'there is no such option', advice })];
}
