import type { MemberSettings } from '../../../src/definition/settings.ts';
import type { Server } from '../../../src/discovery/dns-answer.ts';

/** The settings of `{ url: 'http://app.internal:3000/base/', resolve: 'A' }`, and others. */
export function makeTemplate(more: Partial<MemberSettings> = {}): MemberSettings {
  return {
    name: 'http://app.internal:3000/base/',
    url: 'http://app.internal:3000/base/',
    origin: 'http://app.internal:3000',
    protocol: 'http:',
    hostname: 'app.internal',
    port: 3000,
    host: 'app.internal:3000',
    socketPath: undefined,
    basePath: '/base',
    path: '/base/',
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
    resolve: 'A',
    handler: undefined,
    definition: { url: 'http://app.internal:3000/base/', resolve: 'A', retry: 60 },
    ...more,
  };
}

/** A server as an A record tells it, or with what an SRV record says. */
export function makeServer(host: string, more: Partial<Server> = {}): Server {
  return { host, port: undefined, weight: undefined, priority: undefined, target: undefined, ...more };
}
