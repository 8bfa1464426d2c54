import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from './hosts.ts';

/** A redis-server on a host of its own. */
export type RedisOfHost = Readonly<{
  /** As that host reaches it, and as the others do. */
  nearUrl: string;
  farUrl: string;
  /** As everybody on this machine does. */
  socketPath: string;
}>;

const port = 6379;
const running = new Set<() => Promise<void>>();

/** Starts one, which keeps nothing; its socket is in `folder`. */
export async function startRedisOf({ address, inside }: Host, folder: string): Promise<RedisOfHost> {
  const socketPath = join(folder, 'redis.sock');
  const options = {
    port: `${port}`,
    bind: `127.0.0.1 ${address}`,
    unixsocket: socketPath,
    // Nobody else is on these hosts.
    'protected-mode': 'no',
    save: '',
    appendonly: 'no',
    dir: folder,
  };
  const program = process.env['REDIS_SERVER'] ?? 'redis-server';
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);
  const [command, ...rest] = [...inside, program, ...args];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'close');
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const stop = async (): Promise<void> => {
    running.delete(stop);
    kill();
    await gone;
    process.off('exit', kill);
  };
  running.add(stop);
  process.once('exit', kill);
  let said = '';
  const ready = Promise.withResolvers<undefined>();
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
    // The last of what it listens on.
    if (said.includes('ready to accept connections at')) ready.resolve(undefined);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  child.once('close', () => {
    ready.reject(new Error(`redis-server does not start: ${said}`));
  });
  await ready.promise;
  return { nearUrl: `redis://127.0.0.1:${port}`, farUrl: `redis://${address}:${port}`, socketPath };
}

/** Stops those that a test has started. */
export async function stopRedisesOfHosts(): Promise<void> {
  await Promise.all([...running].map((stop) => stop()));
}
