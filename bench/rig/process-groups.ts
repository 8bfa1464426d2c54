import type { ChildProcess } from 'node:child_process';

/** All that run now, and what is to be removed after them. */
const groups = new Map<ChildProcess, (() => void) | undefined>();

/** The group of a child that leads one; it does not outlive this process, however this one ends. */
export function addGroup(leader: ChildProcess, cleanUp?: () => void): void {
  if (!process.listeners('exit').includes(endGroups)) {
    process.on('exit', endGroups);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(1));
  }
  groups.set(leader, cleanUp);
}

/** Ends what is left of it. */
export function endGroup(leader: ChildProcess): void {
  const cleanUp = groups.get(leader);
  groups.delete(leader);
  killGroup(leader);
  cleanUp?.();
}

/** The leader, and those that it has started, which may be there still when it is gone. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them are gone.
  }
}

function endGroups(): void {
  for (const leader of [...groups.keys()]) endGroup(leader);
}
