import type { BalancerDefinition } from '../../definition/definition.ts';
import { sourceOf } from '../translate/hc-expr.ts';
import type { Namer } from './name-balancers.ts';

/** A function of definitions, such as a hcexpect: written once, however many members have it. */
export type NamedFunction = Readonly<{ name: string; source: string }>;

/**
 * Names every function of the definitions.
 *
 * @throws {TypeError} for one that was not read from a configuration: its text may need what is around it.
 */
export function nameFunctions(
  definitions: readonly BalancerDefinition[],
  namer: Namer,
): ReadonlyMap<unknown, NamedFunction> {
  const functions = new Set(definitions.flatMap(findFunctions));
  return new Map(
    [...functions].map((each) => {
      const source = sourceOf(each);
      if (source === undefined) throw new TypeError('a function of yours cannot be written as TypeScript');
      return [each, { name: namer('isHealthy', 'function'), source }];
    }),
  );
}

function findFunctions(value: unknown): readonly unknown[] {
  if (typeof value === 'function') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(findFunctions) : [];
}

/** The statement of a function. Its expression is as wide as the configuration has made it. */
export function printFunction({ name, source }: NamedFunction): readonly string[] {
  return ['// prettier-ignore', `const ${name}: HcFunction = ${source};`];
}
