import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { unmapAddress } from '../../request/address.ts';

/** What proxies tell of those who ask them; whoever connects directly has no reason to send any of it. */
const proxySigns =
  /^(?:forwarded|via|x-forwarded(?:-.+)?|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-(?:for|host|proto)|x-envoy-.+|true-client-ip|cf-connecting-ip|fastly-client-ip)$/i;

/**
 * Why a request was not made on this machine; undefined if it was. Goes by the socket's address: a header could be
 * anybody's, and only tells that a proxy stands between.
 */
export function findRemoteSign({
  rawHeaders,
  httpVersion,
  socket,
}: Pick<IncomingMessage, 'rawHeaders' | 'httpVersion'> &
  Readonly<{ socket: Readonly<{ remoteAddress?: string | undefined }> }>): string | undefined {
  if (!isLoopback(socket.remoteAddress ?? '')) return 'it comes from another machine';
  const sign = rawHeaders.find((name, i) => i % 2 === 0 && proxySigns.test(name));
  if (sign !== undefined) return `it came through a proxy, which has added ${sign}`;
  // nginx asks in HTTP/1.0 unless it is told otherwise, adds nothing, and names us as the host; browsers and curl never do.
  if (httpVersion === '1.0') return 'it is of HTTP/1.0, as proxies ask';
  return undefined;
}

/** Whether an address of a socket is this machine's own, and of nobody else's reach. */
export function isLoopback(address: string): boolean {
  const v4 = unmapAddress(address);
  return address === '::1' || (isIPv4(v4) && v4.startsWith('127.'));
}
