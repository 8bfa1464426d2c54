import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/*
 * `npm run bench`: all of them; `npm run bench -- sharing`: those that are named; `npm run bench -- peers small ten-kib`:
 * some workloads of the peers. `--quick`: the verdict on the small workload, in under a minute. `--smoke`: short, only
 * whether it runs and is not absurd. `--svg FILE`: where the plot of the peers goes, too.
 */

const programs: ReadonlyMap<string, string> = new Map([
  ['peers', 'side-by-side.ts'],
  ['growth', 'growth.ts'],
  ['cluster', 'cluster.ts'],
  ['choose', 'choose.ts'],
  ['sharing', 'sharing.ts'],
]);
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    svg: { type: 'string' },
  },
  allowPositionals: true,
});
const named = positionals.filter((name) => programs.has(name));
/** Which ones there are is known to the program. */
const workloads = positionals.filter((name) => !programs.has(name));
const isPeers = named.length > 0 ? named.includes('peers') : values.quick || positionals.length === 0;
if (workloads.length > 0 && !isPeers) {
  console.error(
    `there is no benchmark '${workloads[0]!}'; write some of ${[...programs.keys()].join(', ')}, or workloads after 'peers'`,
  );
  process.exit(2);
}
if (values.quick && named.some((name) => name !== 'peers')) {
  console.error('only the peers have a quick verdict');
  process.exit(2);
}
const smoke = values.smoke ? ['--smoke'] : [];
const ofPeers = [
  ...workloads,
  ...(values.quick ? ['--quick'] : []),
  ...(values.svg === undefined ? [] : ['--svg', values.svg]),
];
for (const name of named.length > 0 ? named : values.quick ? ['peers'] : programs.keys()) {
  console.log(`\n${name}`);
  // Each in a process of its own: what one leaves behind is no cost of the next.
  const program = join(import.meta.dirname, programs.get(name)!);
  const args = [program, ...smoke, ...(name === 'peers' ? ofPeers : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}
