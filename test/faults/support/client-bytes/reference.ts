import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { attachUpgrades, type App } from '../../../../src/index.ts';
import { until } from '../../../support/idle.ts';

/** A request as Node's own server reads it. */
export type NodeRequest = {
  readonly method: string;
  readonly url: string;
  body: string;
  isWhole: boolean;
  /** Its end is that of the connection, if any. */
  isOpen: boolean;
};

/** A server of Node's with nothing behind it: what it makes of bytes is what a client has sent. */
export type Reference = Readonly<{
  read(bytes: Buffer): Promise<readonly NodeRequest[]>;
  close(): Promise<void>;
}>;

/** Starts a server that answers at once, and remembers what it was asked. */
export async function startReference(options: ServerOptions): Promise<Reference> {
  const byPort = new Map<number, NodeRequest[]>();
  const app: App = (req, res) => {
    note(req, byPort);
    res.end();
  };
  const sockets = new Map<number, Socket>();
  const server = createServer(options, app);
  server.on('connection', (socket: Socket) => {
    const own = socket.remotePort!;
    sockets.set(own, socket);
    socket.once('close', () => {
      if (sockets.get(own) === socket) sockets.delete(own);
    });
  });
  attachUpgrades(server, app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    async read(bytes) {
      const client = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(client, 'connect');
      const own = client.localPort!;
      byPort.set(own, []);
      const requests = byPort.get(own)!;
      client.resume().write(bytes);
      await until(() => client.closed || (sockets.get(own)?.bytesRead ?? 0) >= bytes.length);
      for (const request of requests) request.isOpen = !request.isWhole;
      if (!client.closed) {
        client.end();
        await once(client, 'close');
      }
      byPort.delete(own);
      return requests;
    },
    close: () => close(server),
  };
}

function note(req: IncomingMessage, byPort: ReadonlyMap<number, NodeRequest[]>): void {
  const request: NodeRequest = { method: req.method!, url: req.url!, body: '', isWhole: false, isOpen: true };
  byPort.get(req.socket.remotePort!)?.push(request);
  req.on('data', (chunk: Buffer) => {
    request.body += chunk.toString('latin1');
  });
  req.on('end', () => {
    request.isWhole = true;
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
