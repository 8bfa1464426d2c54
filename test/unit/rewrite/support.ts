import type { MemberSettings } from '../../../src/definition/settings.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import type { RawHeaders } from '../../../src/rewrite/headers.ts';

/** A member as the definition would make it from this URL. */
export function createMember(url: string): MemberSettings {
  const { protocol, hostname, port, host, pathname } = new URL(url);
  return {
    name: url,
    url,
    origin: `${protocol}//${host}`,
    protocol: protocol === 'https:' ? 'https:' : 'http:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    host,
    socketPath: undefined,
    basePath: pathname.replace(/\/$/, ''),
    path: pathname,
    route: undefined,
    redirect: undefined,
    lbfactor: 100,
    lbset: 0,
    status: 0,
    retryMs: 60_000,
    retryMaxMs: 600_000,
    slowStartMs: 0,
    max: Infinity,
    acquireMs: undefined,
    timeoutMs: 60_000,
    connectTimeoutMs: 60_000,
    ttlMs: undefined,
    disablereuse: false,
    keepalive: false,
    maxHeadBytes: 16_384,
    tls: undefined,
    health: undefined,
    resolve: undefined,
    handler: undefined,
    definition: { url },
  };
}

/** A GET of `/x` by a client at 127.0.0.1 that asked for `front.example:19000`. */
export function createInbound(facts: Partial<Inbound> = {}): Inbound {
  return {
    method: 'GET',
    httpVersion: '1.1',
    path: '/x',
    pathToMember: facts.path ?? '/x',
    memberPath: '',
    query: '',
    mountPath: '',
    headers: [],
    host: 'front.example:19000',
    protocol: 'http',
    remoteAddress: '127.0.0.1',
    trusted: false,
    upgrade: undefined,
    parsedCookies: undefined,
    ...facts,
  };
}

/** `'A: 1'`, `'B: 2'` -> the flat list of names and values. */
export function fields(...lines: string[]): RawHeaders {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

/** The flat list as lines again. */
export function lines(headers: RawHeaders): string[] {
  return headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]!}`] : []));
}
