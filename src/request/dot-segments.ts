/**
 * `ambiguous`: dots that become a segment of their own for a reader who decodes slashes, decodes once more than we do, minds
 * backslashes, drops parameters, or takes other letters for dots.
 */
export type SegmentKind = 'name' | 'parent' | 'same' | 'ambiguous';

const DOT = 0x2e;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/** A member's server may decode, its app, and what that asks; every further time would be somebody else's mistake. */
const MOST_DECODINGS = 3;

/** Whether nothing in a text could be read otherwise than as it is written. */
export function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === PERCENT || code === BACKSLASH || code > 0x7f) return false;
  }
  return true;
}

/** Reads what stands between two slashes. */
export function readSegment(segment: string): SegmentKind {
  if (segment.charCodeAt(0) !== DOT && isPlainText(segment)) return 'name';
  const dotted = segment.replace(/%2e/gi, '.');
  if (dotted === '..') return 'parent';
  if (dotted === '.') return 'same';
  let text = segment;
  for (let i = 0; i < MOST_DECODINGS; i += 1) {
    const decoded = decodeLoosely(text);
    if (dotSegment.test(decoded)) return 'ambiguous';
    if (decoded === text) break;
    text = decoded;
  }
  return 'name';
}

/**
 * One or two dots between separators. Blanks and control characters do not count: URL parsers take them out, and Windows those at
 * the end of a name. Somebody cuts at a parameter, a query, a fragment, or C's end of a text.
 */
const dotSegment = /(?:^|[/\\])[\p{Cc} ]*\.[\p{Cc} ]*(?:\.[\p{Cc} ]*)?(?:$|[/\\;?#\0])/u;

/** RFC 3629 10: two to four bytes for a letter that has one are no UTF-8, and decoders that do not mind have been fooled. */
const overlong = /(?:[\xc0\xc1]|\xe0[\x80\x81]|\xf0\x80[\x80\x81])[\x80-\xbf]/g;

/** What stands for these letters where Unicode is normalised (NFKC), or made to fit a smaller set of letters. */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  [
    ['.', '\u2024\ufe52\uff0e'],
    ['..', '\u2025\ufe30'],
    ['/', '\u2044\u2215\uff0f'],
    ['\\', '\u2216\ufe68\uff3c'],
    [';', '\u037e\ufe14\uff1b'],
    ['%', '\ufe6a\uff05'],
  ].flatMap(([letter, others]) =>
    Array.from(others!, (other) => [Buffer.from(other).toString('latin1'), letter!] as const),
  ),
);
const lookAlike = new RegExp([...lookAlikes.keys()].join('|'), 'g');

/** Decodes once, a byte to a letter, as whoever is the least particular. */
function decodeLoosely(text: string): string {
  return decodeEscapes(text)
    .replace(overlong, readOverlong)
    .replace(lookAlike, (other) => lookAlikes.get(other)!);
}

/** A loop, for a path may be a megabyte of escapes. */
function decodeEscapes(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] === PERCENT ? 16 * valueOf(bytes[i + 1]) + valueOf(bytes[i + 2]) : NaN;
    bytes[length] = Number.isNaN(byte) ? bytes[i]! : byte;
    if (!Number.isNaN(byte)) i += 2;
    length += 1;
  }
  return bytes.toString('latin1', 0, length);
}

/** Of a hexadecimal digit; NaN for what is none. */
function valueOf(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NaN;
}

/** The last seven bits are what is meant. */
function readOverlong(bytes: string): string {
  const upper = bytes.charCodeAt(bytes.length - 2) & 1;
  return String.fromCharCode((upper << 6) | (bytes.charCodeAt(bytes.length - 1) & 0x3f));
}
