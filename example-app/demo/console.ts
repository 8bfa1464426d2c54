import { styleText } from 'node:util';
import { Chronicle } from './chronicle.ts';

const columns = 120;
const startedAt = performance.now();
const chronicle = new Chronicle((text) => {
  console.log(text);
});

/** Prints a line with its time; members in colour where there are colours: not in a file, nor with NO_COLOR. */
export function say(text: string, at = performance.now()): void {
  const seconds = ((at - startedAt) / 1000).toFixed(1);
  chronicle.tell(`${styleText('dim', `${seconds.padStart(4)} s`)}  ${paint(clip(text, columns - 8))}`, at);
}

/** Something begins that may be worth a line: call what is returned when it is over, with the line and how long after the beginning it belongs. */
export function begin(): (text: string | undefined, afterMs: number) => void {
  const at = performance.now();
  const end = chronicle.begin(at);
  return (text, afterMs) => {
    if (text !== undefined) say(text, at + afterMs);
    end();
  };
}

/** Prints a line as it is. */
export function print(text = ''): void {
  chronicle.tell(paint(clip(text, columns)), performance.now());
}

export function printTitle(text: string): void {
  chronicle.tell(`\n${styleText('bold', text)}`, performance.now());
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
