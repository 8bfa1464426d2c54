import type { Ejection } from './definition.ts';
import { judgeDuration, judgeNumber, judgeShare, refuseNonOptions } from './judges.ts';
import { checkBy, checkOptions, isOptions, stateProblem, type Check, type Judge } from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

/** The check of `ejection`. */
export const checkEjection: Check = (value, path) => {
  if (typeof value === 'boolean') return [];
  if (!isOptions(value)) return refuseNonOptions(value, path, 'write true or { consecutive: 5, … }');
  const problems = checkOptions(value, path, checks, checkUnknownIn('ejection'));
  if (value['consecutive'] !== false || value['rate'] !== false) return problems;
  const fault = {
    problem: 'neither consecutive nor rate is left to eject a member',
    advice: 'write false instead',
  };
  return [...problems, stateProblem(path, value, fault)];
};

const checks: Readonly<Record<keyof Ejection, Check>> = {
  consecutive: checkBy(
    orFalse(judgeNumber('a number of bad answers in a row, or false', { min: 1, whole: true })),
  ),
  rate: checkBy(orFalse(judgeShare)),
  window: checkBy(judgeDuration({ instead: 'write rate: false where shares do not matter' })),
  minRequests: checkBy(judgeNumber('a number of answers', { min: 1, whole: true })),
  maxEjected: checkBy(judgeShare),
  time: checkBy(judgeDuration({ instead: 'write ejection: false where nobody is to be ejected' })),
};

function orFalse(judge: Judge): Judge {
  return (value) => (value === false ? undefined : judge(value));
}
