/** What is printed: texts, and where lines may break between them. */
export type Doc =
  | string
  | readonly Doc[]
  /** On one line where it fits; else every line break of its own is one. `isBroken`: it never is on one line. */
  | Readonly<{ kind: 'group'; doc: Doc; isBroken: boolean }>
  | Readonly<{ kind: 'indent'; doc: Doc }>
  /** A line break, or `flat` in a group on one line. */
  | Readonly<{ kind: 'line'; flat: string }>
  /** Only where the group is broken. */
  | Readonly<{ kind: 'ifBroken'; text: string }>
  /** On the same line behind a space, or indented on the next one where nothing of it fits. */
  | Readonly<{ kind: 'behind'; doc: Doc }>
  /** As many to a line as fit. */
  | Readonly<{ kind: 'fill'; texts: readonly string[] }>;

/** A break that is a space, or nothing, on one line. */
export const line: Doc = { kind: 'line', flat: ' ' };
export const softline: Doc = { kind: 'line', flat: '' };
/** Prettier's trailing comma. */
export const lastComma: Doc = { kind: 'ifBroken', text: ',' };

/** One with a broken group in it is broken too. */
export function group(doc: Doc, isBroken = false): Doc {
  return { kind: 'group', doc, isBroken: isBroken || breaks(doc) };
}

function breaks(doc: Doc): boolean {
  if (typeof doc === 'string') return false;
  if (isList(doc)) return doc.some(breaks);
  switch (doc.kind) {
    case 'group':
      return doc.isBroken;
    case 'indent':
    case 'behind':
      return breaks(doc.doc);
    case 'line':
    case 'ifBroken':
    case 'fill':
      return false;
  }
}

export function indent(doc: Doc): Doc {
  return { kind: 'indent', doc };
}

/** Puts a separator between docs. */
export function join(docs: readonly Doc[], separator: Doc): Doc {
  return docs.flatMap((doc, i) => (i === 0 ? [doc] : [separator, doc]));
}

/** One doc that is still to be printed, with the columns that its lines begin at. */
type Task = Readonly<{ doc: Doc; column: number; isFlat: boolean }>;

const step = 2;

/** Lays a doc out in lines of a width, as prettier does. */
export function layOut(doc: Doc, width = 80): string {
  let out = '';
  let at = 0;
  const tasks: Task[] = [{ doc, column: 0, isFlat: false }];
  const write = (text: string): void => {
    out += text;
    at += text.length;
  };
  const breakLine = (column: number): void => {
    out += `\n${' '.repeat(column)}`;
    at = column;
  };
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { doc: now, column, isFlat } = task;
    if (typeof now === 'string') write(now);
    else if (isList(now)) push(tasks, now, column, isFlat);
    else
      switch (now.kind) {
        case 'group': {
          const flat: Task = { doc: now.doc, column, isFlat: true };
          const mayBeFlat = isFlat || (!now.isBroken && fits(flat, tasks, width - at));
          tasks.push(mayBeFlat ? flat : { ...flat, isFlat: false });
          break;
        }
        case 'indent':
          tasks.push({ doc: now.doc, column: column + step, isFlat });
          break;
        case 'line':
          if (isFlat) write(now.flat);
          else breakLine(column);
          break;
        case 'ifBroken':
          if (!isFlat) write(now.text);
          break;
        case 'behind': {
          const behind: Task = { doc: now.doc, column, isFlat };
          if (isFlat || fits(behind, tasks, width - at - 1)) {
            write(' ');
            tasks.push(behind);
          } else {
            breakLine(column + step);
            tasks.push({ ...behind, column: column + step });
          }
          break;
        }
        case 'fill':
          now.texts.forEach((text, i) => {
            if (i > 0 && (isFlat || at + 1 + text.length <= width)) write(' ');
            else if (i > 0) breakLine(column);
            write(text);
          });
      }
  }
  return out;
}

/** Whether a task fits on the rest of the line, with all that follows it up to the next break. */
function fits(first: Task, rest: readonly Task[], width: number): boolean {
  let left = width;
  const tasks: Task[] = [first];
  let next = rest.length;
  while (left >= 0) {
    const task = tasks.pop() ?? rest[--next];
    if (!task) return true;
    const { doc, column, isFlat } = task;
    if (typeof doc === 'string') left -= doc.length;
    else if (isList(doc)) push(tasks, doc, column, isFlat);
    else
      switch (doc.kind) {
        case 'group':
          tasks.push({ doc: doc.doc, column, isFlat: isFlat && !doc.isBroken });
          break;
        case 'indent':
          tasks.push({ doc: doc.doc, column, isFlat });
          break;
        case 'line':
          if (!isFlat) return true;
          left -= doc.flat.length;
          break;
        case 'ifBroken':
          if (!isFlat) left -= doc.text.length;
          break;
        case 'behind':
          left -= 1;
          tasks.push({ doc: doc.doc, column, isFlat });
          break;
        case 'fill':
          left -= doc.texts.join(' ').length;
      }
  }
  return false;
}

function push(tasks: Task[], docs: readonly Doc[], column: number, isFlat: boolean): void {
  for (const doc of docs.toReversed()) tasks.push({ doc, column, isFlat });
}

function isList(doc: Exclude<Doc, string>): doc is readonly Doc[] {
  return Array.isArray(doc);
}
