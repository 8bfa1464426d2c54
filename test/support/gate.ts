import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { RequestListener } from 'node:http';
import { listen } from './backend.ts';
import { makeCertificates } from './certificates.ts';
import { until } from './idle.ts';

/** A backend behind TLS that shakes hands when it is told to. */
export type Gate = Readonly<{
  url: string;
  /** What a member has to trust. */
  ca: string;
  /** How many connections have come. */
  connections(): number;
  /** How many wait for the handshake. */
  waiting(): number;
  /** Resolves when so many wait. */
  untilWaiting(count: number): Promise<void>;
  /** Shakes hands with those that wait and those to come. */
  open(): void;
  /** Leaves those to come without a handshake, again. */
  shut(): void;
}>;

/** Starts a gate that is shut. */
export async function startGate(answer: RequestListener = (_req, res) => res.end('ok')): Promise<Gate> {
  const { ca, server: certified } = await makeCertificates();
  const secure = createHttpsServer(certified, answer);
  // What a client does in the middle of a handshake is the test's business.
  secure.on('tlsClientError', () => undefined);
  const waiting = new Map<Socket, Buffer[]>();
  let isOpen = false;
  let connections = 0;
  const admit = (socket: Socket): unknown => secure.emit('connection', socket);
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    if (isOpen) {
      admit(socket);
      return;
    }
    // Read, so that its end is heard of.
    const chunks: Buffer[] = [];
    waiting.set(socket, chunks);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('close', () => waiting.delete(socket));
  });
  const { url } = await listen(server, [], () => connections, { scheme: 'https' });
  return {
    url,
    ca,
    connections: () => connections,
    waiting: () => waiting.size,
    untilWaiting: (count) => until(() => waiting.size === count),
    open() {
      isOpen = true;
      for (const [socket, chunks] of waiting) {
        socket.removeAllListeners('data').pause().unshift(Buffer.concat(chunks));
        admit(socket);
      }
      waiting.clear();
    },
    shut() {
      isOpen = false;
    },
  };
}
