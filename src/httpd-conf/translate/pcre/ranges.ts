import { isLetter, type ClassItem } from './tree.ts';

/** From one code unit to another, both included. */
export type Range = Readonly<{ from: number; to: number }>;

const last = 0xffff;

const range = (from: string, to = from): Range => ({ from: from.charCodeAt(0), to: to.charCodeAt(0) });

const upper = range('A', 'Z');
const lower = range('a', 'z');
const digits = range('0', '9');
// JavaScript's \s has every blank of Unicode.
const space = [range('\t', '\r'), range(' ')];

/** POSIX classes in the C locale. */
const posix: ReadonlyMap<string, readonly Range[]> = new Map([
  ['alpha', [upper, lower]],
  ['digit', [digits]],
  ['alnum', [digits, upper, lower]],
  ['upper', [upper]],
  ['lower', [lower]],
  ['space', space],
  ['blank', [range('\t'), range(' ')]],
  ['punct', [range('!', '/'), range(':', '@'), range('[', '`'), range('{', '~')]],
  ['print', [range(' ', '~')]],
  ['graph', [range('!', '~')]],
  ['cntrl', [range('\0', '\x1f'), range('\x7f')]],
  ['xdigit', [digits, range('A', 'F'), range('a', 'f')]],
  ['word', [digits, upper, range('_'), lower]],
  ['ascii', [range('\0', '\x7f')]],
]);

/** Names of the POSIX classes, for advice. */
export const posixNames: readonly string[] = [...posix.keys()];

/** What `[:name:]` stands for, or `[:^name:]`. */
export function findPosix(
  name: string,
  isNegated: boolean,
  isCaseless: boolean,
): readonly Range[] | undefined {
  const isCase = name === 'upper' || name === 'lower';
  const ranges = posix.get(isCaseless && isCase ? 'alpha' : name);
  return ranges && isNegated ? complement(ranges) : ranges;
}

/** `\h` and the like: what they mean in PCRE without UTF, which is httpd's; undefined: no such class. */
export function findShorthand(letter: string): readonly ClassItem[] | undefined {
  switch (letter) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
      return [`\\${letter}`];
    case 's':
      return space;
    case 'S':
      return complement(space);
    case 'h':
      return blanks;
    case 'H':
      return complement(blanks);
    case 'v':
      return lineEnds;
    case 'V':
      return complement(lineEnds);
    case 'N':
      return complement([range('\n')]);
    default:
      return undefined;
  }
}

const blanks = [range('\t'), range(' '), range('\xa0')];
const lineEnds = [range('\n', '\r'), range('\x85')];

/** Everything else. `ranges` ascend. */
function complement(ranges: readonly Range[]): readonly Range[] {
  const starts = [0, ...ranges.map(({ to }) => to + 1)];
  const ends = [...ranges.map(({ from }) => from - 1), last];
  return starts.map((from, i) => ({ from, to: ends[i]! })).filter(({ from, to }) => from <= to);
}

/** A range, and what its letters are in the other case. */
export function foldRange({ from, to }: Range): readonly Range[] {
  const folded = [upper, lower].flatMap((letters) => {
    const common = { from: Math.max(from, letters.from), to: Math.min(to, letters.to) };
    const step = letters === upper ? 32 : -32;
    return common.from <= common.to ? [{ from: common.from + step, to: common.to + step }] : [];
  });
  return [{ from, to }, ...folded.filter((each) => each.from < from || each.to > to)];
}

/** Whether a range has letters in it of which the other case is missing. */
export function hasCase({ from, to }: Range): boolean {
  if (from === to) return isLetter(from);
  return foldRange({ from, to }).length > 1;
}
