import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { host } from './ports.ts';

/** The port itself if nobody has it, else 0: any free one. */
export async function portOrAnyFree(port: number): Promise<number> {
  // `localhost` is `::1` to many a client before it is `127.0.0.1`.
  return (await isFree(port, host)) && (await isFree(port, '::1')) ? port : 0;
}

/** A port that nobody has just now, for who cannot be told to take any. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isFree(port: number, address: string): Promise<boolean> {
  const server = createServer().listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    // A machine without IPv6 has nobody there.
    return !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  }
  server.close();
  await once(server, 'close');
  return true;
}
