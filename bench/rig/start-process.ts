import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { bindCommand, type Side } from './cores.ts';
import { addGroup, endGroup, killGroup } from './process-groups.ts';
import type { Running } from './running.ts';

/** What is to run. */
export type Order = Readonly<{
  name: string;
  command: string;
  args: readonly string[];
  /** Where it is going to listen; left out: it says so itself, by a line `listening <port>` on its standard output. */
  port?: number;
  /** Whose cores it runs on; by default the proxies'. */
  side?: Side;
  /** Added to the environment. */
  env?: Readonly<NodeJS.ProcessEnv>;
  /** Removes what was written for it; called once it is gone. */
  cleanUp?(): void;
}>;

const startPatienceMs = 15_000;
const stopPatienceMs = 3_000;
const pollMs = 20;
/** Of what it says on its standard error: enough to tell why it failed. */
const keptLetters = 2_000;

/** Starts it, and resolves when it answers connections on loopback. */
export async function startProcess(order: Order): Promise<Running> {
  const [command, args] = bindCommand(order.side ?? 'proxy', order.command, order.args);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what it starts itself ends with it.
    detached: true,
    env: { ...process.env, NODE_ENV: 'production', ...order.env },
  });
  const gone = waitForEnd(child);
  addGroup(child, order.cleanUp);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptLetters);
  });
  let phase: 'starting' | 'ready' | 'stopping' = 'starting';
  const stop = async (): Promise<void> => {
    phase = 'stopping';
    child.kill('SIGTERM');
    const timer = setTimeout(killGroup, stopPatienceMs, child);
    await gone;
    clearTimeout(timer);
  };
  const over = new AbortController();
  void gone.then((how) => {
    endGroup(child);
    over.abort(new Error(`${order.name} did not start: ${how}\n${said}`));
    if (phase === 'ready') console.error(`${order.name} has ended by itself: ${how}\n${said}`);
  });
  const timer = setTimeout(() => {
    over.abort(new Error(`${order.name} did not start within ${startPatienceMs / 1_000} s\n${said}`));
  }, startPatienceMs);
  try {
    const port =
      order.port === undefined
        ? await hearPort(child.stdout, over.signal)
        : await pollPort(order.port, over.signal);
    child.stdout.resume();
    phase = 'ready';
    return { name: order.name, pid: child.pid!, port, stop };
  } catch (error) {
    await stop();
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with how it ended. */
function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // A signal that could not be sent is no end.
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${String(code)}`);
    });
  });
}

/** The port of the line `listening <port>`. */
async function hearPort(stdout: Readable, signal: AbortSignal): Promise<number> {
  const lines = createInterface({ input: stdout });
  try {
    for (;;) {
      const [line] = (await once(lines, 'line', { signal })) as [string];
      const port = /^listening (\d+)$/.exec(line)?.[1];
      if (port !== undefined) return Number(port);
    }
  } finally {
    lines.close();
  }
}

async function pollPort(port: number, signal: AbortSignal): Promise<number> {
  while (!(await isOpen(port))) await wait(pollMs, undefined, { signal });
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
