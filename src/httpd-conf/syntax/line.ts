import type { Argument, Place } from './directive.ts';

/** A physical line: what stands between two line ends. */
export type Row = Readonly<{ place: Place; text: string }>;

/** Where a stretch of a line is written. It lasts until the next piece begins. */
export type Piece = Readonly<{
  /** Offset in the line's text. */
  start: number;
  row: Row;
  /** From 0. */
  column: number;
  /** For what was put in for a name: the width of that name, which all of it points at. Undefined: written as it is. */
  width?: number;
}>;

/** A logical line: rows that end in a backslash are joined with the next one, names replaced by what they stand for. */
export type Line = Readonly<{
  text: string;
  /** In order; the first starts at 0. */
  pieces: readonly Piece[];
  /** As it is written, in one line. */
  written: string;
  /** How many rows it was joined from. */
  rows: number;
}>;

/** Something that stands in a line instead of a name. */
export type Replacement = Readonly<{ start: number; end: number; by: string }>;

/** The text from `start` to `end` as an argument that shows where it is written. */
export function pointAt(line: Line, start: number, end: number, text: string): Argument {
  const first = line.pieces[findPiece(line, start)]!;
  const last = line.pieces[findPiece(line, Math.max(start, end - 1))]!;
  const column = columnOf(first, start);
  const until = last.row === first.row ? columnAfter(last, end) : first.row.text.length;
  return {
    text,
    place: first.row.place,
    column: column + 1,
    length: Math.max(1, until - column),
    lineText: first.row.text,
  };
}

/** The line with names replaced; `replacements` in order, none within another. */
export function replaceIn(line: Line, replacements: readonly Replacement[]): Line {
  if (replacements.length === 0) return line;
  const texts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let at = 0;
  const copy = (end: number): void => {
    if (end <= at) return;
    for (let i = findPiece(line, at); i < line.pieces.length && line.pieces[i]!.start < end; i += 1) {
      pieces.push(moveTo(line.pieces[i]!, at, length));
    }
    texts.push(line.text.slice(at, end));
    length += end - at;
  };
  for (const { start, end, by } of replacements) {
    copy(start);
    const { row, column, length: width } = locate(line, start, end);
    if (by !== '') pieces.push({ start: length, row, column, width });
    texts.push(by);
    length += by.length;
    at = end;
  }
  copy(line.text.length);
  if (pieces.length === 0) pieces.push(line.pieces[0]!);
  return { ...line, text: texts.join(''), pieces };
}

/** A line that consists of one row. */
export function wholeRow(row: Row): Line {
  return { text: row.text, pieces: [{ start: 0, row, column: 0 }], written: row.text, rows: 1 };
}

function locate(
  line: Line,
  start: number,
  end: number,
): Readonly<{ row: Row; column: number; length: number }> {
  const { row } = line.pieces[findPiece(line, start)]!;
  const { column, length } = pointAt(line, start, end, '');
  return { row, column: column - 1, length };
}

/** The piece as it is when the text before `from` goes and the rest begins at `to`. */
function moveTo(piece: Piece, from: number, to: number): Piece {
  const skipped = Math.max(0, from - piece.start);
  const start = Math.max(0, piece.start - from) + to;
  return { ...piece, start, column: piece.width === undefined ? piece.column + skipped : piece.column };
}

function columnOf(piece: Piece, at: number): number {
  return piece.width === undefined ? piece.column + at - piece.start : piece.column;
}

function columnAfter(piece: Piece, end: number): number {
  return piece.width === undefined ? piece.column + end - piece.start : piece.column + piece.width;
}

function findPiece({ pieces }: Line, at: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle]!.start <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
