import { parseArgs } from 'node:util';
import { growBalancers } from './growth-balancers.ts';
import { tellFinding, type Effort, type Finding } from './growth-finding.ts';
import { growMembers } from './growth-members.ts';
import { growMemory } from './growth-memory.ts';
import { growReaders } from './growth-readers.ts';
import { growRequests } from './growth-requests.ts';
import { tellLoad } from './load/closed-loop.ts';
import { bindThisProcess, tellCores } from './rig/cores.ts';

/*
 * What grows with the number of members, balancers, requests and slow readers.
 * `npm run bench -- growth`; `node bench/growth.ts members readers`: some parts; with `--smoke`, each as short as can be.
 */

const parts: Readonly<Record<string, (effort: Effort) => Promise<readonly Finding[]>>> = {
  members: growMembers,
  balancers: growBalancers,
  memory: growMemory,
  readers: growReaders,
  requests: growRequests,
};

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`there is no part '${unknown}'; write one of ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const effort: Effort = values.smoke
  ? { isSmoke: true, rounds: 1, roundMs: 300 }
  : { isSmoke: false, rounds: 5, roundMs: 1_000 };
bindThisProcess();
console.log(`Node ${process.versions.node}, ${tellCores()}; ${tellLoad()}\n`);
console.log('| what | figure | at most | | |');
console.log('|---|--:|--:|---|---|');
for (const [name, grow] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  for (const finding of await grow(effort)) console.log(tellFinding(finding));
}
