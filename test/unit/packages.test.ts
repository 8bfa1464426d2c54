import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { installed, packages } from '../support/installed.ts';

type Manifest = Readonly<{
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
  peerDependenciesMeta: Readonly<Record<string, Readonly<{ optional?: boolean }>>>;
  devDependencies: Readonly<Record<string, string>>;
  exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  scripts: Readonly<Record<string, string>>;
  sideEffects: boolean;
}>;

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const entries = Object.values(manifest.exports).filter((entry) => typeof entry !== 'string');

describe('what comes with the package', () => {
  test('is few packages', () => {
    expect(installed).toContain('node_modules/httpxy');
    expect(installed.length).toBeLessThanOrEqual(18);
  });

  test('runs no script when it is installed', () => {
    expect(installed.filter((place) => packages[place]!.hasInstallScript)).toEqual([]);
  });
});

test('installing the package runs nothing, and packing it builds it', () => {
  const names = Object.keys(manifest.scripts);
  expect(names.filter((name) => /^(?:(?:pre|post)?install|(?:pre|post)?prepare)$/.test(name))).toEqual([]);
  expect(manifest.scripts['prepack']).toBe('npm run --silent build');
});

test('each entry names its types first', () => {
  expect(entries).not.toEqual([]);
  for (const entry of entries) expect(Object.keys(entry)).toEqual(['types', 'default']);
});

test('to import it changes nothing, and keeps no process running', () => {
  expect(manifest.sideEffects).toBe(false);
  const sources = entries.map(({ types = '' }) =>
    types.replace('./dist/', `${root}/src/`).replace('.d.ts', '.ts'),
  );
  const look = `({
    globals: Reflect.ownKeys(globalThis).map(String),
    listeners: process.eventNames().map(String),
    methods: [http.IncomingMessage, http.ServerResponse, http.Server, net.Socket, Object, Function, Array, String, RegExp, Error]
      .map(({ prototype }) => Reflect.ownKeys(prototype).map(String)),
    environment: Object.keys(process.env),
    running: process.getActiveResourcesInfo(),
  })`;
  const script = `
    import http from 'node:http';
    import net from 'node:net';
    // Opened when they are first looked at, which debug does to know about colours.
    void [process.stdout, process.stderr];
    const before = ${look};
    for (const source of ${JSON.stringify(sources)}) await import(source);
    console.log(JSON.stringify([before, ${look}]));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [before, after] = JSON.parse(said) as [unknown, unknown];
  expect(after).toEqual(before);
});

describe('why each package is there', () => {
  /** The code in one column of each table of a section. */
  function readColumn(page: string, heading: string, column: number): readonly string[] {
    const text = readFileSync(join(root, page), 'utf8');
    const [, section = ''] = text.split(`\n${heading}\n`);
    const [own = ''] = section.split(/^#{2,3} /m);
    const rows = own.split('\n').filter((line) => line.startsWith('| `') || / \| `/.test(line));
    return rows.flatMap((row) =>
      [...row.split(/(?<!\\)\|/)[column]!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
    );
  }

  test('the README says it of those that come with this one, and of the optional ones', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
    expect(readColumn('README.md', '## Dependencies', 1).toSorted()).toEqual(
      Object.keys({ ...dependencies, ...peerDependencies }).toSorted(),
    );
    for (const name of Object.keys(peerDependencies))
      expect(peerDependenciesMeta[name]).toEqual({ optional: true });
  });

  test('CONTRIBUTING.md says it of those that the work takes', () => {
    expect(readColumn('CONTRIBUTING.md', '## Dependencies', 1).toSorted()).toEqual(
      Object.keys(manifest.devDependencies).toSorted(),
    );
  });

  test('what CONTRIBUTING.md says is written here though packages exist is where it says', () => {
    const places = readColumn('CONTRIBUTING.md', '### Written here though packages exist', 2);
    expect(places.length).toBeGreaterThan(20);
    expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });
});
