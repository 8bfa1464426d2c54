import { deepEqual } from 'node:assert/strict';
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** One process of the cluster, as the console introduces it. */
export type Introduced = Readonly<{ url: string; port: number; pid: number }>;

const root = join(import.meta.dirname, '../../..');
const lines: string[] = [];
const readers = new Set<() => void>();
const started: ChildProcess[] = [];

/** Starts a program on free ports, with its posts in this file, and listens to what it says. */
export function start(
  postsFile: string,
  ...command: readonly string[]
): ChildProcessByStdio<null, Readable, null> {
  const ports = Object.fromEntries(
    ['PORT', 'STATIC1_PORT', 'STATIC2_PORT', 'APP1_PORT', 'APP2_PORT'].map((name) => [name, '0']),
  );
  const child = spawn(process.execPath, [...command], {
    cwd: root,
    // A Redis that the environment names is somebody else's.
    env: { ...process.env, ...ports, POSTS_FILE: postsFile, REDIS_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(text);
    for (const read of readers) read();
  });
  return child;
}

/** Runs a configuration with the command, on a free port. What it says is for the caller to read. */
export function serve(file: string): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'serve', file, '--listen', '127.0.0.1:0', '--log'],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  started.push(child);
  return child;
}

/** The port that a program tells in a line of its own. */
export function readPort(stream: Readable, said: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  createInterface({ input: stream })
    .on('line', (text) => {
      const [, port] = new RegExp(`${said} http://127\\.0\\.0\\.1:(\\d+)`).exec(text) ?? [];
      if (port !== undefined) resolve(Number(port));
    })
    .on('close', () => {
      reject(new Error(`nobody has said '${said}'`));
    });
  return promise;
}

/** A line of the console, said already or to come. */
export function line(pattern: RegExp): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let seen = 0;
  const read = (): void => {
    const found = lines.slice(seen).find((text) => pattern.test(text));
    seen = lines.length;
    if (found === undefined) return;
    readers.delete(read);
    resolve(found);
  };
  readers.add(read);
  read();
  return promise;
}

/** What the cluster says of itself when it is ready. */
export async function readIntroduction(
  cluster: ChildProcess,
): Promise<Record<string, Introduced> & { front: Introduced }> {
  const ended = once(cluster, 'exit').then(() => {
    throw new Error('the cluster ended before it was ready');
  });
  await Promise.race([line(/^Ctrl-C ends all/), ended]);
  // It ends later, and properly.
  ended.catch(() => undefined);
  const rows = lines.flatMap((text) => {
    const [, name, url, pid] = /^ {2}(\w+) +(http:\S+) +pid (\d+)$/.exec(text) ?? [];
    return name !== undefined && url !== undefined
      ? [[name, { url, port: Number(new URL(url).port), pid: Number(pid) }] as const]
      : [];
  });
  const processes: Record<string, Introduced> = Object.fromEntries(rows);
  deepEqual(Object.keys(processes), ['front', 'static1', 'static2', 'app1', 'app2']);
  return { ...processes, front: processes['front']! };
}

/** What a program has said until its end, and how it has ended. */
export type Run = Readonly<{ code: number | null; output: readonly string[] }>;

/** Runs a program to its end, with what it says in a file's stead, not on a terminal. */
export async function run(...command: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [...command], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  const output: string[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(text);
    output.push(text);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** The end of what was said, for whoever has to find out what went wrong. */
export function lastLines(): string {
  return lines.slice(-20).join('\n');
}

/** Ends whatever is still running of what was started, at once. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL');
}
