import type { Cell } from './cells.ts';
import { html, type Html } from './html.ts';

/** For whom the page is. */
export type Viewer = Readonly<{
  /** Path the manager is mounted at, without trailing slash. */
  base: string;
  /** What forms prove with that they are this user's. */
  token: string;
  isReadOnly: boolean;
}>;

/** A form that was refused: it is shown as it was filled in. */
export type Refused = Readonly<{
  /** Id of the form. */
  form: string;
  fields: Readonly<Record<string, string>>;
  /** Names of the fields that something is wrong with. */
  faulty: ReadonlySet<string>;
}>;

/** How parts are shown: to whom, with what in them. */
export type Look = Readonly<{
  viewer: Viewer;
  /** Milliseconds since 1970. */
  now: number;
  refused: Refused | undefined;
  /** A place for a text that moves, with the text where it is known. */
  cell(id: string, className?: string): Html;
  /** What is in a list. */
  list(id: string): Html | readonly Html[] | undefined;
}>;

/** The look of parts that are sent by themselves: without cells, and without what is in their lists. */
export function createEmptyLook(viewer: Viewer, now: number): Look {
  return {
    viewer,
    now,
    refused: undefined,
    cell: (id, className) => showCell(id, className, undefined),
    list: () => undefined,
  };
}

/** The place of a cell, filled or not. */
export function showCell(id: string, className: string | undefined, cell: Cell | undefined): Html {
  return html`<span
    ${className !== undefined && html` class="${className}"`}
    data-cell="${id}"
    ${cell?.kind !== undefined && html` data-kind="${cell.kind}"`}
    >${cell?.text}</span
  >`;
}
