import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrowdFigures, CrowdOrder, CrowdWord } from './load-words.ts';

/** Clients in a process of their own, who ask as fast as they are answered. */
export type Crowd = Readonly<{
  /** Resolves when all that is under way now has ended, and so many more requests were answered. */
  pass(more: number): Promise<void>;
  /** Lets what is under way end; what they have seen. */
  stop(): Promise<CrowdFigures>;
}>;

/** How many clients there are. `sockets`: who echo over WebSocket, besides. */
export type CrowdPlan = Readonly<{ clients: number; sockets: number; seed: number }>;

const running = new Set<ChildProcess>();

/** Kills what a test has started and not stopped; call it in `afterEach`, before what is left is looked for. */
export async function stopPrograms(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }),
  );
}

/** Starts a program of this folder with a channel to it. */
export function startProgram(script: string, args: readonly (string | number)[]): ChildProcess {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args.map(String));
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The next word of a program; fails when it ends without one. */
export async function hearFrom<Word>(child: ChildProcess): Promise<Word> {
  const told = Promise.withResolvers<Word>();
  const hear = (word: unknown): void => {
    told.resolve(word as Word);
  };
  const fail = (): void => {
    told.reject(new Error('a program of the test has ended without a word'));
  };
  // Not `exit`, which may come before its last words.
  child.once('message', hear).once('disconnect', fail);
  try {
    return await told.promise;
  } finally {
    child.off('message', hear).off('disconnect', fail);
  }
}

/** Starts clients of the members of `member-main.ts`, by way of a front. */
export function startCrowd(port: number, { clients, sockets, seed }: CrowdPlan): Crowd {
  const child = startProgram('load-crowd-main.ts', [port, clients, sockets, seed]);
  const order = async (what: CrowdOrder): Promise<CrowdWord> => {
    child.send(what);
    return await hearFrom<CrowdWord>(child);
  };
  return {
    async pass(more) {
      await order({ kind: 'pass', more });
    },
    async stop() {
      const gone = once(child, 'exit');
      const word = await order({ kind: 'stop' });
      await gone;
      if (word.kind !== 'figures') throw new Error(`a crowd says ${word.kind} at its end`);
      return word.figures;
    },
  };
}
