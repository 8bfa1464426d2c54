import { readPattern, type Repeated, type Way } from './read-pattern.ts';

/**
 * Which power of the length of a text the steps over it grow with, at most; Infinity where with each letter the ways
 * through it may multiply.
 */
export function measurePattern(pattern: RegExp): number {
  const ways = readPattern(pattern);
  if (ways === undefined) return Infinity;
  const isAnchored = !pattern.flags.includes('m') && ways.every(beginsAtStart);
  // One that may begin anywhere has one more.
  return measureWays(ways, pattern.flags) + (isAnchored ? 0 : 1);
}

function beginsAtStart([first]: Way): boolean {
  return first?.part.kind === 'place' && first.part.source === '^' && first.least > 0;
}

/** What may be there or not doubles the ways: about the eighth root of texts that matter. */
const fork = 1 / 8;

function measureWays(ways: readonly Way[], flags: string): number {
  let power = fork * (ways.length - 1);
  for (const way of ways) for (const repeated of way) power += measureRepeated(repeated, flags);
  return power;
}

function measureRepeated({ part, least, most }: Repeated, flags: string): number {
  const choice = most === least ? 0 : most - least === 1 ? fork : 1;
  switch (part.kind) {
    case 'place':
      return 0;
    case 'letter':
      return choice;
    case 'again':
      return 1 + choice;
    case 'look':
      return measureWays(part.ways, flags) + choice;
    case 'group': {
      const inner = measureWays(part.ways, flags);
      if (most <= 1) return inner + choice;
      return isClear(part.ways, flags) ? inner + 1 : Infinity;
    }
  }
}

/**
 * Whether a text can be cut into turns of a repeated group in one way only: all its turns are as long as each other, or
 * each begins or ends with a letter that is nowhere else in it, and one part of it at most has a choice.
 */
function isClear(ways: readonly Way[], flags: string): boolean {
  const [way = []] = ways;
  if (ways.length > 1 || way.length === 0) return false;
  const letters = way.flatMap(({ part }) => (part.kind === 'letter' ? [part.source] : []));
  const choices = way.filter(({ least, most }) => least !== most).length;
  if (letters.length < way.length || choices > 1) return false;
  return choices === 0 || isMark(way, letters, 0, flags) || isMark(way, letters, way.length - 1, flags);
}

function isMark(way: Way, letters: readonly string[], at: number, flags: string): boolean {
  const { least, most } = way[at]!;
  const mark = letters[at]!;
  return least === 1 && most === 1 && letters.every((other, i) => i === at || !overlap(mark, other, flags));
}

function overlap(one: string, other: string, flags: string): boolean {
  return new RegExp(`(?=${one})${other}`, flags).test(listLetters());
}

let letters: string | undefined;

/** At the first need: most patterns repeat no group. */
function listLetters(): string {
  if (letters === undefined) {
    letters = '';
    for (let code = 0; code < 0x10000; code += 1) letters += String.fromCharCode(code);
  }
  return letters;
}
