import { summarize, type Summary } from './history-store.ts';
import { make } from './html.ts';
import { mostLines } from './look.ts';
import type { Line } from './chart.ts';

/** What a chart shows, in figures: for those who do not see it, and to choose who is drawn. */
export type Numbers = Readonly<{
  /** `all`: of every member. `drawn`: names of those in the chart. */
  show(all: readonly Omit<Line, 'stroke'>[], drawn: readonly string[]): void;
  element: Element;
  destroy(): void;
}>;

/** `choose`: is called with the names that somebody wants to see; undefined: the busiest. */
export function createNumbers(
  place: Element,
  label: string,
  print: (value: number | null) => string,
  choose: (names: readonly string[] | undefined) => void,
): Numbers {
  const details = make('details', 'numbers');
  const summary = make('summary', '', 'Figures');
  const scroll = make('div', 'scroll');
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', `Figures of ${label}`);
  const table = make('table');
  const caption = make('caption', 'unseen', `${label}: figures of the last minutes`);
  const head = make('thead');
  const body = make('tbody');
  const busiest = make('button', '', 'Draw the busiest');
  busiest.type = 'button';
  const buttons = make('div', 'buttons');
  buttons.append(busiest);
  head.append(makeRow(['Member', 'Now', 'Mean', 'Highest'].map((text) => makeHead(text, 'col'))));
  table.append(caption, head, body);
  scroll.append(table);
  details.append(summary, scroll, buttons);
  place.append(details);
  const rows = new Map<string, Row>();
  let last: Parameters<Numbers['show']> | undefined;

  function readChosen(): readonly string[] {
    return [...rows].filter(([, { box }]) => box.checked).map(([name]) => name);
  }

  function show(...[all, drawn]: Parameters<Numbers['show']>): void {
    last = [all, drawn];
    const mayChoose = all.length > mostLines;
    const title = mayChoose ? `Figures: ${drawn.length} of ${all.length} members are drawn` : 'Figures';
    if (summary.textContent !== title) summary.textContent = title;
    // Nobody sees them.
    if (!details.open) return;
    buttons.hidden = !mayChoose;
    const there = new Set(all.map(({ name }) => name));
    for (const [name, { row }] of rows) {
      if (there.has(name)) continue;
      row.remove();
      rows.delete(name);
    }
    for (const { name, values } of all) {
      const row = rows.get(name) ?? addRow(name);
      fill(row, summarize(values));
      row.box.hidden = !mayChoose;
      row.box.checked = drawn.includes(name);
      row.box.disabled = drawn.length >= mostLines && !row.box.checked;
    }
  }

  function addRow(name: string): Row {
    const row = makeTableRow(name);
    rows.set(name, row);
    body.append(row.row);
    row.box.addEventListener('change', () => {
      choose(readChosen());
    });
    return row;
  }

  function fill({ cells }: Row, { now, mean, highest }: Summary): void {
    [now, mean, highest].forEach((value, i) => {
      const text = print(value);
      const cell = cells[i]!;
      if (cell.textContent !== text) cell.textContent = text;
    });
  }

  details.addEventListener('toggle', () => {
    if (last) show(...last);
  });
  busiest.addEventListener('click', () => {
    choose(undefined);
  });
  return {
    show,
    element: details,
    destroy() {
      details.remove();
    },
  };
}

type Row = Readonly<{
  row: HTMLTableRowElement;
  box: HTMLInputElement;
  cells: readonly HTMLTableCellElement[];
}>;

function makeTableRow(name: string): Row {
  const head = makeHead('', 'row');
  const label = make('label', 'check');
  const box = make('input');
  box.type = 'checkbox';
  label.append(box, make('bdi', '', name));
  head.append(label);
  const cells = [make('td'), make('td'), make('td')];
  return { row: makeRow([head, ...cells]), box, cells };
}

function makeHead(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const head = make('th', '', text);
  head.scope = scope;
  return head;
}

function makeRow(cells: readonly Element[]): HTMLTableRowElement {
  const row = make('tr');
  row.append(...cells);
  return row;
}
