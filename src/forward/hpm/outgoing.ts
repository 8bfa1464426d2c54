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

/** Notes whether anybody writes to a request, as HPM's `fixRequestBody` does, until it is asked. */
export function noteWrites(request: ClientRequest): () => boolean {
  let hasWritten = false;
  const note =
    (method: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      hasWritten = true;
      // Whoever writes a body of its own tells its length, or writes chunks.
      if (!request.headersSent && request.hasHeader('content-length'))
        request.removeHeader('transfer-encoding');
      return method(...args);
    };
  const { write, end } = request as unknown as Record<string, (...args: unknown[]) => unknown>;
  Object.assign(request, { write: note(write!.bind(request)), end: note(end!.bind(request)) });
  return () => {
    Reflect.deleteProperty(request, 'write');
    Reflect.deleteProperty(request, 'end');
    return hasWritten;
  };
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
