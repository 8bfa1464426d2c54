import type { ClientRequest } from 'node:http';
import type { Body } from '../../request/body.ts';
import { readPath } from '../../request/path.ts';

/** Makes a request fit to be written: its framing is right whatever hooks have added. */
export function frame(request: ClientRequest, body: Body): void {
  if (request.headersSent) return;
  const isChunked = request.hasHeader('transfer-encoding');
  // RFC 9112 6.3: a length next to a transfer coding is how requests are smuggled.
  if (isChunked) request.removeHeader('content-length');
  // Node throws at a Trailer where no chunks are written.
  else if (request.hasHeader('trailer')) request.removeHeader('trailer');
  // httpxy counts a DELETE without a body, as its client did not.
  if (body.kind === 'none' && !body.counted && request.getHeader('content-length') === '0') {
    request.removeHeader('content-length');
  }
}

/** What a request is written with, and whether somebody has. */
const writing = Symbol('writing');

type Method = (...args: unknown[]) => unknown;
type Noted = { [writing]?: { readonly write: Method; readonly end: Method; isDone: boolean } };

/** Notes from now on whether anybody writes to a request, as HPM's `fixRequestBody` does. */
export function noteWrites(request: ClientRequest): void {
  const { write, end } = request as unknown as Record<'write' | 'end', Method>;
  // For good: a property that is deleted makes an object slow to look at.
  Object.assign(request, { [writing]: { write, end, isDone: false }, write: writeNoted, end: endNoted });
}

/** Whether anybody has, since. */
export function isWrittenTo(request: ClientRequest & Noted): boolean {
  return request[writing]?.isDone === true;
}

function writeNoted(this: ClientRequest & Noted, ...args: unknown[]): unknown {
  note(this);
  return Reflect.apply(this[writing]!.write, this, args);
}

function endNoted(this: ClientRequest & Noted, ...args: unknown[]): unknown {
  note(this);
  return Reflect.apply(this[writing]!.end, this, args);
}

function note(request: ClientRequest & Noted): void {
  request[writing]!.isDone = true;
  // Whoever writes a body of its own tells its length, or writes chunks.
  if (!request.headersSent && request.hasHeader('content-length')) request.removeHeader('transfer-encoding');
}

/**
 * What is wrong with a path that http-proxy-middleware's `pathRewrite`, or a hook, has made of one that was harmless;
 * undefined when nothing is.
 */
export function findClimbing(path: string): string | undefined {
  const asked = path.split('?', 1)[0]!.replace(/^\/+/, '/');
  const read = readPath(asked);
  if ('problem' in read) return read.problem;
  return read.path === asked ? undefined : 'it has dot segments';
}
