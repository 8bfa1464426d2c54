import { setTimeout as wait } from 'node:timers/promises';
import { openSlowReaders } from '../load/slow-readers.ts';
import { startMembers } from '../members/start-members.ts';
import { readUsage } from '../rig/usage.ts';
import type { Workload } from './workload.ts';

const count = 1_000;
const bytes = 10 * 1_048_576;
const sips = 3;
const pollMs = 100;
/** One that uses less of its core than this has filled what it can fill. */
const restingPart = 0.05;
const restPatienceMs = 10_000;

/** By process: what it had before it was measured first. Later it keeps what it has once needed. */
const idleBytes = new Map<number, number>();

export const slowReaders: Workload = {
  name: 'slow-readers',
  about:
    '1,000 clients that read 10 MiB each, a little at a time, and then all the rest; memory: what the proxy has grown by while all of them hold it up',
  unit: 'MiB',
  once: true,
  async prepare() {
    const { origins, stop } = await startMembers({ kind: 'web', count: 2 });
    return { task: { members: origins, sticky: false, upgrades: false }, stop };
  },
  async measure({ port, pid }) {
    const before = readUsage(pid);
    if (!idleBytes.has(pid)) idleBytes.set(pid, before.residentBytes);
    const readers = await openSlowReaders(port, { path: '/10m', bytes, count });
    try {
      const peaks = [await watchUntilResting(pid)];
      for (let sip = 0; sip < sips; sip += 1) {
        await readers.sip();
        peaks.push(await watchUntilResting(pid));
      }
      const startMs = performance.now();
      const { broken } = await readers.drain();
      const after = readUsage(pid);
      const mib = (count * bytes) / 1_048_576;
      return {
        cpuUs: (after.cpuUs - before.cpuUs) / mib,
        perSecond: (mib * 1_000) / (performance.now() - startMs),
        residentBytes: Math.max(0, ...peaks.map((peak) => peak - idleBytes.get(pid)!)),
        failed: broken,
      };
    } finally {
      readers.close();
    }
  },
};

/** Its most memory until it rests, because all the clients that it serves have stopped reading. */
async function watchUntilResting(pid: number): Promise<number> {
  let last = readUsage(pid);
  let peak = last.residentBytes;
  for (let waitedMs = 0; waitedMs < restPatienceMs; waitedMs += pollMs) {
    await wait(pollMs);
    const usage = readUsage(pid);
    peak = Math.max(peak, usage.residentBytes);
    if (usage.cpuUs - last.cpuUs < pollMs * 1_000 * restingPart) break;
    last = usage;
  }
  return peak;
}
