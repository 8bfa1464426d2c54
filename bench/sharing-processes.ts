import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChildOrders, Deed, FromChild, ToChild } from './sharing-child.ts';

/** A process of the benchmark. */
export type Child = Readonly<{
  port: number;
  /** Its CPU time so far. */
  cpuUs(): Promise<number>;
  /** Lets it do something to a member; resolves with when it was done. */
  act(deed: Deed, member: number): Promise<number>;
  /** Resolves with when it has come to know of it; not before it is asked for. */
  arrival(deed: Deed, member: number): Promise<number>;
  end(): Promise<void>;
}>;

const program = join(import.meta.dirname, 'sharing-child.ts');
const patienceMs = 20_000;

export async function startChild(orders: ChildOrders): Promise<Child> {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const waiting = new Set<(message: FromChild) => void>();
  child.on('message', (message: FromChild) => {
    for (const hear of [...waiting]) hear(message);
  });

  /** The next message that is looked for. */
  async function hear<Result>(
    what: string,
    pick: (message: FromChild) => Result | undefined,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const listen = (message: FromChild): void => {
      const picked = pick(message);
      if (picked !== undefined) resolve(picked);
    };
    const fail = (): void => {
      reject(new Error(`a process of the benchmark has ended, or waits in vain: ${what}`));
    };
    const timer = setTimeout(fail, patienceMs);
    child.once('exit', fail);
    waiting.add(listen);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('exit', fail);
      waiting.delete(listen);
    }
  }
  function send(message: ToChild): void {
    child.send(message);
  }
  const hearOf = (kind: 'done' | 'arrived', deed: Deed, member: number): Promise<number> =>
    hear(`${deed} of member ${member} has ${kind}`, (message) =>
      message.kind === kind && message.deed === deed && message.member === member ? message.atMs : undefined,
    );

  const port = await hear('it is ready', (message) => (message.kind === 'ready' ? message.port : undefined));
  return {
    port,
    cpuUs() {
      const told = hear('its CPU time', (message) => (message.kind === 'cpu' ? message.us : undefined));
      send({ kind: 'cpu' });
      return told;
    },
    act(deed, member) {
      const done = hearOf('done', deed, member);
      send({ kind: 'do', deed, member });
      return done;
    },
    arrival: (deed, member) => hearOf('arrived', deed, member),
    async end() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
