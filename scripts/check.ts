import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runStep } from './check/run-step.ts';
import { findMissing, findSteps, listPrograms, type Program, type Step } from './check/steps.ts';
import { judgeResults, printSummary, type Result } from './check/summary.ts';

/*
 * `npm run check`: all that CI runs. `npm run check -- redis browser`: some steps. `--list`: which there are. `--missing`:
 * the packages of Debian that they would need. `--bail`: ends with the first step that fails.
 */

const isCi = process.env['CI'] === 'true';

function findAbsent(programs: readonly Program[]): readonly Program[] {
  return findMissing(programs, existsSync, process.env);
}

async function runAll(steps: readonly Step[], isBailing: boolean): Promise<number> {
  const results: Result[] = [];
  const interrupted = new AbortController();
  // The step that runs gets the signal too, and ends by it.
  process.on('SIGINT', () => {
    interrupted.abort();
  });
  const env = { ...process.env };
  if (process.stdout.isTTY) env['FORCE_COLOR'] ??= '1';
  for (const step of steps) {
    console.log(`\n── ${step.name}: ${step.about}`);
    const result = await runStep(step, {
      findMissing: findAbsent,
      out: process.stdout,
      err: process.stderr,
      env,
      isCi,
    });
    results.push(result);
    if (interrupted.signal.aborted || (isBailing && judgeResults([result], isCi) !== 0)) break;
  }
  console.log(`\n${printSummary(results)}`);
  return interrupted.signal.aborted ? 130 : judgeResults(results, isCi);
}

function readCommand(): { steps: readonly Step[]; list: boolean; missing: boolean; bail: boolean } {
  const { values, positionals } = parseArgs({
    options: {
      list: { type: 'boolean', default: false },
      missing: { type: 'boolean', default: false },
      bail: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  return { ...values, steps: findSteps(positionals) };
}

async function main(): Promise<number> {
  let command;
  try {
    command = readCommand();
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
  const { steps, list, missing, bail } = command;
  if (list) {
    for (const { name, about } of steps) console.log(`${name.padEnd(8)} ${about}`);
    return 0;
  }
  if (missing) {
    const packages = findAbsent(listPrograms(steps)).map((program) => program.package);
    if (packages.length > 0) console.log(packages.join(' '));
    return 0;
  }
  return runAll(steps, bail);
}

process.exitCode = await main();
