import type { IncomingMessage } from 'node:http';
import type { Watch, WatchedRequest } from './watch.ts';

/** A body that a parser had read, and that was made again of objects. */
export const watchBody: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_BODY_REMADE',
  isNeeded: () => true,
  judge({ origin, body }) {
    if (body.kind !== 'bytes') return undefined;
    const { rawBody, body: parsed } = origin.req as IncomingMessage & { rawBody?: unknown; body?: unknown };
    // Bytes that were kept are the client's own, and so is text.
    if (typeof rawBody === 'string' || rawBody instanceof Uint8Array) return undefined;
    if (typeof parsed !== 'object' || parsed instanceof Uint8Array) return undefined;
    return (
      'a body parser in front has read the body of a request, and it was made again from req.body: it need not be byte ' +
      'for byte what the client has sent, so that signatures of it may fail, and each such body is parsed and written once ' +
      'more. Mount the balancer before the parser, or keep the bytes: ' +
      'express.json({ verify: (req, res, bytes) => { req.rawBody = bytes; } })'
    );
  },
};
