import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readPage } from '../support/pages.ts';
import { compileSnippets } from '../support/snippets.ts';

const root = join(import.meta.dirname, '../..');

/** Every page that a user reads. */
const paths = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'example-app/README.md',
];
const pages = paths.map(readPage);

/** As GitHub makes them of headings. */
function listAnchors(text: string): string[] {
  const counts = new Map<string, number>();
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const anchor = heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

test('every block of TypeScript compiles under the settings of this repository', () => {
  const snippets = pages.flatMap((page) => page.findSnippets());
  expect(snippets.length).toBeGreaterThan(4);
  expect(compileSnippets(snippets.map(({ code }) => code))).toEqual([]);
}, 120_000);

test('every guide has a test that runs its blocks', () => {
  const guides = pages
    .filter(({ path, findSnippets }) => path.startsWith('docs/') && findSnippets().length > 0)
    .map(({ path }) => path.slice('docs/'.length, -'.md'.length));
  const tests = readdirSync(join(root, 'test/docs')).map((name) => name.slice(0, -'.test.ts'.length));
  expect(guides.filter((guide) => !tests.includes(guide))).toEqual([]);
});

describe.each(pages.map((page) => [page.path, page] as const))('%s', (path, { text }) => {
  test('its links lead somewhere', () => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [to = '', anchor] = link.split('#', 2);
      const target = to === '' ? path : join(dirname(path), to);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !listAnchors(readPage(target).text).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
