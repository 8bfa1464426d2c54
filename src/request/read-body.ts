import type { IncomingMessage } from 'node:http';
import { StreamBody, type Body } from './body.ts';
import { isForm, isJson, readContentType } from './content-type.ts';
import { encodeParsed } from './parsed-body.ts';

/** The body was read before it came here, and cannot be put together again. */
export type ConsumedBody = Readonly<{
  kind: 'consumed';
  /** Who has probably read it, and what to do. */
  problem: string;
}>;

/** Of HTTP/2, by Node's compatibility with HTTP/1. */
type StreamedRequest = IncomingMessage & { stream?: { endAfterHeaders?: unknown } };

/** Whether a request says that it has content (RFC 9112 6). */
export function announcesBody({ headers, httpVersionMajor, stream }: StreamedRequest): boolean {
  // RFC 9113 8.1: there no field needs to say so.
  if (httpVersionMajor >= 2 && stream !== undefined) return stream.endAfterHeaders !== true;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** Says where a request's body comes from: the client, or what a body parser has made of it. */
export function readBody(req: IncomingMessage, replayBytes: number): Body | ConsumedBody {
  const declared = req.headers['content-length'];
  const isChunked = req.headers['transfer-encoding'] !== undefined;
  const length = isChunked || declared === undefined ? undefined : Number(declared);
  if (!announcesBody(req)) return { kind: 'none', counted: length === 0 };

  if (req.readableDidRead) return encodeParsed(req) ?? { kind: 'consumed', problem: explainLoss(req) };
  // Somebody has read it, and it was empty.
  if (req.readableEnded) return { kind: 'none', counted: false };
  if (req.destroyed) return { kind: 'consumed', problem: 'the client has left before it was read' };
  // Such a reader makes text of the bytes, or keeps them from flowing.
  if (req.readableEncoding !== null || req.listenerCount('readable') > 0) {
    return { kind: 'consumed', problem: `another middleware has begun to read it; ${waysOut}` };
  }
  // A listener that only watches may stay: it gets what flows when the balancer lets it flow.
  if (req.readableFlowing) req.pause();
  return new StreamBody(req, length, replayBytes);
}

const waysOut =
  "mount the balancer before that middleware, or restrict that to other paths than the balancer's";

function explainLoss(req: IncomingMessage): string {
  if (!req.complete) return `another middleware has read the first part of it; ${waysOut}`;
  const contentType = readContentType(req.headers['content-type']);
  const { type } = contentType;
  if (type.startsWith('multipart/')) return `multer, or another multipart parser, has read it; ${waysOut}`;
  if (isForm(contentType))
    return `express.urlencoded(), or another form parser, has read it; ${waysOutWithRawBody}`;
  // Whoever parses JSON leaves what has come of it.
  if (isJson(contentType) && (req as IncomingMessage & { body?: unknown }).body === undefined)
    return `something in front has read it and left no req.body or req.rawBody; ${waysOutWithRawBody}`;
  if (isJson(contentType))
    return `express.json(), or another JSON parser, has read it; ${waysOutWithRawBody}`;
  if (type.startsWith('text/')) return `a parser of ${type} has read it; ${waysOutWithRawBody}`;
  return `a middleware has read it (${type || 'no Content-Type'}) and left it in neither req.rawBody nor req.body; ${waysOut}`;
}

const waysOutWithRawBody = `${waysOut}, or let it keep the bytes: express.json({ verify(req, res, buffer) { req.rawBody = buffer } })`;
