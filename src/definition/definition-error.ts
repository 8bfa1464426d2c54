import { quote } from './describe.ts';
import { printProblem, type Problem } from './problem.ts';

/** A wrong definition, with everything that is wrong with it. */
export class DefinitionError extends TypeError {
  override readonly name = 'DefinitionError';
  readonly code = 'ERR_BALANCER_DEFINITION';
  readonly problems: readonly Problem[];

  /** `balancer`: the name that the definition gives, if it gives one. */
  constructor(problems: readonly Problem[], balancer?: string) {
    const whose = balancer === undefined ? 'a balancer' : `balancer ${quote(balancer)}`;
    super([`The definition of ${whose} is wrong:`, ...problems.map(printProblem)].join('\n  '));
    this.problems = problems;
  }
}
