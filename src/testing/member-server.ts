import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

type UpgradeListener = (req: Parameters<RequestListener>[0], socket: Duplex, head: Buffer) => void;

/** A server on a port of its own, that may refuse for a while. */
export type MemberServer = Readonly<{
  port: number;
  /** How many connections were opened so far. */
  countConnections(): number;
  /** Which one this is, from 0 on. */
  numberOf(socket: Socket): number;
  /** Listens no more, and ends every connection. */
  stop(): Promise<void>;
  /** Listens on the same port again. */
  start(): Promise<void>;
}>;

/** Starts a server on 127.0.0.1. `name`: of the member, for errors. */
export async function startServer(
  name: string,
  onRequest: RequestListener,
  onUpgrade: UpgradeListener,
): Promise<MemberServer> {
  const sockets = new Map<Socket, number>();
  let count = 0;
  // What is to come is nobody's business but the test's.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, onRequest);
  server.on('upgrade', onUpgrade);
  server.on('connection', (socket) => {
    sockets.set(socket, count);
    count += 1;
    // How a connection ends is told by the records.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listenSomewhere(server);
  return {
    port,
    countConnections: () => count,
    numberOf: (socket) => sockets.get(socket) ?? -1,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets.keys()) socket.destroy();
      await closed;
    },
    async start() {
      if (server.listening) return;
      try {
        await listenAt(server, port);
      } catch (cause) {
        throw new Error(`${name} cannot come back: port ${port} is used by somebody else by now`, { cause });
      }
    },
  };
}

async function listenAt(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/**
 * Not port 0: those that the system gives away are those of outgoing connections too, of which one might take the port while
 * the member refuses.
 */
async function listenSomewhere(server: Server): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      await listenAt(server, port);
      return port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    }
  }
}
