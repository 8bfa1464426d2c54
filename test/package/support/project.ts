import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, test } from '@jest/globals';

const projects = join(import.meta.dirname, '../projects');
const workshop = process.env['PACKAGE_WORKSHOP']!;

/** The package, packed. */
export const tarball = process.env['PACKAGE_TARBALL']!;

/** Versions of Node that the package is for. */
export type NodeVersion = 22 | 24 | 26;

const nodes: Readonly<Record<NodeVersion, string>> = {
  22: join(workshop, 'nodes/node_modules/node-22/bin/node'),
  24: join(import.meta.dirname, '../../../node_modules/node/bin/node'),
  26: join(workshop, 'nodes/node_modules/node-26/bin/node'),
};

/** Without jest's own words, and those of the npm that runs the tests: a user's environment has neither. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(?:NODE_ENV|NODE_OPTIONS|JEST_.*|FORCE_COLOR|npm_(?:package|lifecycle|command|config_loglevel).*)$/.test(
          name,
        ),
    ),
  ),
  NO_COLOR: '1',
};

/** Groups tests that install from npm's registry. Where it cannot be reached they are skipped, by name; CI has failed by then. */
export function describeWithRegistry(name: string, tests: () => void): void {
  if (process.env['PACKAGE_NO_REGISTRY'] === undefined) describe(name, tests);
  else test.skip(name, () => undefined);
}

/** How a program has ended, and all that it has said. */
export type Run = Readonly<{ code: number; said: string }>;

/** A project with the package installed. */
export type Project = Readonly<{
  folder: string;
  /** Runs a script, or a program that the project has installed (`bin:jest`), to its end. */
  run(args: readonly string[], node?: NodeVersion): Promise<Run>;
  /** Starts a script that goes on. */
  start(args: readonly string[], more: Readonly<Record<string, string>>, node?: NodeVersion): ChildProcess;
}>;

/**
 * Copies a project and installs what it asks for, the packed package in place of `"express-proxy-balancer": "*"`. `like`: whose
 * other files it has. `versions`: other versions than its own of what it asks for.
 */
export async function installProject(
  name: string,
  { like, versions = {} }: { like?: string; versions?: Readonly<Record<string, string>> } = {},
): Promise<Project> {
  const folder = join(workshop, [name, ...Object.values(versions)].join('-').replaceAll(/[^\w.-]/g, ''));
  for (const from of [like, name]) {
    if (from !== undefined) cpSync(join(projects, from), folder, { recursive: true });
  }
  const path = join(folder, 'package.json');
  const asked = JSON.parse(readFileSync(path, 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  asked.dependencies['express-proxy-balancer'] = `file:${tarball}`;
  Object.assign((asked.devDependencies ??= {}), versions);
  writeFileSync(path, JSON.stringify(asked, null, 2));
  const { code, said } = await runToEnd(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund'],
    folder,
  );
  if (code !== 0) throw new Error(`npm install has failed in ${name}: ${said}`);
  return {
    folder,
    run: (args, node = 24) => runToEnd(nodes[node], args.map(findProgram), folder),
    start: (args, more, node = 24) =>
      spawn(nodes[node], args, { cwd: folder, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] }),
  };
}

/** Without a shell in between, and by the Node that is asked for. */
function findProgram(word: string): string {
  return word.startsWith('bin:') ? join('node_modules/.bin', word.slice(4)) : word;
}

async function runToEnd(program: string, args: readonly string[], cwd: string): Promise<Run> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env, maxBuffer: 2 ** 26 });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, said: stdout + stderr };
  }
}
