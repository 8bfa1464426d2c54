import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A member in a process of its own, which can be killed and started again on its port. */
export type MemberProcess = Readonly<{
  name: string;
  port: number;
  url: string;
  /** `METHOD id` of each request that it has begun, over all its lives: the id is `X-Id`, or else the path. */
  begun: readonly string[];
  /** The same of each that it has answered. */
  done: readonly string[];
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** On the same port; resolves when it listens. */
  start(): Promise<void>;
  /** Any other signal, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void;
}>;

const running: MemberProcess[] = [];
const script = fileURLToPath(new URL('member-main.ts', import.meta.url));

/** Kills every member that a test has started; call it in `afterEach`, before what is left is looked for. */
export async function stopMembers(): Promise<void> {
  await Promise.all(running.splice(0).map((member) => member.kill()));
}

/** Starts one. `mostDescriptors`: how many files and sockets it may have open (`ulimit -n`). */
export async function startMember(
  name: string,
  { mostDescriptors }: Readonly<{ mostDescriptors?: number }> = {},
): Promise<MemberProcess> {
  const begun: string[] = [];
  const done: string[] = [];
  let child: ChildProcess | undefined;
  let port = 0;

  async function start(): Promise<void> {
    const command = [process.execPath, script, name, String(port)];
    const limited = ['sh', '-c', `ulimit -n ${mostDescriptors ?? 0}; exec "$@"`, 'sh', ...command];
    const [program = '', ...args] = mostDescriptors === undefined ? command : limited;
    const started = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    const listening = Promise.withResolvers<number>();
    started.once('error', listening.reject);
    started.once('exit', () => {
      listening.reject(new Error(`${name} has ended before it listened`));
    });
    createInterface({ input: started.stdout }).on('line', (line) => {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'listening') listening.resolve(Number(rest[0]));
      if (word === 'begun') begun.push(rest.join(' '));
      if (word === 'done') done.push(rest.join(' '));
    });
    port = await listening.promise;
  }

  async function kill(): Promise<void> {
    const dying = child;
    child = undefined;
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return;
    // Behind it all that it has told has been read.
    const gone = once(dying, 'close');
    dying.kill('SIGKILL');
    await gone;
  }

  await start();
  const member: MemberProcess = {
    name,
    port,
    url: `http://127.0.0.1:${port}`,
    begun,
    done,
    kill,
    start,
    signal: (signal) => void child?.kill(signal),
  };
  running.push(member);
  return member;
}
