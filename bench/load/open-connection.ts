import { connect, type Socket } from 'node:net';

/**
 * All connections read into the same bytes, which saves a buffer for each read: what has come is looked at before the
 * next one reads, and is not kept.
 */
const shared = Buffer.allocUnsafe(65_536);

/** Who is told of a connection. */
export type Listener = Readonly<{
  /** The bytes are only lent; false: stop reading, until `resume()`. What it throws ends the connection. */
  read(bytes: Buffer): boolean | undefined;
  /** Called once, also where it was never open; undefined: it was ended as agreed. */
  closed(error: Error | undefined): void;
}>;

/** A connection to loopback. */
export function openConnection(port: number, listener: Listener): Socket {
  let failure: Error | undefined;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        try {
          return listener.read(shared.subarray(0, length)) !== false;
        } catch (error) {
          socket.destroy(error as Error);
          return false;
        }
      },
    },
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.once('close', () => {
    listener.closed(failure);
  });
  return socket;
}
