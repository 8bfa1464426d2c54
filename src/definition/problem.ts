import { types } from 'node:util';
import { linkTo } from '../warnings/help-link.ts';
import { describe, describeKind } from './describe.ts';
import { findSame } from './spelling.ts';

/** One thing that is wrong with a definition. */
export type Problem = Readonly<{
  /** Where: `members[2].loadfactor`. */
  path: string;
  /** What stands there, in a few words. */
  given: string;
  /** Why that cannot be. */
  problem: string;
  /** What to do: `write 1 to 100`. */
  advice: string;
}>;

/** What is wrong with a value, wherever it stands. */
export type Fault = Readonly<{ problem: string; advice: string }>;

/** Looks at one value by itself. */
export type Judge = (value: unknown) => Fault | undefined;

/** Looks at a value and everything in it. */
export type Check = (value: unknown, path: string) => readonly Problem[];

/** A record of options after `copyDefinition`: without prototype, getters or surprises. */
export type Options = Readonly<Record<string, unknown>>;

/** Whether a parser has returned a fault rather than its result. */
export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** States a fault about a value. */
export function stateProblem(path: string, given: unknown, fault: Fault): Problem {
  return { path, given: describe(given), ...fault };
}

/** States a fault about a value that must not be shown. */
export function stateSecretProblem(path: string, given: unknown, fault: Fault): Problem {
  // A boolean gives nothing away.
  return { path, given: typeof given === 'boolean' ? describe(given) : describeKind(given), ...fault };
}

/** A problem as one line. */
export function printProblem({ path, given, problem, advice }: Problem): string {
  return `${path} is ${given}: ${problem}; ${advice}`;
}

/** A wrong definition, or a wrong change of one, with everything that is wrong with it. */
export class DefinitionError extends TypeError {
  /** `'DefinitionError'`. */
  override readonly name = 'DefinitionError';
  /** `'ERR_BALANCER_DEFINITION'`; it does not change between versions. */
  readonly code = 'ERR_BALANCER_DEFINITION';
  /** Everything that is wrong, one by one; the message has them all. */
  readonly problems: readonly Problem[];

  /** `what` is wrong: a definition, or a change of it. */
  constructor(problems: readonly Problem[], what = 'The definition of a balancer') {
    super([`${what} is wrong:`, ...problems.map(printProblem)].join('\n  '));
    this.problems = problems;
  }

  /** Where docs/troubleshooting.md tells of it: a `file:` URL into the installed package, or the page's path in it. */
  get help(): string {
    return linkTo(this.code);
  }
}

/** The check of a value that consists of nothing else. */
export function checkBy(judge: Judge): Check {
  return (value, path) => {
    const fault = judge(value);
    return fault ? [stateProblem(path, value, fault)] : [];
  };
}

/** The same for a value that must not be shown. */
export function checkSecretBy(judge: Judge): Check {
  return (value, path) => {
    const fault = judge(value);
    return fault ? [stateSecretProblem(path, value, fault)] : [];
  };
}

/**
 * The check of a record: every option by its own check, `undefined` being as good as left out.
 * The value of a misspelt one is checked too, where it is certain which is meant, so that its faults come at once.
 * `required` is checked even so, unless another name was answered with it.
 */
export function checkOptions(
  options: Options,
  path: string,
  checks: Readonly<Record<string, Check>>,
  checkUnknown: (name: string, value: unknown, path: string) => readonly Problem[],
  required?: string,
): readonly Problem[] {
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const at = joinPath(path, name);
    const checkValue = (option: string): readonly Problem[] =>
      value === undefined ? [] : checks[option]!(value, at);
    if (Object.hasOwn(checks, name)) return checkValue(name);
    const meant = findSame(name, Object.keys(checks));
    const isCertain = meant !== undefined && options[meant] === undefined;
    return [...checkUnknown(name, value, at), ...(isCertain ? checkValue(meant) : [])];
  });
  if (required === undefined || options[required] !== undefined) return problems;
  const isAnswered = problems.some(({ advice }) => advice.startsWith(`write ${required}`));
  return isAnswered ? problems : [...checks[required]!(undefined, joinPath(path, required)), ...problems];
}

/** The path of an option within a record; names that are no identifiers are quoted. */
export function joinPath(path: string, name: string): string {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return `${path}[${describe(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** Whether a value is a record as `copyDefinition` makes them. */
export function isOptions(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  return Object.getPrototypeOf(value) === null;
}
