import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Listens on loopback and tells who has started this program where. */
export async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tellPort((server.address() as AddressInfo).port);
}

/** For a server that listens by a method of its own. */
export function tellPort(port: number): void {
  // An exit and not the signal's own end, so that `NODE_OPTIONS=--cpu-prof` writes its profile.
  process.once('SIGTERM', () => process.exit());
  console.log(`listening ${port}`);
}
