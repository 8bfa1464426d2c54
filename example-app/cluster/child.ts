import { once } from 'node:events';
import type { Server } from 'node:http';
import { host } from './ports.ts';

/** What a process says to the one that started it, once it listens. `pid`: of the one that listens, if it is another. */
export type Ready = Readonly<{ port: number; pid?: number }>;

/** Listens, and tells whoever started this process. A port that is taken ends the process with a sentence. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    console.error(`Cannot listen on ${host}:${port}:`, error instanceof Error ? error.message : error);
    process.exit(1);
  }
  const actual = portOfServer(server);
  process.send?.({ port: actual } satisfies Ready);
  return actual;
}

/** A process started by `start.ts` ends with it, and only by it: Ctrl-C reaches the whole terminal. */
export function followParent(): void {
  if (process.send === undefined) return;
  process.on('SIGINT', () => {
    // `start.ts` hears it too and ends all of its children in order.
  });
  process.once('disconnect', () => process.exit());
  // It may have ended while this program was loading.
  if (!process.connected) process.exit();
}

function portOfServer(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
