import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { finish } from './tunnel/finish.ts';
import { expectsContinue, isAnswering } from './upgrade-request.ts';

/** From 26 on, Node reads the body of an upgrade as that of any request. Before, it is the first that stands in `head`. */
const isReadByNode = Number(process.versions.node.split('.', 1)[0]) >= 26;

/**
 * The whole body of an upgrade that Node has read already, framed as its head says; empty where Node reads none. Undefined:
 * it is not all there, and what comes behind it would be taken for its rest.
 */
export function printReadBody(req: IncomingMessage): Buffer | undefined {
  if (!isReadByNode) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  // One call may give one piece.
  for (let piece = readPiece(req); piece; piece = readPiece(req)) pieces.push(piece);
  const content = Buffer.concat(pieces);
  const { 'transfer-encoding': coding, 'content-length': length = 0 } = req.headers;
  if (coding === undefined) return content.length === Number(length) ? content : undefined;
  const size = content.length > 0 ? `${content.length.toString(16)}\r\n` : '';
  let end = content.length > 0 ? '\r\n0\r\n' : '0\r\n';
  const { rawTrailers } = req;
  for (let i = 0; i < rawTrailers.length; i += 2) end += `${rawTrailers[i]!}: ${rawTrailers[i + 1]!}\r\n`;
  return Buffer.concat([Buffer.from(size), content, Buffer.from(`${end}\r\n`, 'latin1')]);
}

function readPiece(req: IncomingMessage): Buffer | null {
  return req.read() as Buffer | null;
}

/** Whether some of an upgrade's body is still to come by its request: the connection is Node's until then. */
export function isBodyToCome(req: IncomingMessage, stream: Duplex): boolean {
  return stream !== req.socket;
}

/**
 * Serves an upgrade whose body is still to come as a request of its server. Its connection ends with the answer: what comes
 * behind the body is told to `stream` alone, which is no connection that could be handed in again.
 */
export function serveInPlace(server: Server, req: IncomingMessage, stream: Duplex): void {
  // Told by `close`.
  stream.on('error', () => undefined);
  if (isAnswering(req.socket)) {
    stream.destroy();
    return;
  }
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  // A response only writes to it, listens to it and ends it.
  res.assignSocket(stream as unknown as Socket);
  stream.on('drain', () => res.emit('drain'));
  res.once('finish', () => {
    finish(stream);
  });
  if (expectsContinue(req)) res.writeContinue();
  server.emit('request', req, res);
}
