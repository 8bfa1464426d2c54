import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

type Package = Readonly<{
  version?: string;
  dependencies?: Readonly<Record<string, string>>;
  hasInstallScript?: boolean;
}>;

const root = join(import.meta.dirname, '../..');
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Package>;
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

/** Every place of what is installed with the package, optional peers aside. */
function listInstalled(from = '', found = new Set<string>()): ReadonlySet<string> {
  for (const name of Object.keys(packages[from]!.dependencies ?? {})) {
    const place = findPlace(from, name);
    if (!found.has(place)) listInstalled(place, found.add(place));
  }
  return found;
}

const installed = [...listInstalled()];

test('few packages come with this one', () => {
  expect(installed).toContain('node_modules/httpxy');
  expect(installed.length).toBeLessThanOrEqual(18);
});

test('nothing that comes with this one runs a script when it is installed', () => {
  expect(installed.filter((place) => packages[place]!.hasInstallScript)).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  // Those that an installation runs; `prepare` is run where it is built only.
  expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
});
