import { runInTime } from './exec-in-time.ts';
import { measurePattern } from './measure-pattern.ts';
import { readPattern, type PatternPart, type Way } from './read-pattern.ts';

/** So long is a text that a pattern is tried on: for one that is all right, nothing. */
const length = 200;

/** Letters that a pattern may mean; the first that fits is taken. */
const letters = ['a', ...Array.from({ length: 0x5f }, (_, i) => String.fromCharCode(0x20 + i)), '\n', 'é'];

/** What a text ends with that is to fail at its end. */
const endings = ['\0', '\n', '!', ''];

const limitMs = 250;
const confirmMs = 100;

/** A repeated group, and what leads to it. */
type Loop = Readonly<{ before: string; ways: readonly Way[] }>;

/**
 * A text of some two hundred letters that a pattern takes for ever over: what it repeats, many times, and then something
 * that does not fit. Undefined: none was found, which proves nothing. Takes a quarter of a second, where there is one.
 */
export function findSlowText(pattern: RegExp): string | undefined {
  if (measurePattern(pattern) < Infinity) return undefined;
  const ways = readPattern(pattern);
  if (ways === undefined) return undefined;
  const texts = listLoops(ways, '', pattern.flags).flatMap((loop) => listTexts(loop, pattern.flags));
  let last = '';
  const isDone = runInTime(() => {
    for (last of texts) pattern.exec(last);
  }, limitMs);
  if (isDone) return undefined;
  // A process that was held up has lost its time without a fault of the pattern.
  return runInTime(() => pattern.exec(last), confirmMs) ? undefined : last;
}

function listLoops(ways: readonly Way[], start: string, flags: string): readonly Loop[] {
  return ways.flatMap((way) => {
    let before = start;
    return way.flatMap(({ part, least, most }) => {
      const isWays = part.kind === 'group' || part.kind === 'look';
      const inner = isWays ? listLoops(part.ways, before, flags) : [];
      const loops = part.kind === 'group' && most > 1 ? [{ before, ways: part.ways }, ...inner] : inner;
      before += writePart(part, flags).repeat(Math.min(least, length));
      return loops;
    });
  });
}

function listTexts({ before, ways }: Loop, flags: string): readonly string[] {
  const whole = ways.map((way) => writeWay(way, flags, 1));
  const sets = listSets(ways);
  const shared = sets.flatMap((one, i) =>
    sets.slice(i).map((other) => writeLetter(`(?=${one})${other}`, flags)),
  );
  const words = [...new Set([...shared, ...whole])].filter((word) => word !== '').slice(0, 24);
  return words.flatMap((word) =>
    endings.map((ending) => before + word.repeat(Math.ceil(length / word.length)) + ending),
  );
}

function listSets(ways: readonly Way[]): readonly string[] {
  const sets = ways.flat().flatMap(({ part }) => {
    if (part.kind === 'letter') return [part.source];
    return part.kind === 'group' ? listSets(part.ways) : [];
  });
  return [...new Set(sets)].slice(0, 8);
}

function writeWay(way: Way, flags: string, fewest: number): string {
  return way
    .map(({ part, least }) => writePart(part, flags).repeat(Math.min(Math.max(least, fewest), length)))
    .join('');
}

function writePart(part: PatternPart, flags: string): string {
  switch (part.kind) {
    case 'letter':
      return writeLetter(part.source, flags);
    case 'group':
      return writeWay(part.ways[0] ?? [], flags, 0);
    case 'look':
    case 'again':
    case 'place':
      return '';
  }
}

function writeLetter(source: string, flags: string): string {
  const form = new RegExp(`^(?:${source})$`, flags);
  return letters.find((letter) => form.test(letter)) ?? '';
}
