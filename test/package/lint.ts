// `npm run lint:package`: what publint and attw (Are the Types Wrong?) say of the packed package. `node test/package/lint.ts
// x.tgz`: of one that is packed already.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'express-proxy-balancer-'));

function pack(): string {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, readdirSync(folder)[0]!);
}

try {
  const tarball = process.argv[2] ?? pack();
  const codes = [
    ['publint', 'run', tarball, '--strict'],
    // ES modules only: nothing is promised to resolvers that know no `exports`, nor to require() before Node 22.12.
    ['attw', tarball, '--profile', 'esm-only', '--no-emoji'],
  ].map(([program, ...args]) => {
    const path = join(root, 'node_modules/.bin', program!);
    return spawnSync(path, args, { cwd: root, stdio: 'inherit' }).status;
  });
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
