import { once } from 'node:events';
import type { Server } from 'node:net';

/** Listens at each of the ports that this program was given, then tells who has started it. */
export async function listenAtAll(create: () => Server): Promise<void> {
  const ports = process.argv[2]!.split(',').map(Number);
  await Promise.all(
    ports.map((port) => once(create().listen({ port, host: '127.0.0.1', backlog: 2_048 }), 'listening')),
  );
  console.log(`listening ${ports[0]!}`);
}
