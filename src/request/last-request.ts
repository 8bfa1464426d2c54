import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The last request of connections of which nobody knows where the next one begins. */
const last = new WeakMap<Socket, IncomingMessage>();

/**
 * Ends a request's connection behind its answer. Node may have found further requests in the bytes behind it by then: they are
 * not to be believed, for somebody before us may have taken them for this one's body.
 */
export function makeLast(req: IncomingMessage, res: ServerResponse): void {
  res.shouldKeepAlive = false;
  if (!last.has(req.socket)) last.set(req.socket, req);
}

/** Whether a request has come behind the last one of its connection. */
export function isBehindLast(req: IncomingMessage): boolean {
  const known = last.get(req.socket);
  return known !== undefined && known !== req;
}

/**
 * Whether Node has taken a request's wish to switch for no more than a field. It loses what has come with the end of such a
 * request, and goes on in the middle of whatever that was.
 */
export function hasLostTrack({ headers: { upgrade, connection } }: IncomingMessage): boolean {
  return upgrade !== undefined && connection !== undefined && /\bupgrade\b/i.test(connection);
}
