/** How a member, its server and its app read the path that they are asked for. */
export type PathReader = Readonly<{
  name: string;
  /** From what is on the wire to what is looked up, a letter a byte or not. */
  decode: (path: string) => string;
  /** A backslash is a slash, and blanks at the end of a name are none of it. */
  isWindows: boolean;
  /** What stands behind a semicolon is no part of a name, as in Java. */
  dropsParameters: boolean;
}>;

/** A byte a letter; what is no escape stays. */
function decodeBytes(path: string): string {
  return path.replace(/%([\da-f]{2})/gi, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** UTF-8 as it was read before RFC 3629: any byte may be the first of so many, whatever comes of it. */
function decodeOldUtf8(bytes: string): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 1) {
    const first = bytes.charCodeAt(i);
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    const rest = bytes.slice(i + 1, i + 1 + more);
    if (more === 0 || !new RegExp(`^[\\x80-\\xbf]{${more}}$`).test(rest)) {
      text += bytes[i]!;
      continue;
    }
    let code = first & (0x3f >> more);
    for (const byte of rest) code = (code << 6) | (byte.charCodeAt(0) & 0x3f);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '?';
    i += more;
  }
  return text;
}

function normalise(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8').normalize('NFKC');
}

const once = [
  ['not at all', (path: string) => path],
  ['as bytes', decodeBytes],
  ['as old UTF-8', (path: string) => decodeOldUtf8(decodeBytes(path))],
  ['as Unicode, normalised', (path: string) => normalise(decodeBytes(path))],
  ['up to a NUL', (path: string) => decodeBytes(path).split('\0', 1)[0]!],
  ['and looked for a query', (path: string) => decodeBytes(path).split(/[?#]/, 1)[0]!],
  ['by a URL parser', (path: string) => decodeBytes(path).replace(/[\t\n\r]/g, '')],
] as const;

/** Once, or twice; what the first has made of bytes beyond ASCII is bytes again for the second. */
export const pathReaders: readonly PathReader[] = once.flatMap(([first, one]) =>
  once.flatMap(([second, other]) =>
    [false, true].flatMap((isWindows) =>
      [false, true].map((dropsParameters) => ({
        name: `decoded ${first}, then ${second}, ${isWindows ? 'Windows' : 'Unix'}${dropsParameters ? ', no parameters' : ''}`,
        decode: (path: string) => other(Buffer.from(one(path)).toString('latin1')),
        isWindows,
        dropsParameters,
      })),
    ),
  ),
);

/** Whether somebody who reads so ends up outside of this path, be it only on the way. */
export function isOutside(path: string, base: string, reader: PathReader): boolean {
  const own = base.split('/').filter((name) => name !== '');
  const at: string[] = [];
  for (const segment of reader.decode(path).split(reader.isWindows ? /[/\\]/ : '/')) {
    const whole = reader.dropsParameters ? segment.split(';', 1)[0]! : segment;
    const name = reader.isWindows ? whole.trimEnd() : whole;
    if (name === '' || name === '.') continue;
    if (name === '..') at.pop();
    else at.push(name);
    const isOnItsWay = at.length < own.length && name !== '..';
    if (!isOnItsWay && own.some((each, i) => at[i] !== each)) return true;
  }
  return false;
}
