import { judgeNumber, refuseNonOptions } from '../definition/judges.ts';
import { DefinitionError, stateProblem, type Judge } from '../definition/problem.ts';
import { findNearest } from '../definition/spelling.ts';

/** How the metrics are told. */
export type MetricsOptions = Readonly<{
  /** What each name begins with. Default: `'balancer_'`. */
  prefix?: string;
  /** How many members of a balancer have series of their own; the others are told together, as `other`. Default: 1000. */
  maxMembers?: number;
  /**
   * Whose counts are told. `'all'`: those of every process that shares a balancer's `state`, as they are when the metrics are
   * read, under a label `process`; of 64 processes at most. For metrics that any one of them answers, such as workers behind
   * one port; not for `AggregatorRegistry`, which asks every worker. How members are is told of this process only. There are
   * labels and no sums since a sum would fall when a process leaves, which Prometheus takes for a counter that has begun
   * anew, and all that is left of it for growth: `sum without (process)` of rates is right. Default: `'own'`, without the label.
   */
  processes?: 'own' | 'all';
}>;

const judgePrefix: Judge = (value) => {
  if (typeof value === 'string' && /^(?:[a-zA-Z_:][a-zA-Z\d_:]{0,99})?$/.test(value)) return undefined;
  return {
    problem: 'it must be the beginning of a name: letters, digits, _ and :, and no digit first',
    advice: "write 'balancer_'",
  };
};

const judgeProcesses: Judge = (value) =>
  value === 'own' || value === 'all'
    ? undefined
    : { problem: 'it must say whose counts are told', advice: "write 'own' or 'all'" };

const judges: Readonly<Record<keyof MetricsOptions, Judge>> = {
  prefix: judgePrefix,
  maxMembers: judgeNumber('how many members have series of their own', { min: 1, whole: true }),
  processes: judgeProcesses,
};

/**
 * Checks options, and completes them.
 *
 * @throws {DefinitionError} with everything that is wrong with them.
 */
export function readMetricsOptions(options: unknown = {}): Required<MetricsOptions> {
  const what = 'What registerMetrics is asked for';
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new DefinitionError(refuseNonOptions(options, 'options', "write { prefix: 'balancer_' }"), what);
  }
  const given = Object.entries(options as Readonly<Record<string, unknown>>).filter(
    ([, value]) => value !== undefined,
  );
  const problems = given.flatMap(([name, value]) => {
    const fault = Object.hasOwn(judges, name) ? judges[name as keyof MetricsOptions](value) : refuse(name);
    return fault ? [stateProblem(name, value, fault)] : [];
  });
  if (problems.length > 0) throw new DefinitionError(problems, what);
  return { prefix: 'balancer_', maxMembers: 1_000, processes: 'own', ...Object.fromEntries(given) };
}

function refuse(name: string): ReturnType<Judge> {
  const nearest = findNearest(name, Object.keys(judges));
  return {
    problem: 'there is no such option',
    advice: nearest === undefined ? 'leave it out' : `write ${nearest}`,
  };
}
