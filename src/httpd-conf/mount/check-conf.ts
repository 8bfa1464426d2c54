import { checkLogger } from '../../definition/check-logger.ts';
import { isArray } from '../../definition/describe.ts';
import {
  checkBy,
  DefinitionError,
  stateProblem,
  type Check,
  type Problem,
} from '../../definition/problem.ts';
import { checkFields, checkListOf, isRecord } from './check-fields.ts';
import { checkMount } from './check-mounts.ts';
import { checkHost, checkSection } from './check-sections.ts';

/**
 * Checks what people write by hand, or have changed in a module that was made for them, and what the app says to it.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function checkConf(conf: unknown, options: unknown): void {
  const problems = [...checkMounted(conf), ...checkHandlerOptions(options)];
  if (problems.length > 0) throw new DefinitionError(problems, 'What is mounted');
}

function checkMounted(conf: unknown): readonly Problem[] {
  const advice = 'write what readHttpdConf returns, or { mounts: [{ kind, at, … }] }';
  if (!isRecord(conf)) return [stateProblem('conf', conf, { problem: 'it is no configuration', advice })];
  const hosts = isArray(conf['hosts']) ? conf['hosts'] : undefined;
  const orNone = 'write [ … ], or leave it out';
  const checks: Readonly<Record<string, Check>> = {
    mounts: checkListOf((mount, path) => checkMount(mount, path, hosts), advice),
    hosts: checkListOf(checkHost, orNone),
    access: checkListOf((section, path) => checkSection(section, path, hosts), orNone),
    // Whatever they are, nothing is served by them.
    notices: () => [],
    listen: () => [],
  };
  return checkFields(conf, '', 'a configuration', checks, ['mounts']);
}

const optionChecks: Readonly<Record<string, Check>> = {
  // Checked by createManager, where one is mounted.
  manager: checkBy((value) =>
    isRecord(value)
      ? undefined
      : {
          problem: 'it must be the options of the manager',
          advice: 'write { authorize: … }, or leave it out',
        },
  ),
  define: checkBy((value) =>
    typeof value === 'function'
      ? undefined
      : { problem: 'it must be a function', advice: 'write a function that returns a definition' },
  ),
  logger: checkLogger,
};

function checkHandlerOptions(options: unknown): readonly Problem[] {
  if (isRecord(options)) return checkFields(options, 'options', 'what serves a configuration', optionChecks);
  const advice = 'write { logger: … }, or leave it out';
  return [stateProblem('options', options, { problem: 'these are no options', advice })];
}
