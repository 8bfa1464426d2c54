import type { Socket } from 'node:net';

const CONTINUE = 'HTTP/1.1 100';
/** How many an exchange may have; the next one ends it. */
const MOST = 10;

/**
 * Takes `100 (Continue)` out of what a connection says before it is read. RFC 9110 15.2: a client has to put up with one
 * that it has not asked for; undici takes it for a broken answer. The function it returns says that an answer is due.
 */
export function skipContinue(socket: Socket, maxHeadBytes: number): () => void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let left = 0;
  let held: Buffer | undefined;

  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size);
    // Behind the first byte of another head nothing is looked at: content may look like a head.
    if (left === 0 || chunk === null) return chunk;
    let bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    held = undefined;
    while (left > 0) {
      const end = findEnd(bytes);
      if (end === undefined && bytes.length <= maxHeadBytes) {
        held = bytes;
        return null;
      }
      left = end === undefined || end === 0 ? 0 : left - 1;
      bytes = bytes.subarray(end);
    }
    return bytes.length === 0 ? null : bytes;
  };
  return () => {
    left = MOST;
    held = undefined;
  };
}

/** Where the 100 at the front of these bytes ends; 0 when there is none, undefined when that cannot be told yet. */
function findEnd(bytes: Buffer): number | undefined {
  const start = bytes.toString('latin1', 0, CONTINUE.length);
  if (!CONTINUE.startsWith(start)) return 0;
  if (bytes.length <= CONTINUE.length) return undefined;
  // A status of four digits is for the parser to refuse.
  if (/\d/.test(String.fromCharCode(bytes[CONTINUE.length]!))) return 0;
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? undefined : end + 4;
}
