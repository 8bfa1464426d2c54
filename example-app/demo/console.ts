import { styleText } from 'node:util';

const columns = 120;
const startedAt = performance.now();

/** Prints a line with its time; members in colour where there are colours: not in a file, nor with NO_COLOR. */
export function say(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${styleText('dim', `${seconds.padStart(4)} s`)}  ${paint(clip(text, columns - 8))}`);
}

/** Prints a line as it is. */
export function print(text = ''): void {
  console.log(paint(clip(text, columns)));
}

export function printTitle(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

const colours = { app1: 'cyan', app2: 'yellow', app3: 'magenta', app4: 'blue' } as const;

function paint(text: string): string {
  return text
    .replace(/\bapp[1-4]\b/g, (name) => styleText(colours[name as keyof typeof colours], name))
    .replace('✓', (sign) => styleText('green', sign))
    .replace('✗', (sign) => styleText('red', sign));
}
