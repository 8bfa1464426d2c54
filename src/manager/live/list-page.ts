import { listCells } from '../page/cells.ts';
import { printHtml } from '../page/html.ts';
import { createEmptyLook } from '../page/look.ts';
import { describeParts, listOrder } from '../page/parts.ts';
import type { Report } from '../survey/report.ts';
import type { Listing } from './news.ts';

/** What makes one page look different from that of others. */
export type LiveViewer = Readonly<{ base: string; isReadOnly: boolean }>;

/** How many parts are rendered in one go, which takes a few milliseconds: requests wait for no more than that. */
const partsInARow = 50;

/**
 * What the page consists of, but for the tokens in its forms: the page puts its own in. Stops between rows of parts. Holds
 * the texts of the listing before wherever they are the same, so that a stream that stays behind costs little.
 */
export function* listPage(
  report: Report,
  { base, isReadOnly }: LiveViewer,
  before: Listing | undefined,
): Generator<undefined, Listing> {
  const look = createEmptyLook({ base, isReadOnly, token: '' }, report.at);
  const parts = new Map<string, string>();
  for (const { id, show } of describeParts(report)) {
    const text = printHtml(show(look));
    const known = before?.parts.get(id);
    parts.set(id, known === text ? known : text);
    if (parts.size % partsInARow === 0) yield;
  }
  return { parts, order: listOrder(report), cells: listCells(report) };
}
