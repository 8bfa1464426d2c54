import type { Socket } from 'node:net';

/** What is written to a socket, whichever of its overloads is used. */
type Write = (chunk: unknown, ...rest: readonly unknown[]) => boolean;

/**
 * Makes the next request on this connection one of HTTP/1.0. Node writes HTTP/1.1 only; its head is the first thing that
 * is written, and the version is the last word of its first line.
 */
export function speakHttp10(socket: Socket): void {
  const write = socket.write.bind(socket) as Write;
  const writeOnce: Write = (chunk, ...rest) => {
    Reflect.deleteProperty(socket, 'write');
    return write(
      typeof chunk === 'string' ? chunk.replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n') : chunk,
      ...rest,
    );
  };
  socket.write = writeOnce;
}
