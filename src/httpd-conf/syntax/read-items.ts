import { isFault } from '../../definition/problem.ts';
import type { Argument, Item } from './directive.ts';
import { refuseOutside } from './include.ts';
import { isComment, takeApart } from './line-parts.ts';
import { pointAt, type Line } from './line.ts';
import { limits } from './limits.ts';
import { readLines } from './read-lines.ts';
import { readParts } from './read-parts.ts';
import { fail, giveUp, type Reading } from './reading.ts';
import { collectLine, skipParts } from './skip.ts';
import { resolveVariables } from './variables.ts';
import { leaveUnclosed, topOf, type Source, type Walk } from './walk.ts';

/** Reads lines from top to bottom, with all that they include; what they say is added to `into`. */
export function readItems(lines: Iterable<Line>, into: Item[], reading: Reading): void {
  const walk: Walk = { reading, frames: [], sources: [{ lines: lines[Symbol.iterator](), floor: 0 }], into };
  for (let line = pullLine(walk); line; line = pullLine(walk)) {
    spend(line, reading);
    if (!isComment(line)) readLine(line, walk);
  }
}

function pullLine(walk: Walk): Line | undefined {
  const { sources, reading } = walk;
  for (let source = sources.at(-1); source; source = sources.at(-1)) {
    source.lines ??= openSource(source, reading)[Symbol.iterator]();
    const next = source.lines.next();
    if (!next.done) return next.value;
    // What a macro opens may be closed behind it.
    if (!source.macro) leaveUnclosed(source.floor, walk);
    if (source.file) reading.trail.pop();
    sources.pop();
  }
  return undefined;
}

function openSource({ file }: Source, reading: Reading): Iterable<Line> {
  const { path, at } = file!;
  const { reader, trail } = reading;
  const id = reader!.identify(path);
  const isLoop = trail.includes(id);
  trail.push(id);
  if (isLoop) {
    fail(reading, at, {
      problem: `${path} is included by itself`,
      advice: 'leave this Include out, or name other files',
    });
    return [];
  }
  reading.files += 1;
  if (reading.files > limits.files || trail.length > limits.includes) {
    const much =
      reading.files > limits.files
        ? `more than ${limits.files} files are included`
        : `it lies ${limits.includes} files deep`;
    giveUp(reading, at, { problem: much, advice: 'include fewer' });
  }
  const text = refuseOutside(id, reading.folders, reader!.identify) ?? reader!.read(path);
  if (isFault(text)) {
    fail(reading, at, text);
    return [];
  }
  return readText(text, path, reading);
}

/** The lines of a text; none when it is none. */
export function readText(text: string, file: string, reading: Reading): Iterable<Line> {
  const binary = text.indexOf('\0');
  if (binary === -1) return readLines(text.startsWith('\ufeff') ? text.slice(1) : text, file);
  const before = text.slice(0, binary).split('\n');
  const column = before.at(-1)!.length;
  const lineText = text.slice(binary - column, findLineEnd(text, binary));
  const at = { text: '\0', place: { file, line: before.length }, column: column + 1, length: 1, lineText };
  fail(reading, at, { problem: 'a NUL character: this is no text', advice: 'save the file as UTF-8 text' });
  return [];
}

function findLineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function spend(line: Line, reading: Reading): void {
  reading.rows += line.rows;
  reading.characters += line.text.length;
  if (line.text.length > limits.line) {
    giveUp(reading, beginOf(line), {
      problem: `the line is ${line.text.length} characters long`,
      advice: `write at most ${limits.line}`,
    });
  }
  checkBudget(line, reading);
}

function checkBudget(line: Line, reading: Reading): void {
  const { rows, characters } = reading;
  if (rows <= limits.rows && characters <= limits.characters) return;
  const much = rows > limits.rows ? `${limits.rows} lines` : `${limits.characters} characters`;
  giveUp(reading, beginOf(line), {
    problem: `there are more than ${much}, with what is included and put in`,
    advice: 'read a smaller configuration',
  });
}

function beginOf(line: Line): Argument {
  return pointAt(line, 0, 1, '');
}

function readLine(line: Line, walk: Walk): void {
  const { reading } = walk;
  const top = topOf(walk);
  if (top?.body) {
    collectLine(line, top.body, walk);
  } else if (top?.skip) {
    skipParts(takeApart(line), top.skip, walk);
  } else {
    const { variables, env } = reading;
    const lookUp = (name: string): string | undefined =>
      variables.get(name.toLowerCase()) ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    const resolved = resolveVariables(line, lookUp, limits.line);
    if (!resolved) {
      giveUp(reading, beginOf(line), {
        problem: `the line becomes longer than ${limits.line} characters`,
        advice: 'look at what its ${NAME} stand for',
      });
    }
    reading.characters += resolved.line.text.length - line.text.length;
    checkBudget(line, reading);
    readParts(resolved, walk);
  }
}
