import { valuesOf, type RawHeaders } from '../rewrite/headers.ts';

const EQUALS = 0x3d;
const DQUOTE = 0x22;

/** No browser sends as many cookies of one name; whoever does is not to keep us busy. */
export const MOST_CANDIDATES = 100;

/** The values of all cookies of that name, in order, unquoted and decoded; the first hundred. */
export function valuesOfCookie(headers: RawHeaders, name: string): string[] {
  return collectFrom(valuesOf(headers, 'cookie'), name, isSemicolon);
}

/**
 * The values that only show when a comma separates cookies too, as httpd has it (it joins Cookie lines with one).
 * Those that `valuesOfCookie` finds may be among them.
 */
export function valuesOfCommaCookie(headers: RawHeaders, name: string): string[] {
  const lines = valuesOf(headers, 'cookie').filter((line) => line.includes(','));
  return collectFrom(lines, name, isSemicolonOrComma);
}

type IsSeparator = (code: number) => boolean;

const isSemicolon: IsSeparator = (code) => code === 0x3b;
const isSemicolonOrComma: IsSeparator = (code) => code === 0x3b || code === 0x2c;
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

function collectFrom(lines: readonly string[], name: string, isSeparator: IsSeparator): string[] {
  const values: string[] = [];
  if (name === '') return values;
  for (const line of lines) collectValues(line, name, isSeparator, values);
  return values;
}

/** One walk over the line, from occurrence to occurrence of the name: linear, and little work where there is none. */
function collectValues(line: string, name: string, isSeparator: IsSeparator, values: string[]): void {
  let at = line.indexOf(name);
  while (at !== -1 && values.length < MOST_CANDIDATES) {
    let next = at + name.length;
    const before = skipBack(line, at - 1);
    const equals = skipAhead(line, next);
    if ((before < 0 || isSeparator(line.charCodeAt(before))) && line.charCodeAt(equals) === EQUALS) {
      next = equals + 1;
      while (next < line.length && !isSeparator(line.charCodeAt(next))) next += 1;
      values.push(readValue(line, equals + 1, next));
    }
    at = line.indexOf(name, next);
  }
}

function readValue(line: string, from: number, to: number): string {
  let start = skipAhead(line, from);
  let end = skipBack(line, to - 1) + 1;
  // The only quoting that cookies have: a pair around the whole value (RFC 6265 4.1.1).
  if (end - start >= 2 && line.charCodeAt(start) === DQUOTE && line.charCodeAt(end - 1) === DQUOTE) {
    start += 1;
    end -= 1;
  }
  return decodeValue(line.slice(start, end));
}

function skipAhead(line: string, from: number): number {
  let at = from;
  while (isBlank(line.charCodeAt(at))) at += 1;
  return at;
}

function skipBack(line: string, from: number): number {
  let at = from;
  while (at >= 0 && isBlank(line.charCodeAt(at))) at -= 1;
  return at;
}

/** Percent-decodes a cookie's or a parameter's value; one that is malformed stays as it is. */
export function decodeValue(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
