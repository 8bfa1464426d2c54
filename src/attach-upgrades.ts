import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { announcesBody } from './request/read-body.ts';
import { mayLackFields } from './request/read-inbound.ts';
import { isBodyToCome, printReadBody, serveInPlace } from './upgrade-body.ts';
import { isAnswering, respondToUpgrade } from './upgrade-request.ts';

/** An Express or Connect app, or any function that answers requests. */
export type App = (req: IncomingMessage, res: ServerResponse) => unknown;

/** Protocols that some balancer of this process may switch to, in lower case. */
const known = new Set<string>();

/** Notes the protocols of a balancer's definition for all servers that upgrades are attached to. */
export function noteUpgradeProtocols(protocols: ReadonlySet<string>): void {
  for (const protocol of protocols) known.add(protocol);
}

/**
 * Sends each upgrade of a server through its app, so that mount paths, sessions and authentication apply to it as to any
 * request; a balancer on its way switches it. Requests for protocols that no balancer knows are served without the switch.
 */
export function attachUpgrades(server: Server, app: App): void {
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isKnown(req)) {
      serveWithoutSwitch(server, req, socket, head);
      return;
    }
    if (server.listenerCount('upgrade') > 1) contested.add(req);
    const res = respondToUpgrade(req, socket, head);
    if (res) app(req, res);
  });
}

/** Upgrades that another listener of their server gets as well. */
const contested = new WeakSet<IncomingMessage>();

/** Whether somebody else answers an upgrade that has come by `attachUpgrades`, too. */
export function isContested(req: IncomingMessage): boolean {
  return contested.has(req);
}

/** Serves an upgrade with a body without the switch, by whoever answers its server's requests; false: it is none, or nobody does. */
export function leaveAside(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
  const { server } = req.socket as { server?: Server };
  if (!announcesBody(req) || !server || server.listenerCount('request') === 0) return false;
  serveWithoutSwitch(server, req, socket, head);
  return true;
}

/** RFC 9110 7.8: Upgrade means nothing in a request of HTTP/1.0. One with a body is Node's to read: it may be left aside. */
function isKnown(req: IncomingMessage): boolean {
  if (req.httpVersion === '1.0' || announcesBody(req)) return false;
  return known.has('*') || known.has((req.headers.upgrade ?? '').toLowerCase());
}

/**
 * Node has let go of the connection: it is handed in again, as if the client had never asked. Node 24.9 and later would ask
 * whether to let go (`shouldUpgradeCallback`), but those that stay lose what has come with the end of the request.
 */
function serveWithoutSwitch(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (isBodyToCome(req, socket)) {
    serveInPlace(server, req, socket);
    return;
  }
  // Without its length, what stands behind the head would be another request.
  if (isAnswering(socket) || mayLackFields(req)) {
    socket.destroy();
    return;
  }
  let text = `${req.method!} ${req.url!} HTTP/${req.httpVersion}\r\n`;
  let isAsking = false;
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i]!;
    // Node's lenient parser knows fields with blanks behind their names, and leaves the blanks there.
    if (name.trimEnd().toLowerCase() === 'upgrade') isAsking = true;
    else text += `${name}: ${req.rawHeaders[i + 1]!}\r\n`;
  }
  const body = printReadBody(req);
  // What asks for it otherwise would come back for ever.
  if (!isAsking || !body) {
    socket.destroy();
    return;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), body, head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}
