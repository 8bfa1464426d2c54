import { wholeRow, type Line, type Piece, type Row } from './line.ts';

type ReadRow = Readonly<{ row: Row; isContinued: boolean }>;

/** The logical lines of a text, in order, comments and empty ones included. */
export function* readLines(text: string, file: string): Generator<Line, void, undefined> {
  let rows: ReadRow[] = [];
  for (const read of readRows(text, file)) {
    rows.push(read);
    if (read.isContinued) continue;
    yield joinRows(rows);
    rows = [];
  }
  if (rows.length > 0) yield joinRows(rows);
}

function* readRows(text: string, file: string): Generator<ReadRow, void, undefined> {
  for (let start = 0, line = 1; start < text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const hasReturn = newline > start && text[newline - 1] === '\r';
    const content = text.slice(start, hasReturn ? end - 1 : end);
    // Without a line end there is nothing to be continued with: httpd takes the backslash for itself.
    const isContinued = newline !== -1 && content.endsWith('\\');
    yield { row: { place: { file, line }, text: content }, isContinued };
    start = end + 1;
  }
}

function joinRows(rows: readonly ReadRow[]): Line {
  const [first] = rows;
  if (rows.length === 1 && !first!.isContinued) return wholeRow(first!.row);
  const texts: string[] = [];
  const pieces: Piece[] = [];
  let start = 0;
  for (const { row, isContinued } of rows) {
    const text = isContinued ? row.text.slice(0, -1) : row.text;
    if (text !== '') pieces.push({ start, row, column: 0 });
    texts.push(text);
    start += text.length;
  }
  if (pieces.length === 0) pieces.push({ start: 0, row: first!.row, column: 0 });
  const text = texts.join('');
  return { text, pieces, written: text.replace(/[ \t\r\v\f]+/g, ' '), rows: rows.length };
}
