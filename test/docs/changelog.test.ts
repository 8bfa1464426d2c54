import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readPage } from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const { text, readSection } = readPage('CHANGELOG.md');
const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);
const versions = headings
  .filter((heading) => heading !== 'Unreleased')
  .map((heading) => heading.split(' ', 1)[0]!);

test('begins with what is not released, or with the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(text).toMatch(/^# Changes\n\n## /);
  expect(versions[0]).toBe(version);
  expect(headings.lastIndexOf('Unreleased')).toBeLessThan(1);
});

test('has the newest version first, and none twice', () => {
  const rank = (version: string): number =>
    version.split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0);
  expect(versions).toEqual(versions.toSorted((one, other) => rank(other) - rank(one)));
  expect(new Set(versions).size).toBe(versions.length);
});

test.each(headings)('%s: says what breaks first, then what is added, changed, fixed, removed', (heading) => {
  const words = [...readSection(heading).matchAll(/^\*\*(\w+):\*\*/gm)].map(([, word]) => word!);
  const order = ['Breaking', 'Added', 'Changed', 'Fixed', 'Removed'];
  expect(words).toEqual(order.filter((word) => words.includes(word)));
});
