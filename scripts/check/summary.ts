import { stripVTControlCharacters } from 'node:util';

/** How many tests a step has run. */
export type Counts = Readonly<{ passed: number; failed: number; skipped: number }>;

/** How a step has ended. */
export type Result = Readonly<{
  name: string;
  outcome: 'passed' | 'failed' | 'left out';
  /** Undefined: the step runs no tests, or tells none. */
  counts?: Counts | undefined;
  tookMs: number;
  /** What is to be said about it: which programs were missing. */
  note?: string | undefined;
}>;

/** Adds up what test runners say at their ends: jest's `Tests: 1 failed, 2 passed, 3 total`, and our own `2 passed, 1 failed`. */
export function readCounts(output: string): Counts | undefined {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .filter((line) =>
      /^(?:Tests:\s+)?\d+ (?:passed|failed|skipped|todo)(?:, \d+ [a-z]+)*(?: .*)?$/.test(line),
    );
  if (lines.length === 0) return undefined;
  const countOf = (word: string): number =>
    lines
      .map((line) => new RegExp(`(\\d+) ${word}\\b`).exec(line)?.[1] ?? '0')
      .reduce((sum, count) => sum + Number(count), 0);
  return { passed: countOf('passed'), failed: countOf('failed'), skipped: countOf('skipped') };
}

/** Prints a time as people read it: `58 s`, `11 min 4 s`. */
export function printTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Prints a line for each step. */
export function printSummary(results: readonly Result[]): string {
  const rows = results.map(({ name, outcome, counts, tookMs, note }) => [
    name,
    outcome,
    counts ? printCounts(counts) : '',
    outcome === 'left out' ? '' : printTime(tookMs),
    note ?? '',
  ]);
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function printCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The exit code: 0 where all is well. In CI nothing may be left out. */
export function judgeResults(results: readonly Result[], isCi: boolean): number {
  const isWrong = ({ outcome }: Result): boolean => outcome === 'failed' || (isCi && outcome === 'left out');
  return results.some(isWrong) ? 1 : 0;
}
