import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { respondToUpgrade } from './upgrade-request.ts';

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
  // Node 24.9 and later ask first, so that such a request stays an ordinary one, body and keep-alive included.
  if ('shouldUpgradeCallback' in server) {
    server.shouldUpgradeCallback = (req: IncomingMessage) =>
      known.has('*') || known.has((req.headers.upgrade ?? '').toLowerCase());
  }
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    app(req, respondToUpgrade(req, socket, head));
  });
}
