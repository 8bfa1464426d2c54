import type { IncomingMessage } from 'node:http';
import { parseHost, type Host } from './host.ts';

/**
 * Why a request that could change something is not of the manager's own pages; undefined if it is. Fetch metadata tells,
 * where it is sent, else Origin does; neither of them can be set by a page of somebody else's. `isDirect`: no proxy stands
 * before, so that both must be right.
 */
export function findForeignSign(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  host: Host,
  isDirect: boolean,
): string | undefined {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  if (site !== undefined && site !== 'same-origin') return `it was sent from elsewhere (${quoteSite(site)})`;
  // A proxy may have given us another Host than the browser knows.
  if (site !== undefined && !(isDirect && origin !== undefined)) return undefined;
  if (origin === undefined) {
    return `it has neither Sec-Fetch-Site nor Origin; a script sends the origin that it asks: -H "Origin: ${printOrigin(socket, host)}"`;
  }
  return isOwnOrigin(origin, socket, host) ? undefined : 'its Origin is another one than it was sent to';
}

/** Whether somebody else's page embeds or fetches what it should not: only its links may lead here. */
export function isEmbedded({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}

function isOwnOrigin(origin: string, socket: IncomingMessage['socket'], host: Host): boolean {
  const [, scheme, authority] = /^(https?):\/\/(.+)$/i.exec(origin) ?? [];
  if (scheme === undefined || authority === undefined) return false;
  const isSecure = scheme.toLowerCase() === 'https';
  // The other way round is every proxy that takes TLS off.
  if (isEncrypted(socket) && !isSecure) return false;
  const from = parseHost(authority);
  const defaultPort = isSecure ? 443 : 80;
  return (
    from !== undefined && from.name === host.name && (from.port ?? defaultPort) === (host.port ?? defaultPort)
  );
}

function isEncrypted(socket: IncomingMessage['socket']): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

function printOrigin(socket: IncomingMessage['socket'], { name, port }: Host): string {
  return `${isEncrypted(socket) ? 'https' : 'http'}://${name}${port === undefined ? '' : `:${port}`}`;
}

function quoteSite(site: string | string[]): string {
  return site === 'cross-site' || site === 'same-site' || site === 'none' ? site : 'unknown';
}
