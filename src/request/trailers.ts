import { asVariable, type RawHeaders } from '../rewrite/headers.ts';
import { HOP_BY_HOP } from '../rewrite/hop-by-hop.ts';

/** RFC 9110 6.5.1: framing, routing, modifiers, control data, credentials and the like; whoever merged them would be misled. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'expires',
  'forwarded',
  'host',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'retry-after',
  'set-cookie',
  'vary',
  'via',
  'warning',
  'www-authenticate',
]);

/** The trailers of a client or a member that may be passed on, as pairs. `nominated`: those that Connection says end at this hop. */
export function keepTrailers(
  raw: RawHeaders,
  nominated?: ReadonlySet<string>,
): [name: string, value: string][] {
  const kept: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const variable = asVariable(name);
    if (FORBIDDEN.has(variable) || /^(?:if-|x-forwarded)/.test(variable) || nominated?.has(name)) continue;
    kept.push([raw[i]!, raw[i + 1]!]);
  }
  return kept;
}
