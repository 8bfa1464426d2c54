import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { valuesOf } from './rewrite/headers.ts';
import type { Reply } from './rewrite/rewrite-answer.ts';
import { finish } from './tunnel/finish.ts';
import { Tunnel } from './tunnel/tunnel.ts';

/** What Node hands over with an `upgrade` event. */
export type UpgradeRequest = Readonly<{
  socket: Duplex;
  /** Takes the connection away from the response; what the client has sent behind its request is handed over. */
  release(): Buffer;
}>;

/** How much a client may send before it is answered; the rest waits in its own connection. */
const mostEarlyBytes = 65_536;

const upgrades = new WeakMap<IncomingMessage, UpgradeRequest>();

/** The socket of a request that came as an upgrade; undefined for any other request. */
export function upgradeOf(req: IncomingMessage): UpgradeRequest | undefined {
  return upgrades.get(req);
}

/**
 * Gives an upgrade a response, so that middleware can answer it like any request. Whatever is answered
 * through it is the connection's last; `switchProtocols` takes the connection away from it. Undefined, and the
 * connection ended, where the request came on the heels of one that is still being answered: Node has let go of both.
 */
export function respondToUpgrade(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): ServerResponse | undefined {
  // Without a listener, the error of a client that vanishes would end the process; `close` tells the rest.
  socket.on('error', ignore);
  if (isAnswering(socket)) {
    socket.destroy();
    return undefined;
  }
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(asSocket(socket));
  const onDrain = (): boolean => res.emit('drain');
  const early = [head];
  let left = mostEarlyBytes;
  // Read, because an end behind unread bytes goes unheard.
  const onData = (chunk: Buffer): void => {
    early.push(chunk);
    left -= chunk.length;
    if (left <= 0) socket.pause();
  };
  // Like Node's own server: who ends its side before it has been answered has left.
  const onEnd = (): unknown => socket.destroy();
  socket.on('drain', onDrain);
  socket.on('end', onEnd);
  socket.on('data', onData);
  const release = (): Buffer => {
    socket.off('drain', onDrain);
    socket.off('end', onEnd);
    socket.off('data', onData);
    socket.pause();
    res.detachSocket(asSocket(socket));
    return Buffer.concat(early);
  };
  upgrades.set(req, { socket, release });
  res.once('finish', () => {
    release();
    finish(socket);
  });
  return res;
}

/** Answers 101 in the member's words and ties the two connections together until both have ended. */
export function switchProtocols(
  { socket: client, release }: UpgradeRequest,
  res: ServerResponse,
  { status, headers }: Reply,
  member: Duplex,
  idleTimeoutMs: number | undefined,
  closed: () => void,
): Tunnel {
  // RFC 9110 7.8: 100 comes first where both were asked for; Node says it before its other answers alone.
  let text = expectsContinue(res.req) ? 'HTTP/1.1 100 Continue\r\n\r\n' : '';
  text += `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]!}: ${headers[i + 1]!}\r\n`;
  // As in any answer, a cookie that the app has set stays beside the member's.
  for (const cookie of [res.getHeader('set-cookie') ?? []].flat()) text += `Set-Cookie: ${cookie}\r\n`;
  const early = release();
  client.write(`${text}\r\n`, 'latin1');
  const isWebSocket = valuesOf(headers, 'upgrade').join().toLowerCase() === 'websocket';
  const tunnel = new Tunnel({ client, member, isWebSocket, idleTimeoutMs, closed });
  if (early.length > 0) tunnel.begin(early);
  return tunnel;
}

/** RFC 9110 10.1.1. */
export function expectsContinue({ headers: { expect } }: IncomingMessage): boolean {
  return expect?.toLowerCase() === '100-continue';
}

/** Answers what has no app behind it: an error's status, or 404 for what is nobody's. */
export function answerAlone(res: ServerResponse, error: unknown): void {
  if (res.headersSent) {
    // Half an answer must not look whole.
    res.destroy();
    return;
  }
  const status = error === undefined ? 404 : statusOf(error);
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  res.end(`${STATUS_CODES[status] ?? String(status)}\n`);
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500;
}

/** Whether a response is still being written to a connection; nothing public tells. */
export function isAnswering(socket: Duplex): boolean {
  return Boolean((socket as { _httpMessage?: ServerResponse | null })._httpMessage);
}

/** Node's types want a net.Socket; a response only writes to it, listens to it and ends it. */
function asSocket(socket: Duplex): Socket {
  return socket as unknown as Socket;
}

function ignore(): void {
  // Told by `close`.
}
