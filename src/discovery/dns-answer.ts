/** A server that DNS told of. */
export type Server = Readonly<{
  /** An IP address, IPv6 without brackets. */
  host: string;
  /** Undefined: that of the URL. SRV tells its own. */
  port: number | undefined;
  /** SRV's, shared out among the addresses of one target. */
  weight: number | undefined;
  /** SRV's: a lower one goes first. */
  priority: number | undefined;
  /** The name in the SRV record that the address belongs to. */
  target: string | undefined;
}>;

/** What DNS is asked for: the addresses of a name, or its SRV records and the addresses of their targets. */
export type Question = Readonly<{ name: string; resolve: 'A' | 'SRV' }>;

/** What DNS told: at least one server, or nothing that can be used. */
export type DnsAnswer =
  | Readonly<{
      kind: 'found';
      /** Sorted. */
      servers: readonly Server[];
      ttlMs: number;
      /** Why the addresses of some targets are those of last time, or missing; undefined when none are. */
      partly: DnsError | undefined;
      /** How many servers were left out because there were too many. */
      leftOut: number;
    }>
  | Readonly<{ kind: 'failed'; cause: DnsError }>;

/** An error with the code that Node gives those of DNS, such as `ENOTFOUND`. */
export type DnsError = Error & Readonly<{ code: string }>;

/** The order of members: it depends on nothing but the servers, so that a list that grows keeps it. */
export function compareServers(a: Server, b: Server): number {
  return compare(a.host, b.host) || (a.port ?? 0) - (b.port ?? 0);
}

// By code units: localeCompare differs between processes with different locales.
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
