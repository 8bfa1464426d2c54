import { peek, readBy, readUntil, type Reader } from './reader.ts';
import { refuse } from './refusal.ts';

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/**
 * The character that an escape stands for, its backslash being read; undefined: it stands for something else, and nothing
 * has been read. Octal escapes and references are the caller's.
 */
export function readCodeEscape(reader: Reader, isInRange = false): number | undefined {
  const start = reader.at - 1;
  const letter = peek(reader);
  if (letter === '') refuse('it ends in a backslash', 'write \\\\ for the character, or leave it out', start);
  const control = controls.get(letter);
  if (control !== undefined) {
    reader.at += 1;
    return control;
  }
  if (letter === 'c') return readControl(reader, start);
  if (letter === 'x') return judgeCode(readHex(reader, start), start, reader, isInRange);
  if (letter === 'o') {
    reader.at += 1;
    const [, digits] =
      readBy(reader, /\{([0-7]{1,7})\}/y) ??
      refuse('\\o needs octal digits in braces', 'write \\o{57}', start, 2);
    return judgeCode(Number.parseInt(digits!, 8), start, reader, isInRange);
  }
  if (/[a-zA-Z0-9]/.test(letter)) return undefined;
  reader.at += 1;
  return letter.charCodeAt(0);
}

/** The rest of an octal escape, as a character. */
export function readOctal(reader: Reader, start: number, isInRange = false): number {
  const [digits] = readBy(reader, /[0-7]{1,3}/y)!;
  return judgeCode(Number.parseInt(digits, 8), start, reader, isInRange);
}

/** Refuses an escape that neither PCRE nor JavaScript gives this meaning. */
export function refuseEscape(reader: Reader, start: number): never {
  const letter = peek(reader);
  const name = `\\${letter}`;
  const advice = adviceFor.get(letter);
  if (advice !== undefined) refuse(`JavaScript knows no ${name}`, advice, start, 2);
  refuse(`PCRE knows no ${name}`, `write ${letter}, or \\\\${letter} with a backslash`, start, 2);
}

const adviceFor: ReadonlyMap<string, string> = new Map([
  ['p', 'write the letters as a class: [A-Za-z]'],
  ['P', 'write the letters as a class: [^A-Za-z]'],
  ['K', 'write a group around what is to be kept, and use $1'],
  ['G', 'write ^'],
  ['R', 'write (?:\\r\\n|\\n|\\r)'],
  ['X', 'write .'],
  ['C', 'write .'],
  ['Q', 'write \\Q…\\E around what is taken literally'],
]);

function readControl(reader: Reader, start: number): number {
  const code = peek(reader, 1).toUpperCase().charCodeAt(0);
  if (!(code >= 0x20 && code < 0x7f))
    refuse('\\c needs a letter behind it', 'write \\cA, or \\x01', start, 2);
  reader.at += 2;
  return code ^ 0x40;
}

function readHex(reader: Reader, start: number): number {
  reader.at += 1;
  if (peek(reader) !== '{') return Number.parseInt(readBy(reader, /[\da-f]{0,2}/iy)![0] || '0', 16);
  reader.at += 1;
  const digits = readUntil(reader, '}', '\\x{', start);
  if (!/^[\da-f]{1,6}$/i.test(digits))
    refuse('\\x{…} needs hexadecimal digits', 'write \\x{2f}', start, reader.at - start);
  return Number.parseInt(digits, 16);
}

/** httpd matches bytes, and this library characters: an escaped byte beyond ASCII is only part of one. */
function judgeCode(code: number, start: number, reader: Reader, isInRange: boolean): number {
  if (code < 0x80) return code;
  // [\x80-\xff]: all that is not ASCII.
  if (isInRange && (code === 0x80 || code === 0xff)) return code === 0xff ? 0xffff : code;
  refuse(
    code > 0xff ? 'httpd matches bytes, and has none of this number' : 'a byte beyond ASCII is no character',
    'write the character itself, or [^\\x00-\\x7f] for all that are not ASCII',
    start,
    reader.at - start,
  );
}
