import { createServer, type Socket } from 'node:net';
import { valuesOf, type RawHeaders } from '../../src/rewrite/headers.ts';
import { listen, type Backend } from '../support/backend.ts';

/** A request as it came over the wire, one character a byte. */
export type RawRequest = Readonly<{
  start: string;
  headers: RawHeaders;
  /** Head, framing and body. */
  bytes: string;
  body: string;
  trailers: RawHeaders;
  /** Counts up for each connection, from 0. */
  connection: number;
}>;

/** Answers a request that has come whole. */
export type Talk = (socket: Socket, request: RawRequest) => void;

/** A member that reads bytes and says bytes. */
export type RawMember = Backend & Readonly<{ requests: readonly RawRequest[] }>;

/** Starts a member that speaks when a request is whole. */
export async function startRawMember(talk: Talk): Promise<RawMember> {
  const requests: RawRequest[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const connection = connections++;
    let bytes = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (let read = readRequest(bytes); read !== undefined; read = readRequest(bytes)) {
        const request = { ...read, connection };
        bytes = bytes.slice(read.bytes.length);
        requests.push(request);
        talk(socket, request);
      }
    });
  });
  const backend = await listen(server, [], () => connections);
  return { ...backend, requests };
}

/** Undefined while something is missing. */
function readRequest(bytes: string): Omit<RawRequest, 'connection'> | undefined {
  const end = bytes.indexOf('\r\n\r\n') + 4;
  if (end === 3) return undefined;
  const [start = '', ...lines] = bytes.slice(0, end - 4).split('\r\n');
  const headers = readFields(lines);
  const head = { start, headers };
  if (valuesOf(headers, 'transfer-encoding').length > 0) {
    const rest = readChunks(bytes, end);
    return rest && { ...head, ...rest, bytes: bytes.slice(0, rest.end) };
  }
  const length = Number(valuesOf(headers, 'content-length')[0] ?? 0);
  if (bytes.length < end + length) return undefined;
  const body = bytes.slice(end, end + length);
  return { ...head, bytes: bytes.slice(0, end + length), body, trailers: [] };
}

function readChunks(
  bytes: string,
  from: number,
): Readonly<{ body: string; trailers: RawHeaders; end: number }> | undefined {
  let body = '';
  for (let at = from; ;) {
    const eol = bytes.indexOf('\r\n', at);
    if (eol === -1) return undefined;
    const size = parseInt(bytes.slice(at, eol), 16);
    if (size === 0) {
      // With its line end in front, an empty section of trailers ends as any other does.
      const end = bytes.indexOf('\r\n\r\n', eol);
      if (end === -1) return undefined;
      return { body, trailers: readFields(bytes.slice(eol + 2, end).split('\r\n')), end: end + 4 };
    }
    body += bytes.slice(eol + 2, eol + 2 + size);
    at = eol + 2 + size + 2;
  }
}

function readFields(lines: readonly string[]): string[] {
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
