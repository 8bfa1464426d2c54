import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The bytes that a front has taken from one side and not yet given to the system for the other. */
export type Transit = Readonly<{
  /** From clients to the member. */
  up(): number;
  /** From the member to clients. */
  down(): number;
  /** Bytes that have come from clients. */
  cameUp(): number;
  /** Bytes that have come from the member. */
  cameDown(): number;
  stop(): void;
}>;

/** Watches the sockets of a front from now on, to its clients and to the member on this port. */
export function watchTransit(server: Server, memberPort: number): Transit {
  const clients: Socket[] = [];
  const members: Socket[] = [];
  const onConnect = (message: unknown): void => {
    const { socket } = message as Readonly<{ socket: Socket }>;
    socket.once('connect', () => {
      if (socket.remotePort === memberPort) members.push(socket);
    });
  };
  subscribe('net.client.socket', onConnect);
  server.on('connection', (socket) => clients.push(socket));
  const read = (sockets: readonly Socket[]): number => sockets.reduce((sum, each) => sum + each.bytesRead, 0);
  const written = (sockets: readonly Socket[]): number =>
    sockets.reduce((sum, each) => sum + each.bytesWritten - each.writableLength, 0);
  return {
    up: () => read(clients) - written(members),
    down: () => read(members) - written(clients),
    cameUp: () => read(clients),
    cameDown: () => read(members),
    stop() {
      unsubscribe('net.client.socket', onConnect);
    },
  };
}
