// Three members in a process of their own: one that answers, two that fail now and then in every way there is.
// `node members-main.ts SEED`, with a channel.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { faults, midAnswerFaults } from '../../../support/faults.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';

const ways = Object.values({ ...faults, ...midAnswerFaults });

/** `failing`: in so many of a thousand requests. */
async function startMember(failing: number, random: Random): Promise<Server> {
  const server = createServer((req, res) => {
    req.resume();
    req.on('end', () => {
      if (random.below(1_000) < failing) {
        random.oneOf(ways)(req.socket);
        return;
      }
      const id = String(req.headers['x-id']);
      const length = random.happens(2) ? 200_000 : 40;
      res.setHeader('X-Id', id);
      if (random.happens(10)) {
        // Chunked, in pieces.
        res.write(id.padEnd(length / 2, '.'));
        setImmediate(() => res.end('.'.repeat(length / 2)));
      } else {
        res.end(id.padEnd(length, '.'));
      }
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('message', (data) => {
      socket.send(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const seed = Number(process.argv[2]);
const servers = await Promise.all(
  [0, 20, 20].map((failing, index) => startMember(failing, createRandom(seed + index))),
);
const connections = new Set<NodeJS.ReadableStream & { destroy(): void }>();
for (const server of servers) {
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
}
process.on('message', (word) => {
  if (word === 'drop') for (const socket of connections) socket.destroy();
});
process.once('disconnect', () => process.exit());
process.send!(servers.map((server) => (server.address() as AddressInfo).port));
