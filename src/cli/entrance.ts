import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { attachUpgrades } from '../attach-upgrades.ts';
import { ListenError, type Address } from './listen-address.ts';
import { endWhenStalled } from './stalled-client.ts';

export type Handle = (req: IncomingMessage, res: ServerResponse) => void;

/** A server that listens at one address. */
export type Entrance = Readonly<{
  /** With the port that it has got. */
  address: Address;
  /** Listens no more; resolves when every connection has ended, idle ones after a second. */
  close(): Promise<void>;
  /** Ends every connection at once. */
  cutOff(): void;
}>;

// Uploads take the time that they take. Heads do not: unless told, Node gives them the time of the whole request.
export const serverOptions = { requestTimeout: 0, headersTimeout: 60_000 } as const;

/** How long idle connections are kept when nobody listens any more: whoever asks once more there is answered. */
const lastRequestsMs = 1_000;

/** @throws {ListenError} by rejection, when the address cannot be had. */
export async function openEntrance({ address, port }: Address, handle: Handle): Promise<Entrance> {
  let isClosing = false;
  let isOver = false;
  const serve: Handle = (req, res) => {
    if (isClosing) res.shouldKeepAlive = false;
    res.once('close', () => {
      // Its head may have promised to keep the connection.
      if (isOver) setImmediate(closeIdle);
    });
    endWhenStalled(req, res);
    handle(req, res);
  };
  const server = createServer(serverOptions, serve);
  const closeIdle = (): void => {
    server.closeIdleConnections();
  };
  attachUpgrades(server, handle);
  server.listen({ port, ...(address !== undefined && { host: address }) });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError({ address, port }, error as NodeJS.ErrnoException);
  }
  return {
    address: { address, port: (server.address() as AddressInfo).port },
    async close() {
      isClosing = true;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      // Node's own close of a Server for HTTP ends idle connections at once, with what a client is just sending there.
      NetServer.prototype.close.call(server, () => {
        resolve(undefined);
      });
      setTimeout(() => {
        isOver = true;
        closeIdle();
      }, lastRequestsMs).unref();
      await promise;
    },
    cutOff() {
      server.closeAllConnections();
    },
  };
}
