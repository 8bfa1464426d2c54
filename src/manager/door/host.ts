import { valuesOf } from '../../rewrite/headers.ts';

/** A host as it is compared. */
export type Host = Readonly<{
  /** In lower case, without trailing dot; IPv6 in brackets, in its shortest form. */
  name: string;
  /** Undefined: the default one of whatever scheme. */
  port: number | undefined;
}>;

// No percent-encoding, no user, no list: whatever one reader could take for another host than we do.
const hostForm = /^([a-z\d._-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i;

/** Reads `host`, `host:port` or `[address]:port`; undefined for anything else. */
export function parseHost(text: string): Host | undefined {
  const [, written, digits] = hostForm.exec(text) ?? [];
  if (written === undefined) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined;
  const url = URL.parse(`http://${written}`);
  if (url === null) return undefined;
  const name = url.hostname.replace(/\.$/, '');
  return name === '' || name.endsWith('.') ? undefined : { name, port };
}

/** Under which names a manager may be reached. */
export type HostRule =
  | Readonly<{ kind: 'any' }>
  | Readonly<{ kind: 'this-machine' }>
  | Readonly<{ kind: 'named'; hosts: readonly Host[] }>;

/** Whether a manager may be reached under a name. */
export function isAllowedHost(host: Host, rule: HostRule): boolean {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'this-machine':
      return isNameOfThisMachine(host.name);
    case 'named':
      return rule.hosts.some(
        ({ name, port }) => name === host.name && (port === undefined || isSamePort(port, host.port)),
      );
  }
}

/** Names that no DNS server of somebody else's can point elsewhere. */
function isNameOfThisMachine(name: string): boolean {
  return (
    name === 'localhost' ||
    // RFC 6761 6.3: browsers do not ask DNS for them.
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(name)
  );
}

// A browser leaves the default port of its scheme out, and behind a proxy the scheme is not known here.
function isSamePort(allowed: number, asked: number | undefined): boolean {
  return asked === undefined ? allowed === 80 || allowed === 443 : allowed === asked;
}

/**
 * The one host that a request is for; undefined where there is none, more than one, or no such thing. `authority`: the
 * target's, where it has one.
 */
export function readHost(rawHeaders: readonly string[], authority: string | undefined): Host | undefined {
  const written = valuesOf(rawHeaders, 'host');
  // HTTP/2 has a field of its own for it, and may have both.
  const named = [...valuesOf(rawHeaders, ':authority'), ...(authority === undefined ? [] : [authority])];
  if (written.length > 1) return undefined;
  const [host, ...others] = [...written, ...named].map(parseHost);
  // RFC 9112 3.2.2: the target's host goes before Host; a client that is right sends both alike.
  const isOne = others.every((other) => other?.name === host?.name && other?.port === host?.port);
  return isOne ? host : undefined;
}
