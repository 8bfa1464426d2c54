import { printHtml } from '../../../../src/manager/page/html.ts';
import { createEmptyLook, type Viewer } from '../../../../src/manager/page/look.ts';
import { describeParts } from '../../../../src/manager/page/parts.ts';
import type { Report } from '../../../../src/manager/survey/report.ts';

/** The HTML of every part by its id, without cells and without other parts: it is another one only if the structure is. */
export function listParts(report: Report, viewer: Viewer): ReadonlyMap<string, string> {
  const look = createEmptyLook(viewer, report.at);
  return new Map(describeParts(report).map(({ id, show }) => [id, printHtml(show(look))]));
}
