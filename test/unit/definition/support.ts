import { expect } from '@jest/globals';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import { DefinitionError, printProblem, type Problem } from '../../../src/definition/problem.ts';
import type { Settings } from '../../../src/definition/settings.ts';

export const members = [
  { url: 'http://app1', route: 'app1' },
  { url: 'http://app2', route: 'app2' },
];

export const sticky = { stickysession: 'sid' };

/** What is wrong with a definition. */
export function problemsOf(definition: unknown): readonly Problem[] {
  try {
    readDefinition(definition);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
}

/** The lines for a definition that is right but for what is handed in. */
export function linesFor(options: Readonly<Record<string, unknown>>): readonly string[] {
  return problemsOf({ members, ...options }).map(printProblem);
}

/** The lines for a member that is right but for what is handed in. */
export function linesForMember(options: Readonly<Record<string, unknown>>): readonly string[] {
  return linesFor({ members: [...members, { url: 'http://app3', ...options }] });
}

/** Settings for a definition that is right; without members of its own, it has one with a route. */
export function build(definition: Partial<BalancerDefinition> = {}, hostname = 'front'): Settings {
  const whole: BalancerDefinition = { members: [{ url: 'http://a', route: 'a' }], ...definition };
  expect(problemsOf(whole)).toEqual([]);
  return buildSettings(whole, { hostname, instance: '1a2b' });
}
