import type { MemberSettings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';

/** The schemes that members and clients speak. */
export type Scheme = MemberSettings['protocol'];

/** `http://authority/rest` and `//authority/rest`; `rest` is everything behind the authority. */
export type UrlParts = Readonly<{ scheme: Scheme | undefined; authority: string; rest: string }>;

/** Takes a URL apart that names a server; undefined for a path, and for what is no http(s). */
export function splitUrl(value: string): UrlParts | undefined {
  const match = /^(?:(http)(s)?:)?\/\/([^/?#]*)(.*)$/is.exec(value);
  if (match === null) return undefined;
  const scheme = match[1] === undefined ? undefined : match[2] === undefined ? 'http:' : 'https:';
  return { scheme, authority: match[3]!, rest: match[4]! };
}

/** Browsers read a backslash as a slash and drop tabs and line ends: what such a value means is not ours to guess. */
export function isPlain(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x5c || code === 0x7f) return false;
  }
  return true;
}

/** Host and port; with user information, or anything else that is no host, there is none. The default port is ''. */
function readAuthority(scheme: Scheme, authority: string): { host: string; port: string } | undefined {
  const match = /^(\[[\da-f:.]+\]|[\w.~%-]+)(?::(\d*))?$/i.exec(authority);
  if (match === null) return undefined;
  const port = Number(match[2] ?? '');
  return { host: match[1]!, port: port === 0 || port === (scheme === 'http:' ? 80 : 443) ? '' : `:${port}` };
}

/** Scheme, host and port in one spelling; undefined where the authority is none. */
export function readOrigin(scheme: Scheme, authority: string): string | undefined {
  const parts = readAuthority(scheme, authority);
  return parts && `${scheme}//${parts.host.toLowerCase()}${parts.port}`;
}

/** Whether a URL names the host that the client asked for. */
export function isPublicOrigin(url: UrlParts, inbound: Inbound): boolean {
  if (inbound.host === undefined) return false;
  const scheme: Scheme = `${inbound.protocol}:`;
  const origin = readOrigin(scheme, inbound.host);
  return origin !== undefined && origin === readOrigin(url.scheme ?? scheme, url.authority);
}

/** The path behind the host that the client asked for; behind none if it named none that could stand in a URL. */
export function writePublic(isAbsolute: boolean, path: string, inbound: Inbound): string {
  const authority = readAuthority(`${inbound.protocol}:`, inbound.host ?? '');
  if (authority === undefined) return writePath(path);
  return `${isAbsolute ? `${inbound.protocol}:` : ''}//${authority.host}${authority.port}${withSlash(path)}`;
}

/** A path that begins with two slashes would be read as a host; RFC 3986 5.2.4 takes the `/.` away again. */
export function writePath(path: string): string {
  return path.startsWith('//') ? `/.${path}` : withSlash(path);
}

/** A path that begins with a slash, whatever was cut off its front. */
export function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
