import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server that leaves everything to its handler: reading, pausing, answering early. */
export type Handling = Readonly<{
  server: Server;
  port: number;
  url: string;
  /** How many connections are open now. */
  open(): number;
  stop(): Promise<void>;
}>;

const running: Handling[] = [];

/** Stops every handler that a test has started. */
export async function stopHandlers(): Promise<void> {
  await Promise.all(running.splice(0).map((each) => each.stop()));
}

/** Starts a server whose handler is called as soon as a head has come. */
export async function startHandler(handle: RequestListener): Promise<Handling> {
  const sockets = new Set<Socket>();
  const server = createServer(handle).listen(0, '127.0.0.1');
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const handling: Handling = {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  running.push(handling);
  return handling;
}
