import type { Duplex } from 'node:stream';

/** Ends a connection as soon as everything written to it is on its way. */
export function finish(socket: Duplex, last?: Buffer): void {
  socket.end(last, () => {
    socket.destroy();
  });
}
