import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tellLoad } from './load/closed-loop.ts';
import {
  expressAlone,
  fastifyHttpProxy,
  httpProxy3,
  ours,
  oursByHttpProxyMiddleware,
} from './peers/node-peers.ts';
import type { Peer } from './peers/peer.ts';
import { pickPanels } from './report/panels.ts';
import { drawPlot } from './report/plot.ts';
import type { Results, WorkloadResult } from './report/results.ts';
import { writeTable } from './report/table.ts';
import { targets } from './report/targets.ts';
import { judgeTargets } from './report/verdict.ts';
import { bindThisProcess } from './rig/cores.ts';
import { tellMachine } from './rig/machine.ts';
import { isBuildOld } from './side-by-side-build.ts';
import { choosePace, type Speed } from './side-by-side-pace.ts';
import { compared, measureWorkload } from './side-by-side-workload.ts';
import { workloads } from './workloads/index.ts';
import type { Workload } from './workloads/workload.ts';

/*
 * Ours and the peers, each workload in one run. `npm run bench -- peers`, or some workloads: `npm run bench -- peers small`.
 * `--quick`: the small workload and the peers that targets are about, in under a minute; `--smoke`: only whether it runs.
 * `--svg FILE`: the plot goes there as well as to the results.
 */

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    svg: { type: 'string' },
  },
  allowPositionals: true,
});
const speed: Speed = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
/** No target is about them. */
const notQuick: readonly Peer[] = [expressAlone, httpProxy3, fastifyHttpProxy];

const unknown = positionals.find((name) => !workloads.some((workload) => workload.name === name));
if (unknown !== undefined) {
  console.error(
    `there is no workload '${unknown}'; write some of ${workloads.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
if (ours.version() === undefined) {
  console.error(`there is nothing to measure: ${ours.install ?? ''} comes first`);
  process.exit(1);
}
if (process.platform !== 'linux') {
  console.error('Left out: what processes use is read from /proc, which Linux has.');
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}

if (isBuildOld()) console.error('dist is older than src; npm run build brings it up to date\n');
bindThisProcess();
const setting = [
  ...tellMachine(),
  tellLoad(),
  ...(speed === 'smoke'
    ? ['everything cold and for a moment only: it runs, but the figures mean nothing']
    : []),
];
const date = new Date().toISOString();
console.log(`${date}\n\n${setting.map((line) => `- ${line}`).join('\n')}\n`);
const done: WorkloadResult[] = [];
for (const workload of chooseWorkloads()) {
  const result = await measureWorkload(
    workload,
    (peer) => isWanted(peer, workload),
    choosePace(speed, workload),
  );
  console.log(`${writeTable(result, compared)}\n`);
  done.push(result);
}
tellVerdict(done);
writeResults({ date, setting, workloads: done });
if (done.some(({ broken }) => broken.length > 0)) process.exitCode = 1;

function chooseWorkloads(): typeof workloads {
  if (positionals.length > 0) return workloads.filter(({ name }) => positionals.includes(name));
  return speed === 'quick' ? workloads.filter(({ name }) => name === 'small') : workloads;
}

function isWanted(peer: Peer, { once = false }: Workload): boolean {
  // What cannot be made short shows whether it runs at one proxy, too.
  if (speed === 'smoke' && once) return peer === ours;
  return speed !== 'quick' || !notQuick.includes(peer);
}

function tellVerdict(results: readonly WorkloadResult[]): void {
  const lines = judgeTargets(targets, results);
  if (lines.length === 0 || speed === 'smoke') return;
  console.log(
    ['| | ratio within a round | middle (range) | |', '| --- | --- | --- | --- |', ...lines].join('\n'),
  );
}

function writeResults(results: Results): void {
  const folder = join(import.meta.dirname, 'results');
  const stem = join(folder, date.replaceAll(':', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stem}.json`, `${JSON.stringify(results, null, 2)}\n`);
  const [first] = results.workloads;
  const panels = first
    ? pickPanels(first, (name) => name === ours.name || name === oursByHttpProxyMiddleware.name)
    : [];
  if (!first || panels.length === 0) return;
  const plot = drawPlot(first.about, panels, [date.slice(0, 10), setting[0]].join(', '));
  for (const file of [`${stem}.svg`, ...(values.svg === undefined ? [] : [values.svg])])
    writeFileSync(file, plot);
  console.log(`\nfigures and plot: ${stem}.{json,svg}`);
}
