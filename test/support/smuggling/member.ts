import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { listen, type Backend } from '../backend.ts';
import { describeRequest, readings, readRequests, type Reading, type ReadRequest } from './readings.ts';

/** One connection of a member, and every byte that has come on it since it was last looked at. */
type Recorded = { bytes: string; readonly socket: Socket };

/** A member that keeps its connections, answers each request with what it was, and forgets no byte. */
export type RecordingMember = Backend &
  Readonly<{
    /** What has come since the last time, by this reading: whole requests. */
    read(reading: Reading): readonly ReadRequest[];
    /** Connections on which half a request has come. */
    halves(): readonly Recorded[];
    forget(): void;
  }>;

/** Starts one. Whatever asks for an upgrade is answered as any request. */
export async function startRecordingMember(): Promise<RecordingMember> {
  const strict = readings[0]!;
  const recorded = new Set<Recorded>();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    const connection: Recorded = { bytes: '', socket };
    let waiting = '';
    recorded.add(connection);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      connection.bytes += text;
      const { requests, rest } = readRequests(waiting + text, strict);
      waiting = rest;
      for (const request of requests) socket.write(answer(request), 'latin1');
      if (requests.some(isLast)) socket.end();
    });
  });
  const backend = await listen(server, [], () => count);
  return {
    ...backend,
    read: (reading) => [...recorded].flatMap(({ bytes }) => readRequests(bytes, reading).requests),
    halves: () => [...recorded].filter(({ bytes }) => readRequests(bytes, strict).rest !== ''),
    forget() {
      for (const connection of recorded) {
        connection.bytes = '';
        if (connection.socket.destroyed) recorded.delete(connection);
      }
    },
  };
}

function isLast({ fields }: ReadRequest): boolean {
  return fields.some(([name, value]) => name.toLowerCase() === 'connection' && /close/i.test(value));
}

function answer(request: ReadRequest): string {
  const body = describeRequest(request);
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
  return request.method === 'HEAD' ? head : head + body;
}
