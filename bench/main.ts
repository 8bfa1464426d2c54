import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/* `npm run bench`: all of them; `npm run bench -- sharing`: those that are named. `--smoke`: short, only whether it is absurd. */

const all = ['choose', 'sharing'];
const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`there is no benchmark '${unknown}'; write one of ${all.join(', ')}`);
  process.exit(2);
}
for (const name of positionals.length > 0 ? positionals : all) {
  console.log(`\n${name}`);
  // Each in a process of its own: what one leaves behind is no cost of the next.
  const args = [join(import.meta.dirname, `${name}.ts`), ...(values.smoke ? ['--smoke'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
