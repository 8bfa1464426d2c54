import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MemberSettings } from '../definition/settings.ts';

/** Opens a connection to a member that is nobody else's; `'tls'` shakes hands as well. The caller listens for errors and ends it. */
export function openConnection(member: MemberSettings, layer: 'tcp' | 'tls'): Socket {
  const place =
    member.socketPath === undefined
      ? { host: member.hostname, port: member.port }
      : { path: member.socketPath };
  if (layer === 'tcp') return connectTcp(place);
  // RFC 6066 3: an address is no server name.
  const servername = member.tls?.servername ?? (isIP(member.hostname) ? undefined : member.hostname);
  return connectTls({
    ...member.tls,
    ...place,
    // What the certificate is checked against, on a unix socket too.
    host: member.hostname,
    ...(servername === undefined ? {} : { servername }),
  });
}

/** The event that tells that such a connection is there. */
export const openedBy = { tcp: 'connect', tls: 'secureConnect' } as const;
