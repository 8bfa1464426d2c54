import { backendNames } from './cluster.ts';
import { countFailovers, medianOf, ofMember, writeMs } from './figures.ts';
import type { Answer } from './load.ts';

/** What a step has come to. */
export type Done = Readonly<{ short: string; answers: readonly Answer[] }>;

/** One line under a step. */
export function writeSummary(answers: readonly Answer[]): string {
  const members = backendNames.flatMap((name) => {
    const own = ofMember(answers, name);
    return own.length === 0 ? [] : [`${name} ${own.length} in ${writeMs(medianOf(own))}`];
  });
  return `${answers.length} GETs in ${writeMs(medianOf(answers))}: ${members.join(', ')}; ${countFailovers(answers)} by failover`;
}

/** The whole demonstration: how many GETs went where, at what median time, and how many by failover. */
export function writeTable(steps: readonly Done[]): string[] {
  const head = ['', 'GETs', 'median', 'failover', ...backendNames];
  const rows = steps.map(({ short, answers }) => [
    short,
    String(answers.length),
    writeMs(medianOf(answers)),
    String(countFailovers(answers)),
    ...backendNames.map((name) => writeCell(ofMember(answers, name))),
  ]);
  return [head, ...rows].map(([first = '', ...cells]) =>
    (first.padEnd(16) + cells.map((cell, i) => cell.padStart(i < 3 ? 9 : 18)).join('')).trimEnd(),
  );
}

function writeCell(answers: readonly Answer[]): string {
  return answers.length === 0 ? '–' : `${answers.length} in ${writeMs(medianOf(answers)).padStart(6)}`;
}
