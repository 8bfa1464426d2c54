import type { Notice } from '../httpd-conf/httpd-conf.ts';
import { count, printSafely, type Paint } from './paint.ts';

const marks = {
  taken: ['✓ taken', 'green'],
  different: ['~ different', 'yellow'],
  dropped: ['✗ dropped', 'red'],
} as const satisfies Readonly<Record<Notice['kind'], readonly [string, string]>>;

const markWidth = 11;

/** A table of notices, grouped by file; empty where there are none. */
export function printNotices(notices: readonly Notice[], paint: Paint): string {
  const files = Map.groupBy(notices, ({ file }) => file);
  return [...files].map(([file, its]) => printFile(file, its, paint)).join('\n');
}

function printFile(file: string, notices: readonly Notice[], paint: Paint): string {
  const last = notices.reduce((most, { line }) => Math.max(most, line), 0);
  const width = String(last).length;
  const lines = notices.map(({ kind, directive, line, why }) => {
    const [mark, colour] = marks[kind];
    const head = `  ${paint(colour, mark.padEnd(markWidth))}  ${String(line).padStart(width)}`;
    const indent = ' '.repeat(2 + markWidth + 2 + width + 2);
    return `${head}  ${printSafely(directive)}\n${indent}${paint('dim', printSafely(why))}\n`;
  });
  return `${paint('bold', printSafely(file))}\n${lines.join('')}`;
}

/** How many directives were taken, taken with a difference, and dropped. */
export type Sum = Readonly<Record<Notice['kind'], number>>;

export function sumUp(notices: readonly Notice[]): Sum {
  const of = (kind: Notice['kind']): number => notices.filter((notice) => notice.kind === kind).length;
  return { taken: of('taken'), different: of('different'), dropped: of('dropped') };
}

/** `12 directives: 9 taken, 2 taken with a difference, 1 dropped`. */
export function printSum({ taken, different, dropped }: Sum, paint: Paint): string {
  const paintIf = (colour: 'yellow' | 'red', number: number, text: string): string =>
    number > 0 ? paint(colour, text) : text;
  const parts = [
    `${taken} taken`,
    paintIf('yellow', different, `${different} taken with a difference`),
    paintIf('red', dropped, `${dropped} dropped`),
  ];
  return `${count(taken + different + dropped, 'directive')}: ${parts.join(', ')}`;
}
