import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whose core something runs on: the proxies', or that of all the others (members, clients, the benchmark itself). */
export type Side = 'proxy' | 'other';

/** Which cores each side has, as `taskset` takes them; undefined: nothing can be bound here. */
type Cores = Readonly<Record<Side, string>>;

/** `0-2,5` as `[0, 1, 2, 5]`. */
export function readCoreList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [from, to = from] = part.split('-').map(Number);
      return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
    });
}

/** The first core is the proxies': one of them works at a time. */
export function divideCores(list: string): Cores | undefined {
  const [first, ...others] = readCoreList(list);
  return first === undefined || others.length === 0
    ? undefined
    : { proxy: `${first}`, other: others.join(',') };
}

function findCores(): Readonly<{ cores: Cores } | { why: string }> {
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0)
    return { why: 'there is no taskset to bind processes to cores (Debian: apt-get install util-linux)' };
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const cores = divideCores(allowed);
  return cores ? { cores } : { why: 'there is one core only' };
}

let found: ReturnType<typeof findCores> | undefined;
const lookUpOnce = (): ReturnType<typeof findCores> => (found ??= findCores());

/** One sentence for the report. */
export function tellCores(): string {
  const result = lookUpOnce();
  return 'why' in result
    ? `proxies, members and clients share their cores, so the figures are rougher: ${result.why}`
    : `proxies on CPU ${result.cores.proxy}, members and clients on CPU ${result.cores.other}`;
}

/** A command that runs on the cores of its side. */
export function bindCommand(
  side: Side,
  command: string,
  args: readonly string[],
): readonly [command: string, args: readonly string[]] {
  const result = lookUpOnce();
  // It executes the command in its own place: the process id is the command's.
  return 'why' in result ? [command, args] : ['taskset', ['-c', result.cores[side], command, ...args]];
}

/** This process goes to the cores of the others, with all its threads. */
export function bindThisProcess(): void {
  const result = lookUpOnce();
  if ('cores' in result)
    spawnSync('taskset', ['-acp', result.cores.other, `${process.pid}`], { stdio: 'ignore' });
}
