import type { RawHeaders } from '../rewrite/headers.ts';
import { HOP_BY_HOP } from '../rewrite/hop-by-hop.ts';

/** RFC 9110 6.5.1: framing, routing, modifiers, credentials and the like; a member that merged them would be misled. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'max-forwards',
  'pragma',
  'proxy-authorization',
  'range',
  'via',
]);

/** A client's trailers that may be passed on, as pairs. */
export function keepTrailers(raw: RawHeaders): [name: string, value: string][] {
  const kept: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!FORBIDDEN.has(name) && !/^(?:if-|x[-_]forwarded)/.test(name)) kept.push([raw[i]!, raw[i + 1]!]);
  }
  return kept;
}
