import { readdirSync, readFileSync } from 'node:fs';
import type { Usage } from './running.ts';

/* Read from Linux's /proc: proxies are programs of all kinds, and some of them have children. */

/** Of `getconf CLK_TCK`: the kernel shows this many to programs on every architecture that Node runs on. */
const usPerTick = 10_000;

/** What the process and those below it have used so far; zeros once it is gone. */
export function readUsage(pid: number): Usage {
  const tree = findTree(pid);
  return {
    cpuUs: tree.reduce((sum, each) => sum + readCpuUs(each), 0),
    residentBytes: tree.reduce(
      (sum, each) => sum + (each === pid ? readResident(each) : readPrivate(each)),
      0,
    ),
  };
}

/** The process and those below it. */
function findTree(pid: number): number[] {
  const below = Map.groupBy(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
    (each) => Number(readStat(each)[1]),
  );
  const tree = [pid];
  // Those that are found are looked at in turn.
  for (const each of tree) tree.push(...(below.get(each) ?? []));
  return tree;
}

/** The fields of /proc/PID/stat after the name, which may have spaces and parentheses; none once it is gone. */
function readStat(pid: number): string[] {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readCpuUs(pid: number): number {
  let ns = 0;
  for (const thread of listThreads(pid)) {
    // Nanoseconds on a core; `stat` has them in ticks of 10 ms.
    ns += Number.parseInt(readIfThere(`/proc/${pid}/task/${thread}/schedstat`) || '0', 10);
  }
  const stat = readStat(pid);
  const ticksOf = (...fields: readonly number[]): number =>
    fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0);
  // Fields 14 to 17 of proc(5): its own time, then that of children which are gone.
  const own = ns > 0 ? ns / 1_000 : ticksOf(11, 12) * usPerTick;
  return own + ticksOf(13, 14) * usPerTick;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readResident(pid: number): number {
  return readKib(readIfThere(`/proc/${pid}/status`), 'VmRSS');
}

/** What a child shares with its parent is counted there. */
function readPrivate(pid: number): number {
  const text = readIfThere(`/proc/${pid}/smaps_rollup`);
  return readKib(text, 'Private_Clean') + readKib(text, 'Private_Dirty');
}

function readKib(text: string, field: string): number {
  return 1_024 * Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}

/** Processes end while they are looked at. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
