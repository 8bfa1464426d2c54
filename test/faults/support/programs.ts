import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

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

/** Starts a program of this folder, `script`, with a channel to it. */
export function startProgram(
  script: string,
  args: readonly (string | number)[],
  execArgv: readonly string[] = [],
): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, args.map(String), { execArgv: [...execArgv] });
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
