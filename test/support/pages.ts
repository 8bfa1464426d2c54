import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** One block of code in a page: the heading above it, its first line, its language (`ts`, `sh`). */
export type Snippet = Readonly<{ heading: string; line: number; language: string; code: string }>;

/** A page of documentation. */
export type Page = Readonly<{
  /** Below the root, `docs/sticky-sessions.md`. */
  path: string;
  text: string;
  /** Every block of a language, TypeScript by default, in order. */
  findSnippets(language?: string): readonly Snippet[];
  /** The TypeScript of one block below a heading, the first by default. */
  findSnippet(heading: string, nth?: number): string;
  /** The text below a heading, up to the next one. */
  readSection(heading: string): string;
  /** The rows of a table below a heading, the first by default, its head included; a `|` within a cell is written `\|`. */
  readTable(heading: string, nth?: number): readonly (readonly string[])[];
}>;

/** Reads a page: `README.md`, `docs/sticky-sessions.md`. */
export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  // A comment of a shell (`# …`) in a block is no heading.
  const prose = text.replaceAll(/^```.*?^```$/gms, (block) => block.replaceAll(/^#/gm, '.'));

  function findSnippets(language = 'ts'): readonly Snippet[] {
    return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
      .filter(([, name]) => name === language)
      .map(({ index, 2: code }) => {
        const before = prose.slice(0, index);
        const heading = [...before.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '';
        return { heading, line: before.split('\n').length, language, code: code! };
      });
  }

  function readSection(heading: string): string {
    const starts = [...prose.matchAll(/^#+ /gm)].map((match) => match.index + match[0].length);
    const start = starts.find((at) => text.startsWith(`${heading}\n`, at));
    if (start === undefined) throw new Error(`${path} has no section ${heading}`);
    const length = prose.slice(start).search(/^#+ /m);
    return text.slice(start, length === -1 ? undefined : start + length);
  }

  return {
    path,
    text,
    findSnippets,
    findSnippet(heading, nth = 0) {
      const snippet = findSnippets().filter((each) => each.heading === heading)[nth];
      if (!snippet) throw new Error(`${path} has no snippet ${nth} below ${heading}`);
      return snippet.code;
    },
    readSection,
    readTable(heading, nth = 0) {
      const tables = readSection(heading).match(/(?:^\|.*\n)+/gm) ?? [];
      const lines = (tables[nth] ?? '').trimEnd().split('\n');
      const rows = lines.map((line) =>
        line
          .slice(1, line.lastIndexOf('|'))
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll('\\|', '|')),
      );
      return rows.filter((_row, i) => i !== 1);
    },
  };
}

/** What stands in backquotes. */
export function readCode(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}
