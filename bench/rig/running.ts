/** A process (with what it has started itself) that serves on loopback. */
export type Running = Readonly<{
  name: string;
  pid: number;
  port: number;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}>;

/** What a process and those that it has started have used so far. */
export type Usage = Readonly<{
  /** CPU time, user and system, in microseconds. */
  cpuUs: number;
  /** Resident memory, in bytes. */
  residentBytes: number;
}>;
