import { refuse } from './refusal.ts';

/** A place in a text that moves on; the one thing here that has a state. */
export type Reader = {
  readonly text: string;
  at: number;
};

export function createReader(text: string): Reader {
  return { text, at: 0 };
}

/** Whether nothing is left. */
export function isDone({ text, at }: Reader): boolean {
  return at >= text.length;
}

/** The next character without reading it; `''` at the end. */
export function peek({ text, at }: Reader, ahead = 0): string {
  return text[at + ahead] ?? '';
}

/** Reads these characters, if they are next. */
export function mayRead(reader: Reader, wanted: string): boolean {
  if (!reader.text.startsWith(wanted, reader.at)) return false;
  reader.at += wanted.length;
  return true;
}

/** Reads what a sticky pattern matches here. */
export function readBy(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text) ?? undefined;
  if (match) reader.at += match[0].length;
  return match;
}

/** Reads up to an end that must be there. `what` completes "… is not closed". */
export function readUntil(reader: Reader, end: string, what: string, from: number): string {
  const to = reader.text.indexOf(end, reader.at);
  if (to === -1) refuse(`${what} is not closed`, `write ${end} behind it`, from);
  const part = reader.text.slice(reader.at, to);
  reader.at = to + end.length;
  return part;
}
