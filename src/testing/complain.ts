import { AssertionError } from 'node:assert';

/** What an expectation found: `actual` and `expected` are shown by test runners side by side. */
export type Finding = Readonly<{ message: string; actual?: unknown; expected?: unknown }>;

/** An expectation that was not met, as every test runner reports it. `from`: whose call is shown as its place. */
export function complain({ message, actual, expected }: Finding, from: unknown): AssertionError {
  return new AssertionError({
    message,
    actual,
    expected,
    // Only to say where it was called.
    stackStartFn: from as () => void,
  });
}

/** Some lines, each a little to the right. */
export function indent(lines: readonly string[]): string {
  return lines.map((line) => `\n  ${line}`).join('');
}
