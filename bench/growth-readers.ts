import { setTimeout as wait } from 'node:timers/promises';
import type { Effort, Finding } from './growth-finding.ts';
import { load, startGrowing } from './growth-process.ts';
import { openSlowReaders } from './load/slow-readers.ts';
import { startMembers } from './members/start-members.ts';
import { readUsage } from './rig/usage.ts';

const mib = 1_048_576;
const bytes = 10 * mib;
const pollMs = 50;
/** One that uses less of its core than this has filled what it can fill. */
const restingPart = 0.05;

/** What slow readers of long bodies take: what of an answer is not read yet is to stay at the member. */
export async function growReaders({ isSmoke, roundMs }: Effort): Promise<readonly Finding[]> {
  const count = isSmoke ? 100 : 1_000;
  const { origins: members, stop } = await startMembers({ kind: 'web', count: 2 });
  try {
    const process = await startGrowing({ kind: 'members', members });
    try {
      await load(process, roundMs);
      const before = readUsage(process.pid).residentBytes;
      const readers = await openSlowReaders(process.port, { path: '/10m', bytes, count });
      try {
        const blocked = (await restOf(process.pid)) - before;
        const { broken } = await readers.drain();
        if (broken > 0) throw new Error(`${broken} of ${count} slow readers have not got all bytes`);
        return [
          {
            what: `what ${count} readers of 10 MiB that have stopped reading take`,
            figure: blocked / mib,
            unit: 'MiB',
            most: 64,
            of: `${(blocked / count / 1_024).toFixed(0)} KiB each`,
          },
        ];
      } finally {
        readers.close();
      }
    } finally {
      await process.stop();
    }
  } finally {
    await stop();
  }
}

/** The memory that it has when it does nothing any more. */
async function restOf(pid: number): Promise<number> {
  for (let last = readUsage(pid); ;) {
    await wait(pollMs);
    const usage = readUsage(pid);
    if (usage.cpuUs - last.cpuUs < pollMs * 1_000 * restingPart) return usage.residentBytes;
    last = usage;
  }
}
