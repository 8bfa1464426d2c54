import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What package-lock.json tells of a package. */
export type LockedPackage = Readonly<{
  version?: string;
  dependencies?: Readonly<Record<string, string>>;
  hasInstallScript?: boolean;
}>;

const root = join(import.meta.dirname, '../..');

/** Every package that is installed here, by its place. */
export const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, LockedPackage>>;
};

/** Where Node finds a package that another one asks for. */
function findPlace(from: string, name: string): string {
  const beside = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (packages[beside]) return beside;
  return findPlace(
    from.includes('/node_modules/') ? from.slice(0, from.lastIndexOf('/node_modules/')) : '',
    name,
  );
}

function collect(from: string, found: Set<string>): ReadonlySet<string> {
  for (const name of Object.keys(packages[from]!.dependencies ?? {})) {
    const place = findPlace(from, name);
    if (!found.has(place)) collect(place, found.add(place));
  }
  return found;
}

/** Every place of what is installed with the package, optional peers aside. */
export const installed: readonly string[] = [...collect('', new Set())];

/** How many bytes its files have, without what is installed inside it. */
export function measurePlace(place: string): number {
  const folder = join(root, place);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/(?:^|\/)node_modules\//.test(path))
    .map((path) => statSync(join(folder, path)))
    .filter((each) => each.isFile())
    .reduce((sum, { size }) => sum + size, 0);
}
