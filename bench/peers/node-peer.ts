import { join } from 'node:path';
import { startProcess } from '../rig/start-process.ts';
import type { Peer, Task } from './peer.ts';
import { readPackageVersion } from './version.ts';

/** A peer that is a program of `programs/`. */
export type NodePeer = Readonly<{
  name: string;
  /** File in `programs/`, without its ending. */
  program: string;
  /** The package whose version is told; by default that of the peer's name. */
  version?(): string | undefined;
  install?: string;
  /** Further words for the program. */
  args?: readonly string[];
  lacks?(task: Task): string | undefined;
}>;

/** Runs in a process of its own. */
export function describeNodePeer(peer: NodePeer): Peer {
  const { name, program, version = () => readPackageVersion(name), install, args = [] } = peer;
  return {
    name,
    version,
    install,
    lacks: (task) => peer.lacks?.(task),
    start: (task) =>
      startProcess({
        name,
        command: process.execPath,
        args: [join(import.meta.dirname, 'programs', `${program}.ts`), JSON.stringify(task), ...args],
      }),
  };
}

/** What a proxy without it answers for a task with WebSockets. */
export function lackUpgrades({ upgrades }: Task): string | undefined {
  return upgrades ? 'no WebSockets' : undefined;
}
