import { showLine, showText } from './show-line.ts';

/** One thing that is wrong in a configuration. */
export type ConfProblem = Readonly<{
  /** The file it stands in. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** How many characters the carets stand under; at least 1. */
  length: number;
  /** The whole line, as it is written. */
  text: string;
  /** What is wrong. */
  problem: string;
  /** What to write. */
  advice: string;
}>;

/** So many are printed in a message; `problems` has them all. */
const mostPrinted = 50;

/** How much of a line is shown before and behind what is wrong. */
const before = 60;
const widest = 120;

/** A configuration that is wrong, or too much, or cannot be read, with everything that is wrong with it. */
export class HttpdConfError extends Error {
  /** `'HttpdConfError'`. */
  override readonly name = 'HttpdConfError';
  /** `'ERR_HTTPD_CONF'`; it does not change between versions. */
  readonly code = 'ERR_HTTPD_CONF';
  /** Everything that is wrong, in the order of the files; the message has the first fifty. */
  readonly problems: readonly ConfProblem[];

  constructor(problems: readonly ConfProblem[]) {
    const more = problems.length - mostPrinted;
    super(
      [
        'The configuration is wrong:',
        ...problems.slice(0, mostPrinted).map(printConfProblem),
        ...(more > 0 ? [`and ${more} more`] : []),
      ].join('\n'),
    );
    this.problems = problems;
  }
}

/** A problem as it is printed: where and what, and below it the line with carets. */
export function printConfProblem(problem: ConfProblem): string {
  const { file, line, column, text } = problem;
  const head = `${showLine(file, 300)}:${line}:${column}: ${problem.problem}; ${problem.advice}`;
  const said = showLine(head, 2_000);
  if (text === '') return said;
  const { shown, carets } = pointOut(problem);
  return `${said}\n  ${shown}\n  ${carets}`;
}

function pointOut({ column, length, text }: ConfProblem): Readonly<{ shown: string; carets: string }> {
  const at = Math.min(column - 1, text.length);
  const isLong = text.length > widest;
  const start = isLong ? Math.max(0, at - before) : 0;
  const end = isLong ? Math.min(text.length, start + widest) : text.length;
  const head = `${start > 0 ? '…' : ''}${showText(text.slice(start, at))}`;
  const shown = `${head}${showText(text.slice(at, end))}${end < text.length ? '…' : ''}`;
  const marked = Array.from(text.slice(at, Math.min(at + length, end))).length;
  // Tabs stay tabs, so that the carets stand below whatever width the terminal gives them.
  const indent = Array.from(head, (character) => (character === '\t' ? '\t' : ' ')).join('');
  return { shown, carets: `${indent}${'^'.repeat(Math.max(1, marked))}` };
}
