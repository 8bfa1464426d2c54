import { isArray, isRegExp } from '../../definition/describe.ts';
import { checkOptions, joinPath, stateProblem, type Check, type Problem } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';

/** Anything with fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has fields. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !isArray(value) && !isRegExp(value);
}

/** The check of a record that has these fields and no others; `what` it is: `a mount`. */
export function checkFields(
  fields: Fields,
  path: string,
  what: string,
  checks: Readonly<Record<string, Check>>,
  required: readonly string[] = [],
): readonly Problem[] {
  const names = Object.keys(checks);
  const problems = checkOptions(fields, path, checks, (name, value, at) => {
    const right = findNearest(name, names);
    const advice = right === undefined ? 'leave it out' : `write ${right}`;
    return [stateProblem(at, value, { problem: `${what} has no such field`, advice })];
  });
  // One that is misspelt has been answered.
  const missing = required.filter(
    (name) => fields[name] === undefined && !problems.some(({ advice }) => advice === `write ${name}`),
  );
  return [...missing.flatMap((name) => checks[name]!(undefined, joinPath(path, name))), ...problems];
}

/** The check of a list by that of its elements. */
export function checkListOf(check: Check, advice: string): Check {
  return (list, path) =>
    isArray(list)
      ? list.flatMap((element, i) => check(element, `${path}[${i}]`))
      : [stateProblem(path, list, { problem: 'it must be a list', advice })];
}
