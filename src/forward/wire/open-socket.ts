import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MemberSettings } from '../../definition/settings.ts';
import type { RawHeaders } from '../../rewrite/headers.ts';

/** Where bytes are read into without a stream in between, and who is told how many. */
export type OnRead = Readonly<{
  buffer: () => Buffer;
  callback: (count: number, buffer: Uint8Array) => boolean;
}>;

/** How a connection is opened, besides what the member's settings say. */
export type Opening = Readonly<{
  /** RFC 6066 3; undefined without TLS, and where there is an address instead of a name. */
  servername: string | undefined;
  /** Of an earlier connection of this name, to be taken up again. */
  session: Buffer | undefined;
  /** Undefined: the socket is to be a stream that is read like any other. */
  onread: OnRead | undefined;
}>;

const keepAliveDelayMs = 60_000;

/** Opens a connection to a member. Throws where a certificate or key is none that OpenSSL can read. */
export function openSocket(member: MemberSettings, { servername, session, onread }: Opening): Socket {
  const place =
    member.socketPath === undefined
      ? { host: member.hostname, port: member.port }
      : { path: member.socketPath };
  const options = {
    ...place,
    noDelay: true,
    keepAlive: member.keepalive,
    keepAliveInitialDelay: keepAliveDelayMs,
  };
  if (member.protocol === 'http:') {
    return connectTcp(onread === undefined ? options : { ...options, onread });
  }
  return connectTls({
    ...member.tls,
    ...options,
    // What the certificate is checked against, on a unix socket too.
    host: member.hostname,
    ALPNProtocols: ['http/1.1'],
    ...(servername === undefined ? {} : { servername }),
    ...(session === undefined ? {} : { session }),
  });
}

/** The name a connection over TLS is opened by: the member's own, or that of the host that is asked for, as with httpd. */
export function findServername(member: MemberSettings, headers: RawHeaders): string | undefined {
  if (member.protocol === 'http:') return undefined;
  if (member.tls?.servername !== undefined) return member.tls.servername;
  // Host stands first.
  const host = (headers[1] ?? member.host).replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return host === '' || isIP(host) !== 0 ? undefined : host;
}
