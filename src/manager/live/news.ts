import type { Cell } from '../page/cells.ts';

/** What the page consists of at one moment, for one kind of viewer. */
export type Listing = Readonly<{
  /** HTML of each piece of structure, its cells empty. */
  parts: ReadonlyMap<string, string>;
  /** Which parts stand in each list, in their order. */
  order: ReadonlyMap<string, readonly string[]>;
  cells: ReadonlyMap<string, Cell>;
}>;

/**
 * What is different about a page. A part that is gone is missing in the order of its list. A part that is sent again comes
 * with its cells empty: whoever shows it knows their texts already.
 */
export type News = Readonly<{
  parts?: Readonly<Record<string, string>>;
  order?: Readonly<Record<string, readonly string[]>>;
  cells?: Readonly<Record<string, readonly [text: string, kind?: string]>>;
}>;

/** What makes a page that showed `before` show `now`; undefined: nothing. Without `before` it is everything. */
export function findNews(before: Listing | undefined, now: Listing): News | undefined {
  const parts = pick(now.parts, before?.parts, (a, b) => a === b);
  const order = [
    ...pick(now.order, before?.order, isSameList),
    ...[...(before?.order.keys() ?? [])].filter((id) => !now.order.has(id)).map((id) => [id, []] as const),
  ];
  const cells = pick(now.cells, before?.cells, isSameCell);
  if (parts.length + order.length + cells.length === 0) return undefined;
  return {
    ...(parts.length > 0 && { parts: toRecord(parts) }),
    ...(order.length > 0 && { order: toRecord(order) }),
    ...(cells.length > 0 && { cells: toRecord(cells.map(([id, cell]) => [id, packCell(cell)] as const)) }),
  };
}

function pick<Value>(
  now: ReadonlyMap<string, Value>,
  before: ReadonlyMap<string, Value> | undefined,
  isSame: (a: Value, b: Value) => boolean,
): readonly (readonly [string, Value])[] {
  const picked: (readonly [string, Value])[] = [];
  for (const [id, value] of now) {
    const known = before?.get(id);
    if (known === undefined || !isSame(known, value)) picked.push([id, value]);
  }
  return picked;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

function isSameCell(a: Cell, b: Cell): boolean {
  return a.text === b.text && a.kind === b.kind;
}

function packCell({ text, kind }: Cell): readonly [string, string?] {
  return kind === undefined ? [text] : [text, kind];
}

// Object.fromEntries defines: a name such as `__proto__` is a key like any other.
function toRecord<Value>(entries: readonly (readonly [string, Value])[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(entries);
}
