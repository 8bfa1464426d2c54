import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAll } from './growth-processes.ts';
import { load } from './growth-process.ts';
import { tellLoad } from './load/closed-loop.ts';
import { startMembers } from './members/start-members.ts';
import { bindThisProcess, tellCores } from './rig/cores.ts';
import { startProcess } from './rig/start-process.ts';
import { readUsage } from './rig/usage.ts';
import { middleOf } from './sharing-figures.ts';

/*
 * Throughput of one process and of two under node:cluster, which go to whatever core has room; members and load are on all
 * cores but the first. With two cores in all, a second process has only what those leave of theirs: what it costs tells
 * whether it would serve as many on a core of its own.
 * `npm run bench -- cluster`; with `--smoke`, as short as can be.
 */

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } });
const [rounds, roundMs] = values.smoke ? [1, 300] : [5, 2_000];
const counts = [1, 2];
const cores = availableParallelism();
const canBind = spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

bindThisProcess();
console.log(
  `Node ${process.versions.node}, ${cores} cores; members and clients: ${tellCores()}; ${tellLoad()}\n`,
);

const { origins, stop } = await startMembers({ kind: 'web', count: 2 });
try {
  const { processes, stopAll } = await startAll(
    counts.map((count) => () => {
      const program = [join(import.meta.dirname, 'cluster-program.ts'), JSON.stringify(origins), `${count}`];
      // Workers go wherever there is room: `startProcess` itself would bind all of them to one core.
      const args = ['-c', `0-${cores - 1}`, process.execPath, ...program];
      const name = `${count} processes`;
      return canBind
        ? startProcess({ name, command: 'taskset', args })
        : startProcess({ name, command: process.execPath, args: program });
    }),
  );
  try {
    for (const each of processes) await load(each, 2 * roundMs);
    const figures = counts.map(() => ({ perSecond: [] as number[], cpuUs: [] as number[] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [i, each] of processes.entries()) {
        const before = readUsage(each.pid).cpuUs;
        const startedAt = performance.now();
        const answered = await load(each, roundMs);
        const seconds = (performance.now() - startedAt) / 1_000;
        figures[i]!.perSecond.push(answered / seconds);
        figures[i]!.cpuUs.push((readUsage(each.pid).cpuUs - before) / answered);
      }
    }
    console.log('| processes | requests a second | against one | CPU a request | cores in use |');
    console.log('|--:|--:|--:|--:|--:|');
    for (const [i, { perSecond, cpuUs }] of figures.entries()) {
      const ratio = middleOf(perSecond.map((each, round) => each / figures[0]!.perSecond[round]!));
      const used = middleOf(perSecond.map((each, round) => (each * cpuUs[round]!) / 1e6));
      const cells = [
        middleOf(perSecond).toFixed(0),
        `${ratio.toFixed(2)} ×`,
        `${middleOf(cpuUs).toFixed(1)} µs`,
      ];
      console.log(`| ${[counts[i], ...cells, used.toFixed(2)].join(' | ')} |`);
    }
  } finally {
    await stopAll();
  }
} finally {
  await stop();
}
