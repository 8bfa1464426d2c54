import { once } from 'node:events';
import { createServer } from 'node:net';
import { host } from './ports.ts';

/** The port itself if nobody has it, else 0: any free one. */
export async function portOrAnyFree(port: number): Promise<number> {
  // `localhost` is `::1` to many a client before it is `127.0.0.1`.
  return (await isFree(port, host)) && (await isFree(port, '::1')) ? port : 0;
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
