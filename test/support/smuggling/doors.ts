import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachUpgrades, type App, type BalancerDefinition } from '../../../src/index.ts';
import { startFront } from '../front.ts';

/** A server before a balancer. */
export type Door = Readonly<{
  name: string;
  port: number;
  /** Node's parser lets pass what RFC 9112 forbids: the balancer alone keeps the members safe. */
  isLenient: boolean;
  server: Server;
}>;

/** One balancer behind four servers: with Express and without, with Node's own parser and its lenient one. */
export async function startDoors(
  definition: BalancerDefinition,
): Promise<Readonly<{ doors: readonly Door[]; close(): Promise<void> }>> {
  const { app, balancer } = await startFront(definition);
  const plain: App = (req, res) => {
    balancer(req, res, (error) => {
      const { status = 404 } = (error ?? {}) as Readonly<{ status?: number }>;
      res.writeHead(status).end();
    });
  };
  const doors: Door[] = [];
  for (const [name, served] of [
    ['Express', app],
    ['a plain server', plain],
  ] as const) {
    doors.push(await openDoor(name, served, {}), await openDoor(name, served, { insecureHTTPParser: true }));
  }
  return {
    doors,
    async close() {
      for (const { server } of doors) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

async function openDoor(name: string, app: App, options: ServerOptions): Promise<Door> {
  const isLenient = options.insecureHTTPParser === true;
  const server = createServer(options, app);
  attachUpgrades(server, app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { name: isLenient ? `${name} with the lenient parser` : name, port, isLenient, server };
}
