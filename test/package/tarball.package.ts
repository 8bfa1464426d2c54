import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { installed, measurePlace } from '../support/installed.ts';
import { tarball } from './support/project.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(dirname(tarball), 'unpacked');
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

let files: readonly string[] = [];

beforeAll(() => {
  mkdirSync(folder);
  execFileSync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
  files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
});

describe('what is packed', () => {
  test('is code, declarations, the schema and pages, and nothing else', () => {
    const kinds = [
      /^dist\/[\w/-]+\.(?:js|d\.ts)$/,
      /^dist\/definition\.schema\.json$/,
      /^docs\/[\w-]+\.md$/,
      /^(?:README|CHANGELOG|SECURITY)\.md$|^LICENSE$|^package\.json$/,
    ];
    expect(files.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([]);
    for (const kind of kinds) expect(files.some((path) => kind.test(path))).toBe(true);
  });

  test('has every file that package.json names', () => {
    const { exports, bin } = JSON.parse(read('package.json')) as {
      exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
      bin: Readonly<Record<string, string>>;
    };
    const named = [...Object.values(exports), ...Object.values(bin)].flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(named.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    for (const path of Object.values(bin)) expect(read(path)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('has declarations of what can be imported only, and each that they lead to', () => {
    const declarations = files.filter((path) => path.endsWith('.d.ts'));
    const ledTo = declarations.flatMap((path) =>
      [...read(path).matchAll(/(?:from |import\()['"](\.{1,2}\/[^'"]+)\.js['"]/g)].map(([, to]) =>
        join(dirname(path), `${to!}.d.ts`),
      ),
    );
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types?: string }> };
    const entries = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [join(types)]));
    expect([...new Set([...entries, ...ledTo])].toSorted()).toEqual(declarations.toSorted());
  });

  test('links from page to page within itself', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    const lost = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)]
        .map(([, to]) => relative(folder, join(folder, dirname(page), to!)))
        // What is there for those who carry it on stays with the sources.
        .filter((to) => !/^(?:CONTRIBUTING\.md|(?:test|bench|example-app|src|\.github)\/)/.test(to))
        .filter((to) => !/\.(?:svg|png)$/.test(to) && !existsSync(join(folder, to)))
        .map((to) => `${page}: ${to}`),
    );
    expect(lost).toEqual([]);
  });

  test('is what publint and attw find nothing to say about', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'test/package/lint.ts'), tarball],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});

describe('how large it is', () => {
  const megabytes = (bytes: number): number => bytes / 1e6;
  const unpacked = (): number => files.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
  const withIt = (): number => installed.reduce((sum, place) => sum + measurePlace(place), 0);

  test('is within its budget', () => {
    const { size: packed } = statSync(tarball);
    console.log(
      `${megabytes(packed).toFixed(3)} MB packed, ${megabytes(unpacked()).toFixed(2)} MB in ${files.length} files; ` +
        `with it ${installed.length} packages, ${megabytes(withIt()).toFixed(2)} MB`,
    );
    expect(megabytes(packed)).toBeLessThan(0.65);
    expect(megabytes(unpacked())).toBeLessThan(2.4);
    expect(files.length).toBeLessThan(900);
    expect(megabytes(withIt())).toBeLessThan(1.2);
  });

  test('is what the README says, within a twentieth', () => {
    const sentence =
      /fetches ([\d.]+) MB \(([\d.]+) MB unpacked\), and (\d+) packages with it \(([\d.]+) MB\)/.exec(
        read('README.md'),
      );
    const [packed, whole, count, others] = (sentence ?? []).slice(1).map(Number);
    expect(count).toBe(installed.length);
    for (const [told, real] of [
      [packed!, megabytes(statSync(tarball).size)],
      [whole!, megabytes(unpacked())],
      [others!, megabytes(withIt())],
    ] as const) {
      expect(told / real).toBeGreaterThan(0.95);
      expect(told / real).toBeLessThan(1.05);
    }
  });
});
