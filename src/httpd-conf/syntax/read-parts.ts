import { isFault } from '../../definition/problem.ts';
import { actAtOnce, type Effect } from './at-once.ts';
import type { Directive } from './directive.ts';
import { describeItem, isName, takeApart, type Parts } from './line-parts.ts';
import type { Line } from './line.ts';
import { limits } from './limits.ts';
import { fail } from './reading.ts';
import { closeSection, openSection, tellRemarks } from './sections.ts';
import type { Resolved } from './variables.ts';
import { floorOf, intoOf, type Walk } from './walk.ts';

/** Reads a line whose variables have been put in. */
export function readParts({ line, unknown }: Resolved, walk: Walk): void {
  const parts = takeApart(line);
  switch (parts.kind) {
    case 'nothing':
      return;
    case 'directive':
      readDirective(parts, line, unknown, walk);
      return;
    case 'begin':
      openSection(parts, line, unknown, walk);
      return;
    case 'end':
      closeSection(parts, walk);
      return;
  }
}

function readDirective(
  parts: Extract<Parts, { kind: 'directive' }>,
  line: Line,
  unknown: readonly string[],
  walk: Walk,
): void {
  const { reading } = walk;
  if (!isName(parts.name)) {
    fail(reading, parts.head, {
      problem: 'no directive is called so',
      advice: 'begin the line with a name, or with # if it is a comment',
    });
    return;
  }
  const directive: Directive = { kind: 'directive', ...describeItem(line, parts) };
  reading.ledger.enter(directive);
  tellRemarks(directive, '', unknown, walk);
  const effect = actAtOnce(directive, reading) ?? { kind: 'keep' };
  if (isFault(effect)) fail(reading, directive.args[0] ?? directive.head, effect);
  else apply(effect, directive, walk);
}

function apply(effect: Effect, directive: Directive, walk: Walk): void {
  const { ledger } = walk.reading;
  switch (effect.kind) {
    case 'keep':
      intoOf(walk).push(directive);
      return;
    case 'done':
      if (effect.isDifferent) ledger.differ(directive, effect.why);
      else ledger.take(directive, effect.why);
      return;
    case 'files':
      if (effect.isDifferent) ledger.differ(directive, effect.why);
      else ledger.take(directive, effect.why);
      pushFiles(effect.paths, directive, walk);
      return;
    case 'lines':
      ledger.take(directive, effect.why);
      pushMacro(effect, directive, walk);
      return;
  }
}

function pushFiles(paths: readonly string[], { args, head }: Directive, { sources, frames }: Walk): void {
  for (const path of paths.toReversed()) {
    sources.push({ lines: undefined, floor: frames.length, file: { path, at: args[0] ?? head } });
  }
}

function pushMacro(
  { lines, macro }: Extract<Effect, { kind: 'lines' }>,
  { args, head }: Directive,
  walk: Walk,
): void {
  const { reading, sources } = walk;
  const used = sources.filter((source) => source.macro);
  const at = args[0] ?? head;
  if (used.some((source) => source.macro === macro)) {
    fail(reading, at, { problem: `macro ${macro.name} uses itself`, advice: 'leave this Use out' });
  } else if (used.length >= limits.macros) {
    fail(reading, at, { problem: `macros use macros ${limits.macros} deep`, advice: 'write fewer' });
  } else {
    sources.push({ lines: lines[Symbol.iterator](), floor: floorOf(walk), macro });
  }
}
