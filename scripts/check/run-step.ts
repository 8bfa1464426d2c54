import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Program, Step } from './steps.ts';
import { readCounts, type Result } from './summary.ts';

/** Test runners tell their counts at their ends. */
const keptCharacters = 100_000;

/** How steps are run. */
export type Running = Readonly<{
  /** Which programs of these are not there. */
  findMissing(programs: readonly Program[]): readonly Program[];
  out: Writable;
  err: Writable;
  env: NodeJS.ProcessEnv;
  /** In CI nothing may be missing. */
  isCi: boolean;
  /** The folder of package.json. Default: the current one. */
  folder?: string;
}>;

/** Runs one step to its end; what it prints is passed on. Never rejects. */
export async function runStep(step: Step, running: Running): Promise<Result> {
  const { findMissing, isCi } = running;
  const { name, needs = [], uses = [] } = step;
  const missing = findMissing(needs);
  if (missing.length > 0) return { name, outcome: 'left out', tookMs: 0, note: tellMissing(missing) };
  const partly = findMissing(uses);
  const note = partly.length > 0 ? tellMissing(partly) : undefined;
  // Its tests would say so one by one, and only at their end.
  if (isCi && note !== undefined) return { name, outcome: 'left out', tookMs: 0, note };
  const startedAt = performance.now();
  const { status, said } = await runScript(step, running);
  return {
    name,
    outcome: status === 0 ? 'passed' : 'failed',
    counts: readCounts(said),
    tookMs: performance.now() - startedAt,
    note,
  };
}

/** What is not there, and how to get it. */
function tellMissing(programs: readonly Program[]): string {
  const names = programs.map((program) => program.name).join(', ');
  return `no ${names}: apt-get install ${programs.map((program) => program.package).join(' ')}`;
}

async function runScript(
  { run: [script, ...args] }: Step,
  { out, err, env, folder = '.' }: Running,
): Promise<{ status: number; said: string }> {
  const child = spawn('npm', ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env,
  });
  let said = '';
  const pass = (from: Readable, to: Writable): void => {
    from.setEncoding('utf8').on('data', (chunk: string) => {
      to.write(chunk);
      said = (said + chunk).slice(-keptCharacters);
    });
  };
  pass(child.stdout, out);
  pass(child.stderr, err);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status: status ?? 1, said };
  } catch (error) {
    err.write(`${String(error)}\n`);
    return { status: 1, said };
  }
}
