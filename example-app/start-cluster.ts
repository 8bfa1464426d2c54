// The front on all cores: a worker on each, which share their state through Redis; the backends as in `start.ts`.
import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { choosePort, startBackends } from './cluster/backends.ts';
import { introduceCluster } from './cluster/cluster-introduction.ts';
import { findFreePort } from './cluster/free-port.ts';
import { restartCommand } from './cluster/introduction.ts';
import { demandPorts, host, isBackendName, type BackendName, type ProcessName } from './cluster/ports.ts';
import { hasRedisServer, redisAdvice, redisCommand } from './cluster/redis.ts';
import { endChild, startChild, type Child } from './cluster/start-child.ts';
import { postsFile } from './site/posts.ts';

/** A worker that ends at once would be started again and again. */
const restartPauseMs = 1_000;

const helpers: Child<BackendName | 'redis'>[] = [];
const workers = new Set<Worker>();
let ending = false;

process.once('SIGINT', () => void end(0));
process.once('SIGTERM', () => void end(0));

const given = process.env['REDIS_URL'] || undefined;
if (given === undefined && !hasRedisServer()) {
  console.error(redisAdvice);
  process.exit(1);
}

let environment: Record<string, string> = {};

try {
  await rm(postsFile, { force: true });
  const redis =
    given === undefined ? watch(await startChild('redis', 'cluster/redis-server.ts', [])) : undefined;
  const backends = await startBackends(watch);
  const ports = new Map<ProcessName, number>(backends.map((child) => [child.name, child.port]));
  // Each worker has to ask for the same one.
  const port = (await choosePort('front')) || (await findFreePort());
  ports.set('front', port);
  const password = randomBytes(9).toString('base64url');
  environment = {
    ...demandPorts(ports),
    STATE_URL: redis === undefined ? given! : `redis://${host}:${redis.port}`,
    // What one worker has signed, another one reads.
    MANAGER_PASSWORD: password,
    MANAGER_SECRET: randomBytes(32).toString('hex'),
  };
  cluster.setupPrimary({ exec: fileURLToPath(new URL('front.ts', import.meta.url)), args: [] });
  const count = Math.max(2, availableParallelism());
  const started = await Promise.all(Array.from({ length: count }, startWorker));
  console.log(introduceCluster({ port, workers: started.map(pidOf), redis, backends, password }));
} catch (error) {
  await fail(error);
}

/** Resolves when it listens. */
async function startWorker(): Promise<Worker> {
  const worker = cluster.fork(environment);
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let isReady = false;
  workers.add(worker);
  worker.once('message', () => {
    isReady = true;
    resolve(undefined);
  });
  worker.once('exit', (code: number, signal: string) => {
    workers.delete(worker);
    if (ending) return;
    const how = signal || `exit code ${code}`;
    if (isReady) void replace(worker, how, performance.now() - startedAt);
    else reject(new Error(`a worker ended before it was ready: ${how}`));
  });
  await promise;
  return worker;
}

async function replace(worker: Worker, how: string, livedMs: number): Promise<void> {
  console.log(`\nworker (pid ${pidOf(worker)}) has ended: ${how}`);
  for (let pauseMs = Math.max(0, restartPauseMs - livedMs); ; pauseMs = restartPauseMs) {
    await setTimeout(pauseMs);
    if (ending) return;
    try {
      console.log(`worker (pid ${pidOf(await startWorker())}) has been started in its place\n`);
      return;
    } catch (error) {
      printError(error);
    }
  }
}

function pidOf(worker: Worker): number {
  return worker.process.pid ?? 0;
}

async function fail(error: unknown): Promise<void> {
  // Who is ending has ended what was to begin.
  if (!ending) printError(error);
  await end(1);
}

function printError(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
}

/** Says when one of them has ended; the others go on without it. */
function watch<Name extends BackendName | 'redis'>(child: Child<Name>): Child<Name> {
  helpers.push(child);
  child.process.once('exit', (code, signal) => {
    if (!ending) report(child, signal ?? `exit code ${code ?? 'unknown'}`);
  });
  return child;
}

function report({ name, pid, port }: Child<BackendName | 'redis'>, how: string): void {
  console.log(`\n${name} (pid ${pid}) has ended: ${how}`);
  const command = isBackendName(name)
    ? restartCommand(name, port)
    : redisCommand(port)
        .map((word) => word || "''")
        .join(' ');
  console.log(`Start it again with: ${command}\n`);
}

/** The workers first: what they have begun needs the backends. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all([...workers].map((worker) => endChild(worker.process)));
  await Promise.all(helpers.map((child) => endChild(child.process)));
  process.exit(code);
}
