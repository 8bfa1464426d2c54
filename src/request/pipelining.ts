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

/** The answer that has its turn; nothing public tells. */
function answerOn(socket: Duplex): ServerResponse | null | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage;
}
