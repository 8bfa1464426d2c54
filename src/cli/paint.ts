import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Puts colours around a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** A painter for output that has colours, or that has none. */
export function createPaint(isColoured: boolean): Paint {
  return isColoured
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}

/** What would move the cursor, turn the direction of the line, or not be seen. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text from a file or from a client, in one line and harmless to a terminal. */
export function printSafely(text: string): string {
  return text.replace(unsafe, (character) => {
    if (character === '\t') return ' ';
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

/** The same of a text of several lines. */
export function printLinesSafely(text: string): string {
  return text.split('\n').map(printSafely).join('\n');
}

/** `1 mount`, `2 mounts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
