import { parseDuration } from './duration.ts';
import { refuseNonOptions } from './judges.ts';
import { DefinitionError, isFault, stateProblem, type Fault, type Problem } from './problem.ts';
import { findNearest } from './spelling.ts';

/**
 * Reads a record of time spans, numbers of seconds among them, as milliseconds; Infinity stays as it is. What is left out
 * is left out. `what`: who is asked, for the error.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readTimes<Name extends string>(
  options: unknown,
  names: readonly Name[],
  what: string,
): Readonly<Partial<Record<Name, number>>> {
  const problems: Problem[] = [];
  const times: Partial<Record<Name, number>> = {};
  if (typeof options === 'object' && options !== null) {
    for (const [name, value] of Object.entries(options) as [string, unknown][]) {
      const known = names.find((each) => each === name);
      if (value === undefined) continue;
      const ms = value === Infinity ? value : parseDuration(value, { unit: 's', zero: 'allowed' });
      const fault = known === undefined ? refuse(name, names) : isFault(ms) ? ms : undefined;
      if (fault) problems.push(stateProblem(name, value, fault));
      else times[known!] = ms as number;
    }
  } else {
    problems.push(...refuseNonOptions(options, 'options', `write { ${names[0]!}: '30s' }`));
  }
  if (problems.length > 0) throw new DefinitionError(problems, what);
  return times;
}

function refuse(name: string, names: readonly string[]): Fault {
  const nearest =
    findNearest(name, names) ?? (names.length === 1 || name === 'timeout' ? names[0] : undefined);
  return {
    problem: 'there is no such option',
    advice: nearest === undefined ? 'leave it out' : `write ${nearest}`,
  };
}
