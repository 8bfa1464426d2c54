/** What of a pattern matches a piece of a text. */
export type PatternPart =
  /** One letter of a set, as the pattern has it: `a`, `\w`, `[^;]`. */
  | Readonly<{ kind: 'letter'; source: string }>
  | Readonly<{ kind: 'group'; ways: readonly Way[] }>
  /** Looks at what comes or has come, and takes nothing. */
  | Readonly<{ kind: 'look'; ways: readonly Way[] }>
  /** What a group has matched, once more. */
  | Readonly<{ kind: 'again' }>
  /** `^`, `$`, `\b`: a place between two letters. */
  | Readonly<{ kind: 'place'; source: string }>;

/** How often in a row. */
export type Repeated = Readonly<{ part: PatternPart; least: number; most: number }>;

/** One of several ways through a pattern or a group. */
export type Way = readonly Repeated[];

const quantifier = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
const letterClass = /\[(?:\\.|[^\]\\])*\]/sy;
const escape = /\\(?:u\{[\da-f]+\}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|p\{[^}]*\}|k<[^>]*>|\d+|.)/isy;
const groupStart = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/y;

/** Takes a pattern apart; undefined for one with the flag v, whose classes nest. */
export function readPattern({ source, flags }: RegExp): readonly Way[] | undefined {
  if (flags.includes('v')) return undefined;
  const isUnicode = flags.includes('u');
  let at = 0;

  function take(form: RegExp): RegExpExecArray | null {
    form.lastIndex = at;
    const taken = form.exec(source);
    at += taken?.[0].length ?? 0;
    return taken;
  }

  function readWays(): readonly Way[] {
    const ways: Repeated[][] = [[]];
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1;
        ways.push([]);
      } else {
        ways.at(-1)!.push({ part: readPart(), ...readTimes() });
      }
    }
    return ways;
  }

  function readPart(): PatternPart {
    const start = take(groupStart)?.[0];
    if (start !== undefined) {
      const ways = readWays();
      at += 1;
      return { kind: /^\(\?<?[=!]/.test(start) ? 'look' : 'group', ways };
    }
    const escaped = take(escape)?.[0];
    if (escaped !== undefined) return readEscape(escaped);
    const taken = take(letterClass)?.[0];
    if (taken !== undefined) return { kind: 'letter', source: taken };
    const letter = isUnicode ? String.fromCodePoint(source.codePointAt(at)!) : source[at]!;
    at += letter.length;
    if (letter === '^' || letter === '$') return { kind: 'place', source: letter };
    // Without the flag u, a brace that counts nothing stands for itself.
    return { kind: 'letter', source: /[{}\]]/.test(letter) ? `\\${letter}` : letter };
  }

  function readTimes(): Pick<Repeated, 'least' | 'most'> {
    const [whole, sign, least, comma, most] = take(quantifier) ?? [];
    if (whole === undefined) return { least: 1, most: 1 };
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const fewest = Number(least);
    if (comma === undefined) return { least: fewest, most: fewest };
    return { least: fewest, most: most ? Number(most) : Infinity };
  }

  return readWays();
}

function readEscape(source: string): PatternPart {
  if (/^\\b$/i.test(source)) return { kind: 'place', source };
  if (/^\\(?:[1-9]|k<)/.test(source)) return { kind: 'again' };
  return { kind: 'letter', source };
}
