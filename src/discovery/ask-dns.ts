import { Resolver } from 'node:dns/promises';
import { clock } from '../clock.ts';
import {
  compare,
  compareServers,
  type DnsAnswer,
  type DnsError,
  type Question,
  type Server,
} from './dns-answer.ts';

/** How DNS is asked. */
export type AskContext = Readonly<{
  /** As `resolver.setServers` takes them; empty: the system's. */
  resolver: readonly string[];
  signal: AbortSignal;
  /** What the last good answer told: kept for targets that DNS cannot be asked about now. */
  known: readonly Server[];
  /** How long a try may take, and how many there are: each takes twice as long as the one before. Default: 2 s, 2. */
  timeoutMs?: number;
  tries?: number;
}>;

/** Asks DNS for the servers behind a name; never rejects. */
export type AskDns = (question: Question, context: AskContext) => Promise<DnsAnswer>;

const mostServers = 1_000;
// Each target is a query or two: a long list of them must not flood the DNS server.
const mostQueries = 16;
// No further target is asked about when a list has taken this long.
const patienceMs = 10_000;

/** Addresses of one name, or why there are none. `ttlMs` is Infinity where no TTL was told. */
type Addresses =
  | Readonly<{ kind: 'found'; hosts: readonly string[]; ttlMs: number }>
  | Readonly<{ kind: 'failed'; cause: DnsError }>;

type Srv = Readonly<{ name: string; port: number; weight: number; priority: number }>;

export const askDns: AskDns = async (question, context) => {
  const { resolver: servers, signal, timeoutMs = 2_000, tries = 2 } = context;
  // One for each question: a new one reads the system's servers anew, and cancelling it ends this question only.
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  const cancel = (): void => {
    resolver.cancel();
  };
  try {
    if (servers.length > 0) resolver.setServers(servers);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) return fail('ECANCELLED', question.name);
    return question.resolve === 'A'
      ? await askAddresses(resolver, question.name)
      : await askSrv(resolver, question.name, context);
  } catch (error) {
    return { kind: 'failed', cause: toDnsError(error) };
  } finally {
    signal.removeEventListener('abort', cancel);
    // An AAAA query that nobody waits for any more.
    resolver.cancel();
  }
};

async function askAddresses(resolver: Resolver, name: string): Promise<DnsAnswer> {
  const addresses = await findAddresses(resolver, name);
  if (addresses.kind === 'failed') return addresses;
  const servers = addresses.hosts.map((host): Server => ({
    host,
    port: undefined,
    weight: undefined,
    priority: undefined,
    target: undefined,
  }));
  return find(servers, addresses.ttlMs, undefined, 0);
}

/**
 * IPv4 addresses; those of IPv6 only where there are none. httpd and nginx use both, but a replica in a dual-stack
 * network has one of each: two members would give it twice its `max`, its weight and its share of ejections.
 */
async function findAddresses(resolver: Resolver, name: string): Promise<Addresses> {
  // IPv4 first: an answer that cannot be read ends all questions that are on their way after it.
  const asked4 = query(resolver.resolve4(name, { ttl: true }), name);
  const asked6 = query(resolver.resolve6(name, { ttl: true }), name);
  const found4 = await asked4;
  // That IPv4 cannot be asked about now must not turn a list of IPv4 servers into one of IPv6 servers.
  if (found4.kind === 'found' || !isEmpty(found4.cause)) return found4;
  const found6 = await asked6;
  return found6.kind === 'found' || !isEmpty(found6.cause) ? found6 : found4;
}

async function query(
  asked: Promise<readonly Readonly<{ address: string; ttl: number }>[]>,
  name: string,
): Promise<Addresses> {
  try {
    // An unspecified address (what filters answer for a blocked name) would be this machine itself.
    const records = (await asked).filter(({ address }) => address !== '0.0.0.0' && address !== '::');
    if (records.length === 0) return fail('ENODATA', name);
    // Node tells the TTL of the first 256 addresses only.
    const ttls = records.map(({ ttl }) => ttl).filter((ttl) => Number.isFinite(ttl));
    return {
      kind: 'found',
      hosts: [...new Set(records.map(({ address }) => address))],
      ttlMs: Math.min(...ttls) * 1_000,
    };
  } catch (error) {
    return { kind: 'failed', cause: toDnsError(error) };
  }
}

async function askSrv(resolver: Resolver, name: string, context: AskContext): Promise<DnsAnswer> {
  // RFC 2782: a target of `.` says that there is no such service here; Node gives it as ''.
  const told: readonly Srv[] = (await resolver.resolveSrv(name)).filter(
    (record) => record.name !== '' && record.name !== '.' && record.port > 0,
  );
  const records = told
    .toSorted((a, b) => a.priority - b.priority || compare(a.name, b.name) || a.port - b.port)
    .slice(0, mostServers);
  if (records.length === 0) return fail('ENODATA', name);

  const targets = [...new Set(records.map((record) => record.name))];
  const addresses = await findAllAddresses(resolver, targets, context.signal);
  const servers = records.flatMap((record) => {
    const found = addresses.get(record.name)!;
    const hosts = found.kind === 'found' ? found.hosts : remember(record, found.cause, context.known);
    return hosts.map((host) => ({
      host,
      port: record.port,
      // RFC 2782 weighs targets, whatever number of addresses each has.
      weight: record.weight / hosts.length,
      priority: record.priority,
      target: record.name,
    }));
  });
  const failures = [...addresses.values()].filter((found) => found.kind === 'failed');
  const cause = failures.find((failure) => !isEmpty(failure.cause))?.cause;
  if (servers.length === 0) return { kind: 'failed', cause: cause ?? failures[0]!.cause };
  const ttlMs = Math.min(
    ...[...addresses.values()].map((each) => (each.kind === 'found' ? each.ttlMs : Infinity)),
  );
  return find(servers, ttlMs, cause, told.length - records.length);
}

/** A target that is gone has no addresses; one that cannot be asked about now has those of last time. */
function remember({ name, port }: Srv, cause: DnsError, known: readonly Server[]): readonly string[] {
  if (isEmpty(cause)) return [];
  return known.filter((server) => server.target === name && server.port === port).map(({ host }) => host);
}

async function findAllAddresses(
  resolver: Resolver,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Addresses>> {
  const found = new Map<string, Addresses>(targets.map((target) => [target, fail('ETIMEOUT', target)]));
  const until = clock.now() + patienceMs;
  const left = targets.values();
  const work = async (): Promise<void> => {
    for (const target of left) {
      if (signal.aborted || clock.now() > until) return;
      found.set(target, await findAddresses(resolver, target));
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostQueries, targets.length) }, work));
  return found;
}

function find(
  servers: readonly Server[],
  ttlMs: number,
  partly: DnsError | undefined,
  leftOut: number,
): DnsAnswer {
  const sorted = servers.toSorted(compareServers);
  return {
    kind: 'found',
    servers: sorted.slice(0, mostServers),
    ttlMs: Number.isFinite(ttlMs) ? ttlMs : 0,
    partly,
    leftOut: leftOut + Math.max(0, sorted.length - mostServers),
  };
}

/** Whether DNS said that there is nothing, rather than nothing that can be used. */
function isEmpty({ code }: DnsError): boolean {
  return code === 'ENOTFOUND' || code === 'ENODATA';
}

function fail(code: string, name: string): Readonly<{ kind: 'failed'; cause: DnsError }> {
  return { kind: 'failed', cause: Object.assign(new Error(`${code} ${name}`), { code }) };
}

function toDnsError(error: unknown): DnsError {
  // All that throws here is Node's own.
  const cause = error as NodeJS.ErrnoException;
  return Object.assign(cause, { code: cause.code ?? 'EUNKNOWN' });
}
