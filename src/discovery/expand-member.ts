import { createHash } from 'node:crypto';
import type { MemberDefinition, ServerMember } from '../definition/member-definition.ts';
import { parseMemberUrl, type MemberAddress } from '../definition/member-url.ts';
import { isFault } from '../definition/problem.ts';
import type { HealthSettings, MemberSettings } from '../definition/settings.ts';
import { compareServers, type Server } from './dns-answer.ts';
import { weighServers } from './weigh-servers.ts';

/** The members that a template and the servers behind its name make, one for each address and port, sorted by them. */
export function expandMember(
  template: MemberSettings,
  servers: readonly Server[],
): readonly MemberSettings[] {
  const placed = dropRepeated(servers.map((server) => ({ ...server, port: server.port ?? template.port })));
  const ids = template.route === undefined ? [] : identify(template.hostname, placed);
  const factors = weighServers(placed);
  // SRV priorities as lbsets: the first, the second … of those that there are.
  const priorities = [...new Set(placed.map(readPriority))].toSorted((a, b) => a - b);
  return placed.map((server, i) => {
    const route = template.route === undefined ? undefined : `${template.route}-${ids[i]!}`;
    return buildMember(template, server, route, factors[i]!, priorities.indexOf(readPriority(server)));
  });
}

type PlacedServer = Server & Readonly<{ port: number }>;

function readPriority({ priority = 0 }: Server): number {
  return priority;
}

function buildMember(
  template: MemberSettings,
  server: PlacedServer,
  route: string | undefined,
  factor: number,
  rank: number,
): MemberSettings {
  const address = locate(template, server);
  const name = stripService(template.hostname);
  const host = printHost(name, server.port, template.protocol);
  const settings = {
    ...template,
    ...address,
    host,
    name: route ?? address.url,
    route,
    lbfactor: Math.min(10_000, Math.round(template.lbfactor * factor)),
    lbset: Math.min(99, template.lbset + rank),
    // Certificates are made out for names.
    tls:
      template.protocol === 'https:'
        ? Object.freeze({ ...template.tls, servername: template.tls?.servername ?? name })
        : template.tls,
    health: template.health && callBy(host, template.health, template.host),
    resolve: undefined,
  };
  return Object.freeze({ ...settings, definition: define(settings) });
}

/** What a later change of its parameters starts from: the server, not the name. */
function define({ definition, url, route, lbfactor, lbset, tls }: MemberSettings): MemberDefinition {
  const kept = Object.entries(definition).filter(([option]) => option !== 'resolve' && option !== 'route');
  // A template is a server's definition: a function has no name that DNS could be asked about.
  const rest = Object.fromEntries(kept) as Omit<ServerMember, 'resolve' | 'route'>;
  return Object.freeze({
    ...rest,
    url,
    loadfactor: lbfactor / 100,
    lbset,
    ...(route === undefined ? {} : { route }),
    ...(tls === undefined ? {} : { tls }),
  });
}

function locate({ protocol, path }: MemberSettings, { host, port }: PlacedServer): MemberAddress {
  const address = parseMemberUrl(`${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
  if (isFault(address)) throw new TypeError(`${address.problem}; ${address.advice}`);
  return address;
}

// RFC 2782: `_http._tcp.` asks for a service of the name behind it, and is no part of a host's name.
function stripService(hostname: string): string {
  return hostname.replace(/^_[^.]+\._[^.]+\./, '');
}

function printHost(name: string, port: number, protocol: 'http:' | 'https:'): string {
  return port === (protocol === 'https:' ? 443 : 80) ? name : `${name}:${port}`;
}

/** Health checks call the server as requests do, unless the definition names another Host. */
function callBy(host: string, health: HealthSettings, templateHost: string): HealthSettings {
  const headers = health.headers.map(([name, value]) =>
    name.toLowerCase() === 'host' && value === templateHost
      ? ([name, host] as const)
      : ([name, value] as const),
  );
  return Object.freeze({ ...health, headers: Object.freeze(headers) });
}

/** Of records for one address and port, the one that goes first counts; then the weightier one. */
function dropRepeated(servers: readonly PlacedServer[]): readonly PlacedServer[] {
  const sorted = servers.toSorted(
    (a, b) => compareServers(a, b) || readPriority(a) - readPriority(b) || (b.weight ?? 0) - (a.weight ?? 0),
  );
  return sorted.filter((server, i) => i === 0 || compareServers(sorted[i - 1]!, server) !== 0);
}

/**
 * What tells the servers of a template apart in a route: the same in every process, and no address that a cookie
 * would show. Six digits to the base of 36; none of them separates a session id from a route.
 */
function identify(hostname: string, servers: readonly PlacedServer[]): readonly string[] {
  const taken = new Set<string>();
  return servers.map(({ host, port }) => {
    let id: string;
    let tries = 0;
    do id = digest(`${hostname} ${host} ${port}${tries++ === 0 ? '' : ` ${tries}`}`);
    while (taken.has(id));
    taken.add(id);
    return id;
  });
}

const digits = 6;

function digest(text: string): string {
  // 48 bits: a number that is still exact.
  const hash = createHash('sha256').update(text).digest().readUIntBE(0, 6);
  return (hash % 36 ** digits).toString(36).padStart(digits, '0');
}
