import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { steps } from '../../scripts/check/steps.ts';
import { readCode, readPage } from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const page = readPage('CONTRIBUTING.md');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};
const prose = page.text.replaceAll(/^```.*?^```$/gms, '');

const isPath = (code: string): boolean =>
  /^(?:src|test|bench|docs|scripts|example-app|\.ci|\.github)\/[\w./-]+$/.test(code) ||
  /^[\w.-]+\.(?:md|json)$/.test(code);
const isName = (code: string): boolean => /^[a-z]\w*[A-Z]\w*$|^[A-Z][a-z]\w+$/.test(code);

test('every file and folder that is named is there', () => {
  const paths = readCode(prose).filter(isPath);
  expect(paths.length).toBeGreaterThan(60);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every script that is named is one', () => {
  const named = [...page.text.matchAll(/npm (?:run ([a-z:-]+)|test\b)/g)].map(([, name = 'test']) => name);
  expect(named).toEqual(expect.arrayContaining(['test', 'check', 'release', 'docs:api']));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('the steps of CI are those of the script, and need what it looks for', () => {
  const rows = page.readTable('What CI runs').slice(1);
  expect(rows.map(([step]) => readCode(step!)[0])).toEqual(steps.map(({ name }) => name));
  for (const [i, { needs = [], uses = [] }] of steps.entries()) {
    const programs = [...needs, ...uses].map(({ name }) => name);
    expect(rows[i]![2]!.match(/\b(?:nginx|haproxy|apache2|wrk|redis-server|ip|chromium)\b/g) ?? []).toEqual(
      programs,
    );
  }
});

test('every room of the source stands in the table of rooms', () => {
  const named = page
    .readTable('How it is built')
    .slice(1)
    .flatMap((row) => row.flatMap(readCode));
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}`);
  expect(rooms.filter((room) => !named.includes(room))).toEqual([]);
});

describe.each(['Add a balancing method', 'Add a sender', 'Add a store for shared state'])('%s', (heading) => {
  const rows = page.readTable(heading).slice(1);

  test('has its steps in order', () => {
    expect(rows.map(([step]) => Number(step))).toEqual(rows.map((_row, i) => i + 1));
  });

  // `Method` stands in the file of its row, or in another one that the row names.
  test.each(rows.map((row) => [readCode(row[1]!)[0]!, row] as const))(
    '%s has what is told of it',
    (_file, row) => {
      const codes = row.flatMap(readCode);
      const texts = codes
        .filter((code) => isPath(code) && statSync(join(root, code)).isFile())
        .map((path) => readFileSync(join(root, path), 'utf8'));
      const missing = codes
        .filter((code) => isName(code) && !isPath(code))
        .filter((name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
      expect(missing).toEqual([]);
    },
  );
});
