import type { Argument, Directive } from './directive.ts';
import { pointAt, type Line } from './line.ts';
import { findEnd, readWord, readWords, skipSpace, type Word } from './words.ts';

/** A line taken apart. */
export type Parts =
  | Readonly<{ kind: 'nothing' }>
  | (Readonly<{ kind: 'directive' }> & Named & Readonly<{ args: readonly Argument[] }>)
  | (Readonly<{ kind: 'begin'; isClosed: boolean; ignored: string }> &
      Named &
      Readonly<{ args: readonly Argument[] }>)
  | (Readonly<{ kind: 'end'; isClosed: boolean }> & Named);

type Named = Readonly<{
  /** Without the angle brackets. */
  name: string;
  head: Argument;
}>;

/** What a directive of httpd can be called. */
const directiveName = /^[A-Za-z][\w.:-]*$/;

/** Whether the name can be one of a directive or a section. */
export function isName(name: string): boolean {
  return directiveName.test(name);
}

/** Whether a line says nothing. A `#` is a comment only where the line begins. */
export function isComment({ text }: Line): boolean {
  const first = text[skipSpace(text, 0)];
  return first === undefined || first === '#';
}

/** Takes a line apart: its name, and its arguments. */
export function takeApart(line: Line): Parts {
  const { text } = line;
  const end = findEnd(text);
  const start = skipSpace(text, 0);
  if (start >= end) return { kind: 'nothing' };
  const word = readWord(text, start, end);
  if (word.text.startsWith('</')) return takeEnd(line, word);
  if (word.text.startsWith('<')) return takeBegin(line, word, end);
  const head = pointAt(line, word.start, word.end, word.text);
  return { kind: 'directive', name: word.text, head, args: readWords(line, word.end, end) };
}

/** What the line says, as an item's parts. */
export function describeItem(
  line: Line,
  { name, head, args, ignored = '' }: Named & Readonly<{ args: readonly Argument[]; ignored?: string }>,
): Omit<Directive, 'kind'> {
  const { written } = line;
  const text = written.slice(
    skipSpace(written, 0),
    ignored === '' ? findEnd(written) : written.lastIndexOf('>') + 1,
  );
  return { name, key: name.toLowerCase(), args, text, place: head.place, head };
}

function takeEnd(line: Line, word: Word): Parts {
  const isClosed = word.text.endsWith('>');
  const name = word.text.slice(2, isClosed ? -1 : undefined);
  return { kind: 'end', isClosed, name, head: pointAt(line, word.start, word.end, name) };
}

function takeBegin(line: Line, word: Word, end: number): Parts {
  const { text } = line;
  const hasArguments = !word.text.endsWith('>');
  const name = word.text.slice(1, hasArguments ? undefined : -1);
  const head = pointAt(line, word.start, word.end, name);
  // httpd takes the last one of the line: what stands behind it is not looked at.
  const close = hasArguments ? text.lastIndexOf('>', end - 1) : word.end - 1;
  const isClosed = close >= word.end || !hasArguments;
  const args = hasArguments ? readWords(line, word.end, isClosed ? close : end) : [];
  return {
    kind: 'begin',
    isClosed,
    name,
    head,
    args,
    ignored: isClosed ? text.slice(close + 1, end).trim() : '',
  };
}
