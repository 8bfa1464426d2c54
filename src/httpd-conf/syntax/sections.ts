import { isFault } from '../../definition/problem.ts';
import { answer, isConditional } from './conditions.ts';
import type { Item, Section } from './directive.ts';
import { describeItem, isName, type Parts } from './line-parts.ts';
import type { Line } from './line.ts';
import { declareMacro } from './macros.ts';
import { fail } from './reading.ts';
import { floorOf, intoOf, leaveFrame, openFrame, topOf, type Frame, type Skip, type Walk } from './walk.ts';

type Begin = Extract<Parts, { kind: 'begin' }>;
type End = Extract<Parts, { kind: 'end' }>;

/** Goes into a section: one that only asks is answered at once, a macro's lines are collected. */
export function openSection(parts: Begin, line: Line, unknown: readonly string[], walk: Walk): void {
  const { reading } = walk;
  const { ledger } = reading;
  if (!isWritten(parts, walk)) return;
  const items: Item[] = [];
  const section: Section = { kind: 'section', ...describeItem(line, parts), items };
  ledger.enter(section);
  tellRemarks(section, parts.ignored, unknown, walk);
  const frame = { name: section.name, key: section.key, head: section.head };
  if (section.key === 'macro') {
    const macro = declareMacro(section);
    if (isFault(macro)) fail(reading, section.head, macro);
    else ledger.take(section, 'put in where Use names it');
    openFrame(
      { ...frame, into: undefined, body: { lines: [], macro: isFault(macro) ? undefined : macro, depth: 0 } },
      walk,
    );
  } else if (isConditional(section.key)) {
    openFrame({ ...frame, ...decide(section, walk) }, walk);
  } else {
    intoOf(walk).push(section);
    openFrame({ ...frame, into: items }, walk);
  }
}

/** Goes into a section within one that is skipped. */
export function pushNested({ name, head }: Begin, skip: Skip, walk: Walk): void {
  openFrame({ name, key: name.toLowerCase(), head, into: undefined, skip }, walk);
}

/** Leaves the section that a `</…>` names. */
export function closeSection({ name, head, isClosed }: End, walk: Walk): void {
  const { reading, frames } = walk;
  if (!isClosed) fail(reading, head, { problem: `</${name} lacks its >`, advice: `write </${name}>` });
  const key = name.toLowerCase();
  const top = frames.length > floorOf(walk) ? topOf(walk) : undefined;
  if (top?.key === key) {
    leaveFrame(walk);
    return;
  }
  const at = frames.findLastIndex((frame) => frame.key === key);
  if (!top || at < floorOf(walk)) {
    const advice = top ? `write </${top.name}> for the one of line ${top.head.place.line}` : 'leave it out';
    fail(reading, head, { problem: `no <${name}> is open here`, advice });
    return;
  }
  for (const frame of frames.slice(at + 1)) {
    fail(reading, frame.head, {
      problem: `<${frame.name}> is not closed`,
      advice: `write </${frame.name}> before the </${name}> of line ${head.place.line}`,
    });
  }
  while (frames.length > at) leaveFrame(walk);
}

/** What is told of an item besides its verdict. */
export function tellRemarks(
  item: Item,
  ignored: string,
  unknown: readonly string[],
  { reading: { ledger } }: Walk,
): void {
  for (const name of unknown) {
    ledger.remark(
      item,
      `nothing says what \${${name}} stands for (Define, the environment): it stays as it is`,
    );
  }
  if (ignored !== '' && !ignored.startsWith('#'))
    ledger.remark(item, 'what stands behind its > is not read, as in httpd');
}

function decide(section: Section, walk: Walk): Pick<Frame, 'into' | 'skip' | 'asks'> {
  const { reading } = walk;
  const answered = answer(section, reading);
  if (isFault(answered)) {
    fail(reading, section.args[0] ?? section.head, answered);
    // Whatever it asks: what is wrong within is told, too.
    return { into: [] };
  }
  if (!answered.holds) return { into: undefined, skip: { section, why: answered.why, count: 0 } };
  reading.ledger.take(section, answered.why);
  return { into: intoOf(walk), asks: section };
}

/** Whether it is a section at all; if not, what it opens is skipped up to its end. */
function isWritten({ name, head, isClosed, args }: Begin, walk: Walk): boolean {
  const { reading } = walk;
  if (isName(name)) {
    if (!isClosed)
      fail(reading, head, { problem: `<${name} lacks its >`, advice: `write the > at the end of the line` });
    return true;
  }
  const [word] = /^[A-Za-z]\w*/.exec(name) ?? [];
  if (word !== undefined) {
    fail(reading, head, { problem: `<${name}> is no section`, advice: `write a blank behind <${word}` });
  } else {
    const next = args[0]?.text ?? 'Location';
    fail(reading, head, { problem: 'a < without a name', advice: `write <${next} without a blank between` });
  }
  const key = (word ?? args[0]?.text ?? '').replace(/>$/, '').toLowerCase();
  openFrame({ name: key, key, head, into: [] }, walk);
  return false;
}
