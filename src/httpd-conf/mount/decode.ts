/** A decoded path, and where each of its characters stands in the encoded one. */
export type Decoded = Readonly<{
  text: string;
  /** Where in the encoded path what stands at `index` of the text begins; its length for the end. */
  rawIndex(index: number): number;
}>;

/** Whether nothing in a path needs decoding. */
function isPlain(path: string): boolean {
  for (let i = 0; i < path.length; i += 1) {
    const code = path.charCodeAt(i);
    if (code === 0x25 || code > 0x7f) return false;
  }
  return true;
}

/**
 * Decodes raw bytes and escapes alike, as UTF-8, once. What is no UTF-8 becomes U+FFFD, byte by byte; `%2F` stays as it is.
 */
export function decodeBytes(path: string): Decoded {
  if (isPlain(path)) return { text: path, rawIndex: (index) => index };
  const { bytes, starts } = readBytes(path);
  let text = '';
  const indexes: number[] = [];
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i);
    const part = length === 1 && bytes[i]! > 0x7f ? '\ufffd' : bytes.toString('utf8', i, i + length);
    text += part;
    for (let unit = 0; unit < part.length; unit += 1) indexes.push(starts[i]!);
    i += length;
  }
  return { text, rawIndex: (index) => indexes[index] ?? path.length };
}

function readBytes(path: string): Readonly<{ bytes: Buffer; starts: readonly number[] }> {
  const bytes = Buffer.alloc(path.length);
  const starts: number[] = [];
  for (let i = 0; i < path.length;) {
    const byte = readEscape(path, i);
    bytes[starts.length] = byte ?? path.charCodeAt(i);
    starts.push(i);
    i += byte === undefined ? 1 : 3;
  }
  return { bytes: bytes.subarray(0, starts.length), starts };
}

/** The byte that an escape at an index stands for; undefined: there is none, or it is a slash, which stays encoded. */
export function readEscape(path: string, at: number): number | undefined {
  if (path.charCodeAt(at) !== 0x25) return undefined;
  const digits = path.slice(at + 1, at + 3);
  if (!/^[\da-f]{2}$/i.test(digits) || /^2f$/i.test(digits)) return undefined;
  return parseInt(digits, 16);
}

/** How many bytes the character at an index has; 1 for what begins none (RFC 3629 4). */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  if (length === 1) return 1;
  const part = bytes.subarray(at, at + length);
  return part.length === length && !part.toString('utf8').includes('\ufffd') ? length : 1;
}
