import { quote } from '../../../definition/describe.ts';
import { readCodeEscape, readOctal, refuseEscape } from './parse-escape.ts';
import { findPosix, findShorthand, posixNames } from './ranges.ts';
import { isDone, mayRead, peek, readBy, readUntil, type Reader } from './reader.ts';
import { refuse } from './refusal.ts';
import type { ClassItem, Node } from './tree.ts';

/** Reads a class, its `[` being read. */
export function readClass(reader: Reader, isCaseless: boolean): Node {
  const start = reader.at - 1;
  if (/^\[[:.=].*[:.=]\]/.test(reader.text.slice(start))) refusePosixOutside(reader, start);
  const isNegated = mayRead(reader, '^');
  const items: ClassItem[] = [];
  // A ] that comes first is a character.
  if (mayRead(reader, ']')) readRange(reader, 0x5d, reader.at - 1, items, isCaseless);
  while (!mayRead(reader, ']')) {
    if (isDone(reader)) refuse('a class is not closed', 'write ] behind it, or \\[ for the character', start);
    if (mayRead(reader, '\\E')) continue;
    if (mayRead(reader, '\\Q')) {
      const literal = Array.from(readUntilEnd(reader), (letter) => toItem(readLetter(letter, reader.at)));
      items.push(...literal);
      continue;
    }
    const at = reader.at;
    const item = readItem(reader, isCaseless, false);
    if (typeof item === 'number') readRange(reader, item, at, items, isCaseless);
    else {
      items.push(...item);
      judgeAfterSet(reader, at);
    }
  }
  return { kind: 'class', isNegated, items, isCaseless };
}

/** What stands between `\Q` and `\E`, or the end. */
export function readUntilEnd(reader: Reader): string {
  const end = reader.text.indexOf('\\E', reader.at);
  if (end !== -1) return readUntil(reader, '\\E', '\\Q', reader.at);
  const rest = reader.text.slice(reader.at);
  reader.at = reader.text.length;
  return rest;
}

function refusePosixOutside(reader: Reader, start: number): never {
  const name = reader.text.slice(start, reader.text.indexOf(']', start) + 1);
  refuse(
    `${quote(name)} means something within a class only`,
    `write [${name}]`,
    start,
    Math.max(1, name.length),
  );
}

/** A character, perhaps the first of a range; or all of a set. */
function readItem(reader: Reader, isCaseless: boolean, isInRange: boolean): number | readonly ClassItem[] {
  const at = reader.at;
  if (peek(reader) === '[' && /[:.=]/.test(peek(reader, 1))) {
    const posix = readPosix(reader, isCaseless);
    if (posix) return posix;
  }
  if (!mayRead(reader, '\\')) {
    const letter = String.fromCodePoint(reader.text.codePointAt(at)!);
    reader.at += letter.length;
    return readLetter(letter, at);
  }
  // A look ahead: a byte beyond ASCII is allowed as the end of a range only.
  const mayBeRange = isInRange || /^x(?:80|\{80\})-\\x(?:ff|\{ff\})/i.test(reader.text.slice(reader.at));
  const code = readCodeEscape(reader, mayBeRange);
  if (code !== undefined) return code;
  if (/[0-7]/.test(peek(reader))) return readOctal(reader, at, isInRange);
  if (mayRead(reader, 'b')) return 0x08;
  const items = peek(reader) === 'N' ? undefined : findShorthand(peek(reader));
  if (!items) refuseEscape(reader, at);
  reader.at += 1;
  return items;
}

function readLetter(letter: string, at: number): number {
  if (letter.length > 1) {
    refuse(
      `${quote(letter)} is two characters to JavaScript`,
      `write (?:${letter}|…) instead of the class`,
      at,
      letter.length,
    );
  }
  return letter.charCodeAt(0);
}

function readPosix(reader: Reader, isCaseless: boolean): readonly ClassItem[] | undefined {
  const at = reader.at;
  const [whole, sign, negation, name] =
    readBy(reader, /\[([:.=])(\^?)([a-zA-Z]*)[:.=]\]/y) ?? ([] as (string | undefined)[]);
  if (whole === undefined || name === undefined) return undefined;
  const ranges = sign === ':' ? findPosix(name, negation === '^', isCaseless) : undefined;
  if (ranges) return ranges;
  refuse(
    `there is no class ${quote(whole)}`,
    `write one of ${posixNames.map((each) => `[:${each}:]`).join(' ')}`,
    at,
    whole.length,
  );
}

function readRange(reader: Reader, from: number, at: number, items: ClassItem[], isCaseless: boolean): void {
  if (peek(reader) !== '-' || peek(reader, 1) === ']' || peek(reader, 1) === '') {
    items.push(toItem(from));
    return;
  }
  reader.at += 1;
  const to = readItem(reader, isCaseless, true);
  if (typeof to !== 'number') {
    refuse(
      'a range cannot end in a set',
      'write the - first or last in the class, or \\-',
      at,
      reader.at - at,
    );
  }
  if (to < from) {
    refuse(
      'a range goes backwards',
      'write the smaller one first, or \\- for the character',
      at,
      reader.at - at,
    );
  }
  items.push({ from, to });
}

/** `[\d-z]`: PCRE refuses it; `[\d-]` is a hyphen. */
function judgeAfterSet(reader: Reader, at: number): void {
  if (peek(reader) !== '-' || peek(reader, 1) === ']' || peek(reader, 1) === '') return;
  refuse(
    'a range cannot begin with a set',
    'write the - first or last in the class, or \\-',
    at,
    reader.at - at + 1,
  );
}

function toItem(code: number): ClassItem {
  return { from: code, to: code };
}
