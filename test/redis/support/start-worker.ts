import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type At } from './client.ts';
import type { FromWorker, Look, Question, ToWorker, WorkerDeeds, WorkerOrders } from './worker.ts';

/** One process of a site. */
export type Worker = Readonly<{
  pid: number;
  /** Where it serves. */
  at: At;
  look(): Promise<Look>;
  /** Lets its program do something. Rejects when that is refused. */
  do<Deed extends keyof WorkerDeeds>(deed: Deed, ...args: Parameters<WorkerDeeds[Deed]>): Promise<void>;
  /** Somebody does something through its manager, for `/api/balancers/app`. Rejects when that is refused. */
  manage(method: string, path: string, body: Readonly<Record<string, unknown>>): Promise<void>;
  /** Not once it is told to end: what breaks then is its own. */
  isRunning(): boolean;
  /** Ends it as the kernel does: nothing is said or tidied up. */
  kill(): Promise<void>;
  /** Lets it leave, and end. */
  close(): Promise<void>;
}>;

const program = join(import.meta.dirname, 'worker.ts');
const running = new Set<Worker>();

/** Ends every worker that a test has started. */
export async function endWorkers(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.kill()));
}

/** Starts a worker. `inside`: a command before its own, which it is run by: `['ip', 'netns', 'exec', 'a']`. */
export async function startWorker(orders: WorkerOrders, inside: readonly string[] = []): Promise<Worker> {
  const [command, ...args] = [...inside, process.execPath, program, JSON.stringify(orders)];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = once(child, 'exit');
  const { port, send } = await connectTo(child, () => said);
  const at: At = orders.path === undefined ? { port } : { socketPath: orders.path };

  let isEnding = false;

  const worker: Worker = {
    pid: child.pid!,
    at,
    async look() {
      return (await send({ kind: 'look' }))!;
    },
    async do(deed, ...given) {
      await send({ kind: 'do', deed, args: given });
    },
    async manage(method, path, body) {
      const token = await ask(at, { path: '/-/manager/api/token' });
      const told = await ask(at, {
        method,
        path: `/-/manager/api/balancers/app${path}`,
        headers: {
          Host: 'worker',
          Origin: 'http://worker',
          'Content-Type': 'application/json',
          'X-Manager-Token': (JSON.parse(token.text) as { token: string }).token,
        },
        body: JSON.stringify(body),
      });
      if (told.status >= 300) throw new Error(`${method} ${path}: ${told.status} ${told.text}`);
    },
    isRunning: () => !isEnding && child.exitCode === null && child.signalCode === null,
    async kill() {
      isEnding = true;
      child.kill('SIGKILL');
      await gone;
      running.delete(worker);
      if (orders.path !== undefined) rmSync(orders.path, { force: true });
    },
    async close() {
      isEnding = true;
      // The channel may end before the answer has come.
      void send({ kind: 'close' }).catch(() => undefined);
      await gone;
      running.delete(worker);
    },
  };
  running.add(worker);
  return worker;
}

type Line = Readonly<{ port: number; send: (question: Question) => Promise<Look | undefined> }>;

/** Resolves once the worker serves. */
async function connectTo(child: ChildProcess, said: () => string): Promise<Line> {
  const waiting = new Map<number, PromiseWithResolvers<Look | undefined>>();
  const ready = Promise.withResolvers<number>();
  let count = 0;
  child.on('message', (message: FromWorker) => {
    if (message.kind === 'ready') {
      ready.resolve(message.port);
      return;
    }
    const { id, look, error } = message;
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(look);
    else one?.reject(new Error(error));
  });
  const fail = (): void => {
    const error = new Error(`a worker has ended: ${said()}`);
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.once('error', fail);
  child.once('exit', fail);
  const port = await ready.promise;
  return {
    port,
    send(question) {
      if (!child.connected) return Promise.reject(new Error(`a worker has ended: ${said()}`));
      const one = Promise.withResolvers<Look | undefined>();
      count += 1;
      waiting.set(count, one);
      child.send({ id: count, question } satisfies ToWorker);
      return one.promise;
    },
  };
}
