import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 9110 9.2.1. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The last answer on a connection that is waited with, to a request that is not safe. */
const unsafe = new WeakMap<Duplex, ServerResponse>();

/**
 * Whether a request has to wait until those before it on its connection are answered; it may go on when its response has a
 * socket. RFC 9112 9.3.2: only what is safe may be done side by side, yet Node hands all over that a client has sent in a row.
 */
export function mustWaitForTurn(req: IncomingMessage, res: ServerResponse): boolean {
  // Most have their turn when they come. One that was ended has no socket any more.
  if (res.socket !== null || res.headersSent) return false;
  const { socket } = req;
  const first = answerOn(socket);
  // Nobody will give it one: the connection is gone, or is none of Node's own.
  if (!first || socket.destroyed) return false;
  const isSafe = safeMethods.has(req.method!);
  const before = unsafe.get(socket);
  if (isSafe && safeMethods.has(first.req.method!) && (!before || before.writableFinished)) return false;
  if (!isSafe) unsafe.set(socket, res);
  return true;
}

/** Those that wait on a connection: one listener for them all, since a client may send any number in a row. */
const waiting = new WeakMap<Duplex, Set<ServerResponse>>();

/**
 * Closes a response that waits for its turn with its connection, as Node 24 does. Node 22 forgets it: who serves the request
 * would never hear that its client has left.
 */
export function closeWithConnection({ socket }: IncomingMessage, res: ServerResponse): void {
  if (res.socket !== null || res.writableEnded) return;
  if (socket.destroyed) {
    close(res);
    return;
  }
  const all = waiting.get(socket) ?? listen(socket);
  all.add(res);
  res.once('close', () => all.delete(res));
}

function listen(socket: Duplex): Set<ServerResponse> {
  const all = new Set<ServerResponse>();
  waiting.set(socket, all);
  socket.once('close', () => {
    for (const each of all) close(each);
  });
  return all;
}

/** As Node does when a connection closes while a response has its turn. */
function close(res: ServerResponse): void {
  if (res.closed || res.writableFinished) return;
  Object.assign(res, { destroyed: true, _closed: true });
  res.emit('close');
}

/** The answer that has its turn; nothing public tells. */
function answerOn(socket: Duplex): ServerResponse | null | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage;
}
