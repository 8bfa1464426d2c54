import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';

const executable = process.env['REDIS_SERVER'] ?? '/usr/bin/redis-server';
const isThere = existsSync(executable);

/** Groups tests that need a real redis-server. Where there is none they are skipped, by name; not so in CI. */
export function describeWithRedis(name: string, tests: () => void): void {
  if (!isThere && process.env['CI'] !== 'true') {
    console.warn(
      `Left out: "${name}". There is no redis-server at ${executable}: install it (Debian: apt-get install redis-server), ` +
        'or say by REDIS_SERVER=/path/to/it where it is.',
    );
    test.skip(name, () => undefined);
    return;
  }
  describe(name, () => {
    afterAll(stopRedises);
    tests();
  });
}

/** A real redis-server that keeps nothing on the disk. */
export type RedisServer = Readonly<{
  port: number;
  url: string;
  /** What it has written to its log so far. */
  log(): string;
  /** Stands still (SIGSTOP), and goes on. */
  pause(): void;
  resume(): void;
  /** Ends at once (SIGKILL), and everything in it is lost. */
  kill(): Promise<void>;
  /** Starts empty on the same port; it must have been killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}>;

const running = new Set<RedisServer>();

/** Stops every redis-server that a test has started. */
export async function stopRedises(): Promise<void> {
  await Promise.all([...running].map((redis) => redis.stop()));
}

/** Starts a redis-server on a free port of the loopback. `options`: as on its command line, `['--requirepass', 'x']`. */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  return startOnFreePort((port, folder) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--appendonly', 'no', ...options],
  ]);
}

/** One server that is a whole Cluster. */
export async function startRedisCluster(): Promise<RedisServer> {
  const redis = await startRedis([
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(await findFreePort()),
  ]);
  await addSlots(redis);
  return redis;
}

/** Makes an empty server a whole Cluster. */
export async function addSlots(redis: RedisServer): Promise<void> {
  await redisCli(redis.port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  // Until it has found out that all slots are there it refuses.
  for (;;) {
    const info = await redisCli(redis.port, 'CLUSTER', 'INFO');
    if (info.includes('cluster_state:ok')) return;
  }
}

/** A Sentinel that watches one server, by the name of `main`. */
export async function startSentinel(watched: RedisServer): Promise<RedisServer> {
  return startOnFreePort((port, folder) => {
    const conf = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${watched.port} 1`,
    ];
    writeFileSync(conf, `${lines.join('\n')}\n`);
    return [conf, '--sentinel'];
  });
}

/** What a server answers to one command, as it comes over the socket. */
export async function redisCli(port: number, ...command: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  socket.write(`*${command.length}\r\n${words.join('')}`);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString();
}

async function startOnFreePort(
  write: (port: number, folder: string) => readonly string[],
): Promise<RedisServer> {
  for (;;) {
    const port = await findFreePort();
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const started = await start(port, folder, () => write(port, folder));
    if (typeof started !== 'string') return started;
    rmSync(folder, { recursive: true });
    // Somebody else was given the port meanwhile.
    if (!started.includes('Address already in use'))
      throw new Error(`redis-server does not start: ${started}`);
  }
}

async function start(
  port: number,
  folder: string,
  write: () => readonly string[],
): Promise<RedisServer | string> {
  let said = '';
  let child: ChildProcess | undefined;

  const killNow = (): void => {
    child?.kill('SIGKILL');
  };
  async function run(): Promise<boolean> {
    const started = spawn(executable, write(), { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const before = said.length;
    return new Promise((resolve) => {
      const listen = (chunk: Buffer): void => {
        said += chunk.toString();
        // Either is written once the port is bound.
        if (/Ready to accept connections|Sentinel ID is/.test(said.slice(before))) resolve(true);
      };
      started.stdout.on('data', listen);
      started.stderr.on('data', listen);
      started.once('close', () => {
        resolve(false);
      });
    });
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    // Where it stands still it would not hear of it.
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  process.once('exit', killNow);
  if (!(await run())) {
    process.off('exit', killNow);
    return said;
  }
  const redis: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    log: () => said,
    pause() {
      child?.kill('SIGSTOP');
    },
    resume() {
      child?.kill('SIGCONT');
    },
    kill: () => end('SIGKILL'),
    async restart() {
      if (!(await run())) throw new Error(`redis-server does not start again: ${said}`);
    },
    async stop() {
      if (!running.delete(redis)) return;
      await end('SIGKILL');
      process.off('exit', killNow);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(redis);
  return redis;
}

async function findFreePort(): Promise<number> {
  for (;;) {
    // Below those that outgoing connections are given: one could take it while the server is down.
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      continue;
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
