import { closeSection, pushNested } from './sections.ts';
import type { Parts } from './line-parts.ts';
import { takeApart } from './line-parts.ts';
import type { Line } from './line.ts';
import type { Body, Skip, Walk } from './walk.ts';

/** What stands in a section that does not hold: only counted. */
export function skipParts(parts: Parts, skip: Skip, walk: Walk): void {
  switch (parts.kind) {
    case 'nothing':
      return;
    case 'directive':
      skip.count += 1;
      return;
    case 'begin':
      skip.count += 1;
      pushNested(parts, skip, walk);
      return;
    case 'end':
      closeSection(parts, walk);
      return;
  }
}

/** A line of a macro is kept as it is, up to the `</Macro>` that is its own. */
export function collectLine(line: Line, body: Body, walk: Walk): void {
  const parts = takeApart(line);
  const isMacro = (parts.kind === 'begin' || parts.kind === 'end') && parts.name.toLowerCase() === 'macro';
  if (isMacro) body.depth += parts.kind === 'begin' ? 1 : -1;
  if (!isMacro || parts.kind !== 'end' || body.depth >= 0) {
    body.lines.push(line);
    return;
  }
  if (body.macro)
    walk.reading.macros.set(body.macro.name.toLowerCase(), { ...body.macro, lines: body.lines });
  closeSection(parts, walk);
}
