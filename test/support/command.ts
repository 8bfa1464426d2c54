import type { ExitCode, Io, Signal } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';

/** What a command has said and how it ended, without a process. */
export type Session = Readonly<{
  said: { out: string; err: string };
  code: Promise<ExitCode>;
  signal(name: Signal): void;
}>;

/** Calls a command. `onErr`: sees each message as it is told. */
export function start(
  args: readonly string[],
  input = '',
  onErr: (words: string, session: Pick<Session, 'signal'>) => void = () => undefined,
): Session {
  const said = { out: '', err: '' };
  const listeners = new Set<(signal: Signal) => void>();
  const signal = (name: Signal): void => {
    for (const listener of [...listeners]) listener(name);
  };
  const io: Io = {
    out: (words) => void (said.out += words),
    err(words) {
      said.err += words;
      onErr(words, { signal });
    },
    readInput: () => Promise.resolve(input),
    isColoured: { out: false, err: false },
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    said,
    code: run(args, io),
    signal,
  };
}
