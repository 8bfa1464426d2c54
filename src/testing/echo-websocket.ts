import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455 1.3. */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** More is no message of a test. */
const longestFrame = 2 ** 24;

const opcodes = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a client has sent it. */
type Frame = Readonly<{ first: number; payload: Buffer; length: number }>;

/** The head that accepts a WebSocket (RFC 6455 4.2.2), or undefined for a request of another protocol. */
export function acceptWebSocket(
  { headers }: IncomingMessage,
  fields: Readonly<Record<string, string>>,
): string | undefined {
  const key = headers['sec-websocket-key'];
  if (headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) return undefined;
  const accept = createHash('sha1').update(`${key}${magic}`).digest('base64');
  const protocol = headers['sec-websocket-protocol']?.split(',', 1)[0]?.trim();
  const lines = Object.entries({
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': accept,
    ...(protocol !== undefined && { 'Sec-WebSocket-Protocol': protocol }),
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** Sends back every frame of an open WebSocket, answers pings and the Close frame; `note` is told each text. */
export function echoFrames(socket: Duplex, head: Buffer, note: (text: string) => void): void {
  let unread: Buffer = head;
  let parts: Buffer[] = [];
  let isText = false;

  function hear({ first, payload }: Frame): void {
    const opcode = first & 0x0f;
    if (opcode === opcodes.pong) return;
    if (opcode === opcodes.ping) {
      socket.write(writeFrame(0x80 | opcodes.pong, payload));
      return;
    }
    socket.write(writeFrame(first, payload));
    if (opcode === opcodes.close) {
      socket.end();
      return;
    }
    if (opcode !== opcodes.continuation) {
      isText = opcode === opcodes.text;
      parts = [];
    }
    parts.push(payload);
    if (isText && (first & 0x80) !== 0) note(Buffer.concat(parts).toString());
  }

  function read(chunk: Buffer): void {
    unread = Buffer.concat([unread, chunk]);
    for (let frame = readFrame(unread); frame !== undefined; frame = readFrame(unread)) {
      if (frame === 'too-long') {
        socket.destroy();
        return;
      }
      unread = unread.subarray(frame.length);
      hear(frame);
    }
  }

  socket.on('data', read);
  socket.on('end', () => socket.end());
  if (head.length > 0) read(Buffer.alloc(0));
}

/** RFC 6455 5.2; undefined: it has not come whole yet. */
function readFrame(bytes: Buffer): Frame | 'too-long' | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const sizeBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + sizeBytes) return undefined;
  const size =
    sizeBytes === 0 ? short : sizeBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (size > longestFrame) return 'too-long';
  const isMasked = (bytes[1]! & 0x80) !== 0;
  const from = 2 + sizeBytes + (isMasked ? 4 : 0);
  if (bytes.length < from + size) return undefined;
  const payload = Buffer.from(bytes.subarray(from, from + size));
  if (isMasked) for (let i = 0; i < size; i += 1) payload[i] = payload[i]! ^ bytes[from - 4 + (i % 4)]!;
  return { first: bytes[0]!, payload, length: from + size };
}

function writeFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}
