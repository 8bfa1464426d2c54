import type { Running } from '../rig/running.ts';

/** What a proxy is to do. */
export type Task = Readonly<{
  /** Origins of the members, such as `http://127.0.0.1:9101`: each has a port of its own. */
  members: readonly string[];
  /** Sessions stay on their member, by the cookie `sid` with the value `<anything without a dot>.r<index of the member>`. */
  sticky: boolean;
  /** Carries WebSockets too. */
  upgrades: boolean;
  /** Clients at a time that it must have room for, where that is more than a hundred. */
  clients?: number;
}>;

/** Who is measured. */
export type Peer = Readonly<{
  /** As it stands in the table: `'nginx'`, `'http-proxy-middleware'`. */
  name: string;
  /** The very version that runs; undefined: it is not installed. */
  version(): string | undefined;
  /** How to install it, where it is not part of `npm install`. */
  install: string | undefined;
  /** What it cannot do of a task: it is left out there. Undefined: it can. */
  lacks(task: Task): string | undefined;
  /** Resolves when it answers. Bound to the CPU that is the proxies' where the machine can bind. */
  start(task: Task): Promise<Running>;
}>;
