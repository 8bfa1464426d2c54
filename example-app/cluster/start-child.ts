import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessName } from './ports.ts';
import type { Ready } from './child.ts';

export type Child<Name extends string = ProcessName> = Readonly<{
  name: Name;
  process: ChildProcess;
  pid: number;
  port: number;
}>;

/** How long a child may take to end by itself before it is made to. */
const graceMs = 3000;

/** Starts one program of the cluster in a process of its own; resolves when it listens. */
export function startChild<Name extends string>(
  name: Name,
  program: 'front.ts' | 'backend.ts' | 'demo/backend.ts' | 'cluster/redis-server.ts',
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Child<Name>> {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const child = fork(path, [...args], { env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`${name} ended before it was ready`));
    });
    child.once('message', (message) => {
      const { port, pid = child.pid ?? 0 } = readReady(message);
      resolve({ name, process: child, pid, port });
    });
  });
}

/** Ends a child; resolves when it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** What a process that was started has said first. */
export function readReady(message: unknown): Ready {
  if (!hasNumber(message, 'port')) throw new Error('the first message of a child is its port');
  return hasNumber(message, 'pid') ? { port: message.port, pid: message.pid } : { port: message.port };
}

function hasNumber<Name extends string>(message: unknown, name: Name): message is Record<Name, number> {
  return (
    typeof message === 'object' &&
    message !== null &&
    typeof (message as Record<string, unknown>)[name] === 'number'
  );
}
