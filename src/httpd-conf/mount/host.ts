import type { IncomingMessage } from 'node:http';
import { splitTarget } from '../../request/path.ts';
import type { VirtualHost } from '../httpd-conf.ts';

/** How a request has come to us, as far as it decides which host it is for. */
export type Coming = Readonly<{
  /** In lower case, without port and trailing dot; undefined: it names none. */
  name: string | undefined;
  /** Of this end of the connection. */
  port: number | undefined;
  isTls: boolean;
}>;

/** Reads which host a request is for. */
export function readComing(req: IncomingMessage & { protocol?: unknown }): Coming {
  const { socket, protocol, headers, url = '' } = req;
  const target = splitTarget(url);
  // RFC 9112 3.2.2: a host in the target goes before the Host header; it is what is sent on, too.
  const host = (target.kind === 'absolute' ? target.authority : undefined) ?? headers.host;
  const isEncrypted = 'encrypted' in socket && socket.encrypted === true;
  return {
    name: host === undefined ? undefined : readHostName(host),
    port: socket.localPort,
    // Express has looked at X-Forwarded-Proto, where it trusts the proxy.
    isTls: typeof protocol === 'string' ? protocol === 'https' : isEncrypted,
  };
}

/** `WWW.Example.com.:80` -> `www.example.com`. */
export function readHostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/**
 * The host that a request is for: of those that have its name, else of all, the one for its port or its scheme.
 * `hasMounts`: whether anything is mounted there.
 */
export function chooseHost(
  hosts: readonly VirtualHost[],
  { name, port, isTls }: Coming,
  hasMounts: (host: VirtualHost) => boolean,
): VirtualHost | undefined {
  const named = name === undefined ? [] : hosts.filter((host) => hasName(host, name));
  // httpd: the first host of an address is for all names that nobody has.
  const all = named.length > 0 ? named : hosts;
  if (all.length < 2) return all[0];
  return (
    all.find(({ ports }) => port !== undefined && ports.includes(port)) ??
    all.find((host) => host.isTls === isTls) ??
    all.find(hasMounts) ??
    all[0]
  );
}

function hasName({ serverName, serverAlias }: VirtualHost, name: string): boolean {
  return serverName === name || serverAlias.some((alias) => isLike(name, alias));
}

/** Whether a name is like one with wildcards: `*` for any characters, `?` for one. Goes back to the last `*` only, so it takes no longer than both lengths multiplied. */
export function isLike(name: string, alias: string): boolean {
  let i = 0;
  let j = 0;
  let star = -1;
  let from = 0;
  while (i < name.length) {
    if (alias[j] === '*') {
      star = j;
      from = i;
      j += 1;
    } else if (j < alias.length && (alias[j] === '?' || alias[j] === name[i])) {
      i += 1;
      j += 1;
    } else if (star !== -1) {
      from += 1;
      i = from;
      j = star + 1;
    } else return false;
  }
  while (alias[j] === '*') j += 1;
  return j === alias.length;
}
