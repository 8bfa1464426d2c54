import type { Inbound } from '../request/inbound.ts';
import { hasField, valuesOf } from '../rewrite/headers.ts';

/**
 * The name of the host that the browser has asked for, in lower case, IPv6 without brackets. Undefined: nobody can tell, since
 * a proxy in front that is not trusted says something else.
 */
export function publicHostOf({ headers, trusted, host }: Inbound): string | undefined {
  const forwarded =
    valuesOf(headers, 'x-forwarded-host')[0] ?? (hasField(headers, 'forwarded') ? '' : undefined);
  if (forwarded === undefined) return host === undefined ? undefined : hostnameOf(host);
  const first = forwarded.split(',', 1)[0]!.trim();
  return trusted && first !== '' ? hostnameOf(first) : undefined;
}

/** Whether browsers take this machine's own names for safe without https. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.');
}

function hostnameOf(host: string): string {
  const [, name = ''] = /^\[([^\]]*)\]/.exec(host) ?? /^([^:]*)/.exec(host) ?? [];
  return name.toLowerCase();
}
