import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tearDown } from './tear-down.ts';

const root = join(import.meta.dirname, '../../..');

/** Whether Node would look for packages of projects in this folder, or above it. */
function hasPackages(folder: string): boolean {
  return (
    existsSync(join(folder, 'node_modules')) || (folder !== dirname(folder) && hasPackages(dirname(folder)))
  );
}

/** A folder where projects find what they have installed, and nothing else. */
function findGround(): string {
  const places = [tmpdir(), '/var/tmp', homedir()];
  const ground = places.find((place) => existsSync(place) && !hasPackages(place));
  if (ground === undefined)
    throw new Error(`there is a node_modules in or above each of ${places.join(', ')}`);
  return ground;
}

/** Packs what is built, once for all tests, and finds out whether there is a registry to install from. */
export function setUp(): void {
  const workshop = mkdtempSync(join(findGround(), 'express-proxy-balancer-'));
  const npm = (cwd: string, ...words: readonly string[]): string =>
    execFileSync('npm', [...words, '--loglevel=error'], { cwd, encoding: 'utf8', stdio: 'pipe' });
  // Built before: to build now would take the ground from under whoever uses it.
  process.env['PACKAGE_WORKSHOP'] = workshop;
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', workshop);
  const [tarball] = readdirSync(workshop);
  process.env['PACKAGE_TARBALL'] = join(workshop, tarball!);
  cpSync(join(root, 'test/package/projects/nodes'), join(workshop, 'nodes'), { recursive: true });
  try {
    npm(join(workshop, 'nodes'), 'install', '--prefer-offline', '--no-audit', '--no-fund');
  } catch (error) {
    const reason =
      /npm error code (E[A-Z]+)/.exec((error as { stderr: string }).stderr)?.[1] ?? String(error);
    const words = `npm cannot install from its registry (${reason})`;
    if (process.env['CI'] === 'true') {
      tearDown();
      throw new Error(words, { cause: error });
    }
    console.warn(`Left out: every project that installs the package; ${words}. What is packed is looked at.`);
    process.env['PACKAGE_NO_REGISTRY'] = words;
  }
}

// What jest calls.
export { setUp as default };
