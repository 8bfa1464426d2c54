import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

// Below those that the system gives to outgoing connections, so that they stay free.
const lowest = 10_000;
const span = 22_000;

/** Ports of loopback that nobody listens at. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  // From anywhere, so that two that look at once do not meet.
  const first = Math.floor(Math.random() * span);
  for (let i = 0; i < span && ports.length < count; i += 1) {
    const port = lowest + ((first + i) % span);
    const server = await tryToHold(port);
    if (!server) continue;
    held.push(server);
    ports.push(port);
  }
  await Promise.all(
    held.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  if (ports.length < count) throw new Error(`there are ${ports.length} free ports, not ${count}`);
  return ports;
}

/** Undefined: somebody has it. */
function tryToHold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
