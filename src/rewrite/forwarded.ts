import type { Settings } from '../definition/settings.ts';
import { unmapAddress } from '../request/address.ts';
import type { Inbound } from '../request/inbound.ts';
import { asVariable, type RawHeaders } from './headers.ts';

/** Adds our X-Forwarded-* and Forwarded to `headers`; `received` are those of a trusted peer. */
export type AddForwarded = (headers: string[], inbound: Inbound, received: RawHeaders) => void;

const X_FORWARDED = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-server',
  'x-forwarded-proto',
  'x-forwarded-prefix',
];
const NOTHING: ReadonlyMap<string, string> = new Map();
const F = 0x66;
const X = 0x78;

/**
 * Whether a field tells of the way that a request has come: Forwarded, and X-Forwarded-* with any ending.
 * Whatever is neither letter nor digit counts as a hyphen, since CGI and its descendants (WSGI, PHP) cannot tell the two apart.
 */
export function isForwardedField(name: string): boolean {
  const first = name.charCodeAt(0) | 0x20;
  if (first === F) return name.length === 9 && name.toLowerCase() === 'forwarded';
  if (first !== X || name.length <= 12 || (name.charCodeAt(2) | 0x20) !== F) return false;
  return asVariable(name.toLowerCase()).startsWith('x-forwarded-');
}

/** Whether a name is spelt with nothing that only looks like a hyphen to somebody. */
export function isPlainName(name: string): boolean {
  return /^[a-z\d-]+$/i.test(name);
}

/** Makes what adds the fields of the definition; undefined when it adds none (httpd: `ProxyAddHeaders Off`). */
export function compileAddForwarded(
  settings: Pick<Settings, 'xForwarded' | 'forwarded'>,
  serverName: string,
): AddForwarded | undefined {
  const { xForwarded, forwarded } = settings;
  if (!xForwarded && !forwarded) return undefined;
  const managed = new Set([...(xForwarded ? X_FORWARDED : []), ...(forwarded ? ['forwarded'] : [])]);

  return function addForwarded(headers, inbound, received) {
    const theirs = received.length === 0 ? NOTHING : mergeFields(received);
    const client = unmapAddress(inbound.remoteAddress);
    if (xForwarded) {
      pushField(headers, 'X-Forwarded-For', append(theirs.get('x-forwarded-for'), client));
      pushField(headers, 'X-Forwarded-Host', append(theirs.get('x-forwarded-host'), inbound.host ?? ''));
      pushField(headers, 'X-Forwarded-Server', append(theirs.get('x-forwarded-server'), serverName));
      pushField(headers, 'X-Forwarded-Proto', theirs.get('x-forwarded-proto') ?? inbound.protocol);
      pushField(
        headers,
        'X-Forwarded-Prefix',
        extendPrefix(theirs.get('x-forwarded-prefix'), inbound.mountPath),
      );
    }
    if (forwarded)
      pushField(headers, 'Forwarded', append(theirs.get('forwarded'), writeElement(inbound, client)));
    for (let i = 0; i < received.length; i += 2) {
      if (!managed.has(received[i]!.toLowerCase())) headers.push(received[i]!, received[i + 1]!);
    }
  };
}

/** One element of Forwarded (RFC 7239 4). */
function writeElement(inbound: Inbound, client: string): string {
  const node = client === '' ? 'unknown' : client.includes(':') ? `[${client}]` : client;
  const host = inbound.host ? `;host=${quote(inbound.host)}` : '';
  return `for=${quote(node)}${host};proto=${inbound.protocol}`;
}

/** RFC 7239 4: what is no token, such as anything with a colon or a bracket, is a quoted string. */
function quote(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function mergeFields(fields: RawHeaders): ReadonlyMap<string, string> {
  const merged = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) {
    const value = fields[i + 1]!;
    const name = fields[i]!.toLowerCase();
    if (value !== '') merged.set(name, append(merged.get(name), value));
  }
  return merged;
}

function append(list: string | undefined, value: string): string {
  if (list === undefined) return value;
  return value === '' ? list : `${list}, ${value}`;
}

/** The peer has cut its prefix off before the request came to our mount path. */
function extendPrefix(theirs: string | undefined, mountPath: string): string {
  if (theirs === undefined) return mountPath;
  return theirs.endsWith('/') && mountPath !== '' ? theirs.slice(0, -1) + mountPath : theirs + mountPath;
}

function pushField(headers: string[], name: string, value: string): void {
  if (value !== '') headers.push(name, value);
}
