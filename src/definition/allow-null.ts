import type { Check } from './problem.ts';

/** The check of what may be taken away: where a definition leaves it out, a change says `null`. */
export function allowNull(check: Check): Check {
  return (value, path) => {
    if (value === null) return [];
    return check(value, path).map((problem) =>
      // Within a record, what is wrong is left out as ever.
      problem.path === path ? { ...problem, advice: adviseNull(problem.advice) } : problem,
    );
  };
}

/** The advice of a definition, as a change follows it. */
export function adviseNull(advice: string): string {
  return advice.replace(/(?<=^|, or )leave it out/, 'write null');
}
