import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BalancerDefinition } from '../../../../src/index.ts';

/** How a process has ended: by itself, with a code, or by a signal; and how long that took since it was told to. */
export type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;

/** A front in a process of its own. */
export type FrontProcess = Readonly<{
  port: number;
  /** Sends SIGTERM; resolves when the process has heard it. */
  terminate(): Promise<void>;
  ended: Promise<Ended>;
  /** What it has said on its standard error. */
  complaints(): string;
}>;

const running: (() => Promise<unknown>)[] = [];
const script = fileURLToPath(new URL('front-main.ts', import.meta.url));

/** Kills every front that a test has started; call it in `afterEach`, before what is left is looked for. */
export async function stopFrontProcesses(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/** Starts one; SIGTERM gives it `grace` to end. */
export async function startFrontProcess(
  definition: Omit<BalancerDefinition, 'logger'>,
  grace: string,
): Promise<FrontProcess> {
  const args = [script, JSON.stringify({ logger: false, ...definition }), grace];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const listening = Promise.withResolvers<number>();
  let heard = Promise.withResolvers<undefined>();
  let complaints = '';
  let toldAt = Infinity;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = closed.then(([code, signal]) => ({ code, signal, afterMs: performance.now() - toldAt }));
  running.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  void ended.then(() => {
    listening.reject(new Error(`the front has ended before it listened: ${complaints}`));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, port] = line.split(' ');
    if (word === 'listening') listening.resolve(Number(port));
    if (word === 'told') heard.resolve(undefined);
  });
  return {
    port: await listening.promise,
    async terminate() {
      heard = Promise.withResolvers();
      toldAt = performance.now();
      child.kill('SIGTERM');
      await Promise.race([heard.promise, ended]);
    },
    ended,
    complaints: () => complaints,
  };
}
