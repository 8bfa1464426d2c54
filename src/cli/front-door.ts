import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachUpgrades } from '../attach-upgrades.ts';
import { ListenError, type Address } from './listen-address.ts';

/** Servers that hand all their requests to one function. */
export type FrontDoor = Readonly<{
  /** Where they listen, with the ports that they have got. */
  addresses: readonly Address[];
  /** Listens no more; resolves when every connection has ended. */
  close(): Promise<void>;
  /** Ends every connection at once. */
  cutOff(): void;
}>;

type Handle = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * Listens at several addresses.
 *
 * @throws {ListenError} by rejection, when one of them cannot be had; then none is listened at.
 */
export async function openFrontDoor(addresses: readonly Address[], handle: Handle): Promise<FrontDoor> {
  let isClosing = false;
  const serve: Handle = (req, res) => {
    // Node ends idle connections when it stops listening; others become idle later.
    if (isClosing) res.shouldKeepAlive = false;
    res.once('close', () => {
      if (isClosing) setImmediate(closeIdle);
    });
    handle(req, res);
  };
  const servers: Server[] = [];
  const closeIdle = (): void => {
    for (const server of servers) server.closeIdleConnections();
  };
  const cutOff = (): void => {
    for (const server of servers) server.closeAllConnections();
  };
  const close = async (): Promise<void> => {
    isClosing = true;
    await Promise.all(servers.map(closeServer));
  };
  try {
    for (const address of addresses) servers.push(await listen(address, serve));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    addresses: servers.map((server, i) => ({
      address: addresses[i]!.address,
      port: (server.address() as AddressInfo).port,
    })),
    close,
    cutOff,
  };
}

async function listen(address: Address, handle: Handle): Promise<Server> {
  // Uploads take the time that they take; heads do not.
  const server = createServer({ requestTimeout: 0 }, handle);
  attachUpgrades(server, handle);
  server.listen({ port: address.port, ...(address.address !== undefined && { host: address.address }) });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(address, error as NodeJS.ErrnoException);
  }
  return server;
}

async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  await promise;
}
