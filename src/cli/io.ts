/** Signals that a command may be told of. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What a command may do to the world it was started in. */
export type Io = Readonly<{
  /** To standard output: results. */
  out(text: string): void;
  /** To standard error: messages. */
  err(text: string): void;
  /** The whole of standard input. */
  readInput(): Promise<string>;
  /** Whether colours are wanted there. */
  isColoured: Readonly<{ out: boolean; err: boolean }>;
  /** Calls the listener at each signal, which then does nothing else. Returns how to call it off. */
  onSignal(listener: (signal: Signal) => void): () => void;
}>;

/** How a command has ended. */
export const ExitCode = {
  ok: 0,
  /** Something was dropped, or the configuration is wrong, or it cannot be served. */
  failed: 1,
  /** It was called wrongly. */
  usage: 2,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command was called wrongly; the message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
