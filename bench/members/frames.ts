/**
 * Hands on each whole frame of a client as an echo: the same without its mask; a ping as a pong; after a close it is the last.
 * Returns how many bytes were used; the others are the beginning of a frame. The bytes are changed in place.
 */
export function echoFrames(bytes: Buffer, send: (frame: Buffer, isLast: boolean) => void): number {
  let at = 0;
  for (;;) {
    const frame = findFrame(bytes, at);
    if (!frame) return at;
    const { dataAt, end } = frame;
    unmask(bytes, dataAt, end);
    // RFC 6455 5.1: a server's frames have no mask, so its head is shorter by these four bytes, and moves up to the data.
    const headAt = at + maskLength;
    bytes.copyWithin(headAt, at, dataAt - maskLength);
    bytes[headAt + 1]! &= 0x7f;
    const code = bytes[headAt]! & 0x0f;
    if (code === opcode.ping) bytes[headAt] = (bytes[headAt]! & 0xf0) | opcode.pong;
    if (code !== opcode.pong) send(bytes.subarray(headAt, end), code === opcode.close);
    at = end;
    if (code === opcode.close) return bytes.length;
  }
}

const maskLength = 4;
const opcode = { close: 8, ping: 9, pong: 10 };

/** Undefined: it has not come whole. */
function findFrame(bytes: Buffer, at: number): Readonly<{ dataAt: number; end: number }> | undefined {
  if (bytes.length < at + 2) return undefined;
  const short = bytes[at + 1]! & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const dataAt = at + 2 + lengthBytes + maskLength;
  if (bytes.length < dataAt) return undefined;
  // Of eight bytes the upper two would be more than a message can have.
  const length =
    lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
  const end = dataAt + length;
  return bytes.length < end ? undefined : { dataAt, end };
}

/** The mask is what stands before the data. */
function unmask(bytes: Buffer, dataAt: number, end: number): void {
  const mask = [bytes[dataAt - 4]!, bytes[dataAt - 3]!, bytes[dataAt - 2]!, bytes[dataAt - 1]!];
  for (let i = dataAt; i < end; i += 1) bytes[i]! ^= mask[(i - dataAt) & 3]!;
}
