import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BalancerError } from './errors.ts';
import type { Reply } from './rewrite/rewrite-answer.ts';

/** What Node hands over with an `upgrade` event. */
export type UpgradeRequest = Readonly<{ socket: Duplex; head: Buffer }>;

const upgrades = new WeakMap<IncomingMessage, UpgradeRequest>();

/** The socket of a request that came as an upgrade; undefined for any other request. */
export function upgradeOf(req: IncomingMessage): UpgradeRequest | undefined {
  return upgrades.get(req);
}

/**
 * Gives an upgrade a response, so that middleware can answer it like any request. Whatever is answered
 * through it is the connection's last; `switchProtocols` takes the connection away from it.
 */
export function respondToUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): ServerResponse {
  upgrades.set(req, { socket, head });
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(asSocket(socket));
  const onDrain = (): boolean => res.emit('drain');
  // Without a listener, the error of a client that vanishes would end the process; `close` tells the rest.
  socket.on('error', ignore);
  socket.on('drain', onDrain);
  res.once('finish', () => {
    socket.removeListener('drain', onDrain);
    res.detachSocket(asSocket(socket));
    socket.end();
  });
  return res;
}

/** Answers 101 in the member's words and ties the two connections together until both have ended. */
export function switchProtocols(
  { socket: client, head }: UpgradeRequest,
  res: ServerResponse,
  { status, headers }: Reply,
  member: Duplex,
  idleTimeoutMs: number | undefined,
  closed: () => void,
): void {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]!}: ${headers[i + 1]!}\r\n`;
  res.detachSocket(asSocket(client));
  client.write(`${text}\r\n`, 'latin1');
  if (head.length > 0) member.write(head);
  tie(client, member, idleTimeoutMs, closed);
}

function tie(client: Duplex, member: Duplex, idleTimeoutMs: number | undefined, closed: () => void): void {
  let open = 2;
  for (const [one, other] of [
    [client, member],
    [member, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => {
      // One that has said all it had to say lets the other finish; one that broke off does not.
      if (one.readableEnded) other.end();
      else other.destroy();
      open -= 1;
      if (open === 0) closed();
    });
    setSocketOptions(one, idleTimeoutMs, () => {
      client.destroy();
      member.destroy();
    });
    one.pipe(other);
  }
}

function setSocketOptions(socket: Duplex, idleTimeoutMs: number | undefined, expire: () => void): void {
  if (!('setTimeout' in socket)) return;
  const tcp = socket as Socket;
  tcp.setNoDelay(true);
  tcp.setTimeout(idleTimeoutMs ?? 0, expire);
}

/** Answers an upgrade that has no app behind it: an error's status, or 404 for one that is nobody's. */
export function answerAlone(res: ServerResponse, error: unknown): void {
  const status = error === undefined ? 404 : error instanceof BalancerError ? error.status : 500;
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  res.end(`${STATUS_CODES[status] ?? String(status)}\n`);
}

/** Node's types want a net.Socket; a response only writes to it, listens to it and ends it. */
function asSocket(socket: Duplex): Socket {
  return socket as unknown as Socket;
}

function ignore(): void {
  // Told by `close`.
}
