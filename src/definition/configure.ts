import { isDeepStrictEqual } from 'node:util';
import { adviseNull, allowNull } from './allow-null.ts';
import { balancerChecks, checkTogether } from './check-definition.ts';
import { findFixed, update } from './configurable.ts';
import { copyDefinition } from './copy-definition.ts';
import type { BalancerDefinition } from './definition.ts';
import { quote } from './describe.ts';
import { refuseNonOptions } from './judges.ts';
import { optionNames } from './option-names.ts';
import { checkBy, checkOptions, DefinitionError, isOptions, printProblem } from './problem.ts';
import type { Check, Options, Problem } from './problem.ts';
import type { Company } from './read-member.ts';
import { checkUnknownIn } from './unknown-options.ts';

const checks: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries(balancerChecks).map(([name, check]) => {
    const fault = findFixed(name);
    return [name, fault ? checkBy(() => fault) : allowNull(check)];
  }),
);

/**
 * A definition with other options; `null` takes one away. The same object where no option is another one now.
 *
 * @throws {DefinitionError} when anything is wrong with them, by themselves, beside the others or with the members.
 */
export function configureDefinition(value: unknown, { definition, members }: Company): BalancerDefinition {
  const copy = copyDefinition(value);
  const names = members.map(({ name }) => name);
  const inForce = { ...definition, members: members.map((member) => member.definition) };
  const problems = isOptions(copy)
    ? checkConfiguration(copy, copyDefinition(inForce) as Options, names)
    : refuseNonOptions(copy, 'options', "write { lbmethod: 'random' }");
  if (problems.length > 0) {
    throw new DefinitionError(problems, `The change of balancer ${quote(definition.name ?? 'balancer')}`);
  }
  return merge(definition, copy as Options);
}

function checkConfiguration(given: Options, inForce: Options, names: readonly string[]): readonly Problem[] {
  const alone = checkOptions(given, '', checks, checkUnknown);
  // Members come and go, so that what was written may fit no more: that is not this change's fault.
  const before = new Set(checkTogether(inForce, []).map(printProblem));
  const together = checkTogether(merge(inForce, given), alone).filter(
    (problem) => !before.has(printProblem(problem)),
  );
  return [...alone, ...together.map((problem) => tellOfChange(problem, given, names))];
}

/** `options` with what is given; those that are null are left out. */
function merge<All extends Readonly<Partial<BalancerDefinition>> | Options>(
  options: All,
  given: Options,
): All {
  const all: Options = options;
  const changed = Object.entries(given).filter(
    ([name, value]) =>
      value !== undefined && !findFixed(name) && !isDeepStrictEqual(value ?? undefined, all[name]),
  );
  if (changed.length === 0) return options;
  const merged = Object.entries({ ...all, ...Object.fromEntries(changed) });
  // The same options, each checked as one of its name.
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as All;
}

/** Complains as a definition does, with what to write here. */
function checkUnknown(name: string, value: unknown, path: string): readonly Problem[] {
  return checkUnknownIn('balancer')(name, value, path).map((problem) => {
    const advised = /^write (?:it in )?(\w+)/.exec(problem.advice)?.[1] ?? '';
    if (/\btls\b/.test(problem.advice)) return { ...problem, advice: update };
    if (optionNames.balancer.includes(advised))
      return { ...problem, advice: findFixed(advised)?.advice ?? problem.advice };
    if (!optionNames.member.includes(advised)) return problem;
    const isChangeable = optionNames.change.includes(advised);
    return { ...problem, advice: isChangeable ? `write balancer.change(member, { ${advised}: … })` : update };
  });
}

/** What is wrong with a whole definition, as a fault of this change of it. */
function tellOfChange(problem: Problem, given: Options, names: readonly string[]): Problem {
  const option = /^[^.[]+/.exec(problem.path)![0];
  const [, i] = /^members\[(\d+)\]/.exec(problem.path) ?? [];
  if (i !== undefined) {
    const path = problem.path.replace(`[${i}]`, `[${quote(names[Number(i)]!)}]`);
    return { ...problem, path };
  }
  if (given[option] !== undefined || findFixed(option)) {
    return { ...problem, advice: adviseNull(problem.advice.replace(' beside members', '')) };
  }
  return { ...problem, advice: `write ${option}: null too` };
}
