import type { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/**
 * Has a connection read what the member has said before an error of writing ends it. A member may refuse a request that it has
 * not read whole, and close: its answer has come by then, yet whoever goes on writing hears of the reset first, and Node drops
 * what is unread with the connection. Returns what undoes it.
 */
export function hearOut(socket: Socket): () => void {
  const write = socket._write.bind(socket);
  const writeAll = socket._writev!.bind(socket);
  const push = socket.push.bind(socket);
  const destroy = socket.destroy.bind(socket);
  let failure: Error | undefined;
  let written: Written = () => undefined;
  let tell: Written = written;

  /** Node has one callback for all writes of a stream. */
  function guard(callback: Written): Written {
    if (callback === written) return tell;
    written = callback;
    tell = (error) => {
      if (!error || socket.destroyed) {
        callback(error);
        return;
      }
      failure = error;
      hearOn(socket, socket.bytesRead, () => {
        socket.destroy(error);
      });
    };
    return tell;
  }

  const own: Pick<Socket, '_write' | '_writev' | 'push' | 'destroy'> = {
    _write(chunk, encoding, callback) {
      write(chunk, encoding, guard(callback));
    },
    _writev(chunks, callback) {
      writeAll(chunks, guard(callback));
    },
    push(chunk: unknown, encoding?: BufferEncoding) {
      // The error of writing has taken the place of the reset, which looks like an end now: what ends by it is not whole.
      return (chunk === null && failure !== undefined) || push(chunk, encoding);
    },
    destroy(error) {
      const first = failure;
      if (first === undefined) return destroy(error);
      failure = undefined;
      destroy(error && first);
      written(first);
      return socket;
    },
  };
  Object.assign(socket, own);
  return () => {
    for (const name of Object.keys(own)) Reflect.deleteProperty(socket, name);
  };
}

/** Goes on for as long as something comes; a slow client is waited for. */
function hearOn(socket: Socket, heard: number, end: () => void): void {
  const again = (): void => {
    hearOn(socket, socket.bytesRead, end);
  };
  const look = (): void => {
    if (socket.destroyed) return;
    if (socket.isPaused()) socket.once('resume', again);
    else if (socket.bytesRead > heard || socket.readableLength > 0) again();
    else end();
  };
  // Everything is here already. Twice: this round of the loop may have looked at the connection before.
  setImmediate(setImmediate, look);
}
