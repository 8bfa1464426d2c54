import type { IncomingMessage } from 'node:http';

/** Whose request it is: the socket's other end, or whom the proxies that Express trusts name. */
export function readAddress(req: IncomingMessage & { ip?: unknown; app?: unknown }): string {
  const { socket, app, ip } = req;
  return app !== undefined && typeof ip === 'string' ? ip : (socket.remoteAddress ?? '');
}
