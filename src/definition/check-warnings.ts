import { warningCodes, type WarningCode } from '../warnings/codes.ts';
import { judgeBoolean, refuseNonOptions } from './judges.ts';
import { checkBy, checkOptions, isOptions, stateProblem, type Check } from './problem.ts';
import { findNearest, foldName } from './spelling.ts';

const prefix = foldName('WARN_BALANCER_');

/** The check of `warnings`: all or none, or some by their codes. */
export const checkWarnings: Check = (value, path) => {
  if (typeof value === 'boolean') return [];
  const code = typeof value === 'string' ? findCode(value) : undefined;
  const example = `write false, or { ${code ?? 'WARN_BALANCER_TRUST_PROXY'}: false }`;
  if (!isOptions(value)) return refuseNonOptions(value, path, example);
  return checkOptions(value, path, checks, (name, given, at) => {
    const meant = findCode(name);
    const advice =
      meant === undefined ? 'leave it out; docs/troubleshooting.md lists them' : `write ${meant}`;
    return [stateProblem(at, given, { problem: 'there is no such warning', advice })];
  });
};

const checks = Object.fromEntries(warningCodes.map((code) => [code, checkBy(judgeBoolean)])) as Readonly<
  Record<WarningCode, Check>
>;

/** The code that was probably meant, with or without its beginning. */
function findCode(name: string): WarningCode | undefined {
  const folded = foldName(name);
  const whole = folded.startsWith(prefix) ? folded : prefix + folded;
  const begun = warningCodes.filter((code) => foldName(code).startsWith(whole));
  const near = findNearest(whole, warningCodes, 1 / 4);
  return begun.length === 1
    ? begun[0]
    : warningCodes.find((code) => foldName(code) === whole || code === near);
}
