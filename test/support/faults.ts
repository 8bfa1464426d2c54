import type { Socket } from 'node:net';
import { startBackend, startRawBackend, type Backend } from './backend.ts';

/** Ways to fail a request that has arrived; what is left of the connection is the member's, until it is dropped. */
export const faults = {
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'closes the connection': (socket) => socket.end(),
  'stays silent': () => undefined,
  'stalls in the head': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Half'),
  'breaks off in the head': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Half'),
  'answers garbage': (socket) => socket.write('220 mail.example ESMTP\r\n\r\n'),
  'speaks another version': (socket) => socket.write('HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  'sends a broken header line': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok'),
  'sends a head too long': (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\nok`),
  'switches unasked': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  // Of the kind that no client is told.
  'never ends its 1xx': (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(11)),
  'sends two lengths': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'),
  'sends a length that is none': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'),
  'sends a length and chunks': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ),
  'codes its answer': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
} as const satisfies Readonly<Record<string, (socket: Socket) => unknown>>;

export type Fault = keyof typeof faults;

/** Ways to fail in the middle of an answer whose head is all right. */
export const midAnswerFaults = {
  'resets in a counted body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwhole', () => socket.resetAndDestroy());
  },
  'closes in a counted body': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwhole'),
  'closes in a chunked body': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n'),
  'closes in a chunked body that is its last': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n'),
  'closes in a counted body that is its last': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nwhole'),
  'closes in a chunk': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nwhole'),
  'sends a broken chunk': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\nzz\r\n'),
  'stalls in a counted body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwhole'),
  'stalls in a chunked body': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n'),
} as const satisfies Readonly<Record<string, (socket: Socket) => unknown>>;

export type MidAnswerFault = keyof typeof midAnswerFaults;

/** A backend that reads each request whole and then fails it. */
export function startFaulty(fault: Fault | MidAnswerFault): Promise<Backend> {
  const fail: (socket: Socket) => unknown = { ...faults, ...midAnswerFaults }[fault];
  return startBackend(fault, (req) => fail(req.socket));
}

/** A backend that fails each request as soon as its head has come, whatever of its body is on its way. */
export function startHasty(fault: Fault): Promise<Backend> {
  return startRawBackend((socket) => faults[fault](socket));
}
