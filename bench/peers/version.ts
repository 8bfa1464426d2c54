import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { searchPath } from './native-peer.ts';

/** The folder that has package.json, dist and node_modules. */
export const project = join(import.meta.dirname, '../..');

/** Of a package that `npm install` has brought; undefined: it has not. */
export function readPackageVersion(name: string): string | undefined {
  return readVersion(join(project, 'node_modules', name, 'package.json'));
}

/** Of this project, where it is built. */
export function readOwnVersion(): string | undefined {
  return existsSync(join(project, 'dist/index.js')) ? readVersion(join(project, 'package.json')) : undefined;
}

/** Of a program, from what it says of itself; undefined: it is not there. */
export function askVersion(command: string, argument: string): string | undefined {
  const env = { ...process.env, PATH: searchPath };
  const { stdout, stderr } = spawnSync(command, [argument], { encoding: 'utf8', env });
  return /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0];
}

function readVersion(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as Readonly<{ version: string }>).version;
}
