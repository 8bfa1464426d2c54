import type { Argument, Item, Section } from './directive.ts';
import type { Line } from './line.ts';
import { limits } from './limits.ts';
import { fail, giveUp, type Macro, type Reading } from './reading.ts';

/** Where lines come from: a file, or a macro that is used. */
export type Source = {
  /** Undefined: a file that was not opened yet. */
  lines: Iterator<Line> | undefined;
  /** Sections that were open when it began: a file can close none of them. */
  readonly floor: number;
  readonly file?: Readonly<{ path: string; at: Argument }>;
  readonly macro?: Macro;
};

/** A section that is open. */
export type Frame = Readonly<{
  name: string;
  key: string;
  head: Argument;
  /** Where what is in it goes; undefined: it is skipped. */
  into: Item[] | undefined;
  /** Of a section that only asks, and holds. */
  asks?: Section | undefined;
  /** Of a section that is skipped: what is told of it at its end. */
  skip?: Skip | undefined;
  /** Of a `<Macro>`: its lines up to here. */
  body?: Body | undefined;
}>;

/** A section that does not hold, and how many directives are left out with it. */
export type Skip = { readonly section: Section; readonly why: string; count: number };

/** The lines of a `<Macro>`, and how many more `</Macro>` belong to others within. */
export type Body = {
  readonly lines: Line[];
  readonly macro: Omit<Macro, 'lines'> | undefined;
  depth: number;
};

/** Where one is. */
export type Walk = Readonly<{ reading: Reading; frames: Frame[]; sources: Source[]; into: Item[] }>;

/** The innermost section that is open. */
export function topOf({ frames }: Walk): Frame | undefined {
  return frames.at(-1);
}

/** Where the next item goes. */
export function intoOf(walk: Walk): Item[] {
  return topOf(walk)?.into ?? walk.into;
}

/** The first frame that the source on top may close. */
export function floorOf({ sources }: Walk): number {
  return sources.at(-1)?.floor ?? 0;
}

/** Goes into a section. */
export function openFrame(frame: Frame, { frames, reading }: Walk): void {
  frames.push(frame);
  if (frames.length <= limits.sections) return;
  giveUp(reading, frame.head, {
    problem: `<${frame.name}> lies ${limits.sections} sections deep`,
    advice: 'close the sections around it',
  });
}

/** Leaves the innermost section. */
export function leaveFrame({ frames, reading }: Walk): void {
  const frame = frames.pop();
  // Of sections within one that is skipped, only the outermost one tells.
  if (!frame?.skip || frames.at(-1)?.skip === frame.skip) return;
  const { section, why, count } = frame.skip;
  reading.ledger.take(
    section,
    `left out with ${count === 1 ? 'its directive' : `its ${count} directives`}: ${why}`,
  );
}

/** Leaves all sections above `floor`: nothing has closed them. */
export function leaveUnclosed(floor: number, walk: Walk): void {
  for (let frame = topOf(walk); frame && walk.frames.length > floor; frame = topOf(walk)) {
    if (frame.asks) {
      walk.reading.ledger.remark(
        frame.asks,
        `no </${frame.name}> closes it, which httpd lets pass only as long as it holds`,
      );
    } else {
      fail(walk.reading, frame.head, {
        problem: `<${frame.name}> is not closed`,
        advice: `write </${frame.name}> where it ends`,
      });
    }
    leaveFrame(walk);
  }
}
