import { isIPv6 } from 'node:net';
import type { HttpdConf, Listen } from '../httpd-conf/httpd-conf.ts';
import { isForHttps } from '../httpd-conf/import/read-host.ts';
import { UsageError } from './io.ts';

/** Where a server listens; without address: at all of this machine. */
export type Address = Pick<Listen, 'address' | 'port'>;

/**
 * Reads `--listen [ADDRESS:]PORT`.
 *
 * @throws {UsageError} when it is something else.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:(?:\[(?<v6>[\da-f:.]+)\]|(?<host>[\w.-]+|\*))?:)?(?<port>\d{1,5})$/i.exec(text);
  const { v6, host, port } = match?.groups ?? {};
  const isWrong = port === undefined || Number(port) > 65_535 || (v6 !== undefined && !isIPv6(v6));
  if (isWrong) {
    throw new UsageError(`--listen is '${text}': write a port from 0 to 65535, 127.0.0.1:8080 or [::1]:8080`);
  }
  return { address: v6 ?? (host === '*' ? undefined : host), port: Number(port) };
}

/** `http://127.0.0.1:8080`. */
export function printAddress({ address, port }: Address): string {
  const host = address === undefined ? '*' : address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}`;
}

/** Where to listen by a configuration, and what of it is not for a server without TLS. */
export type Wanted = Readonly<{ addresses: readonly Address[]; notServed: readonly Listen[] }>;

/** Ports of hosts for https alone are left out; where no host has a port, Listen says for what it is. */
export function readListen({ listen, hosts }: Pick<HttpdConf, 'listen' | 'hosts'>): Wanted {
  const isForTls = (each: Listen): boolean => {
    const its = hosts.filter(({ ports }) => ports.includes(each.port));
    return its.length > 0 ? its.every(({ isTls }) => isTls) : isForHttps(each);
  };
  const addresses = listen.filter((each) => !isForTls(each)).map(({ address, port }) => ({ address, port }));
  return {
    addresses: addresses.length > 0 ? addresses : [{ address: '127.0.0.1', port: 8080 }],
    notServed: listen.filter(isForTls),
  };
}

/** Nobody can listen there; the message says why, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(address: Address, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${printAddress(address)}: ${explain(address, cause)}`, { cause });
  }
}

function explain({ port }: Address, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return `the port is taken; write another one, such as --listen ${port < 65_535 ? port + 1 : 8080}`;
    case 'EACCES':
      return 'ports below 1024 need rights that this process has not; write --listen 8080, or give it CAP_NET_BIND_SERVICE';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address';
    case undefined:
    default:
      return message;
  }
}
