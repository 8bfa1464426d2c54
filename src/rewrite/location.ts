import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';
import { isBelow, mapToMount, withoutTrailingSlash } from './map-path.ts';

/** Maps a URL that a member wrote back to the mount path (httpd ProxyPassReverse); one that is not ours comes back as it is. */
export type MapUrl = (value: string, inbound: Inbound, member: MemberSettings) => string;

/** What of the definition decides over URLs in answers. */
export type ReverseSettings = Pick<Settings, 'reverse' | 'reverseUrls' | 'proxypreservehost'>;

type Scheme = MemberSettings['protocol'];

/** Makes the mapping from all members' URLs and `reverseUrls`; undefined when the definition switches it off. */
export function compileMapUrl(
  settings: ReverseSettings,
  members: readonly MemberSettings[],
): MapUrl | undefined {
  if (!settings.reverse) return undefined;
  const paths = settings.reverseUrls.filter((url) => url.startsWith('/')).map(withoutTrailingSlash);
  const basesByOrigin = collectBases(settings.reverseUrls, paths, members);

  return function mapUrl(value, inbound, member) {
    if (!isPlain(value)) return value;
    if (value.startsWith('/') && !value.startsWith('//')) {
      const mapped = mapToMount(value, basesOf(member, paths), inbound.mountPath);
      return mapped === undefined ? value : writePath(mapped);
    }
    const url = splitUrl(value);
    if (url === undefined) return value;

    for (const scheme of url.scheme === undefined ? bothSchemes(member.protocol) : [url.scheme]) {
      const origin = readOrigin(scheme, url.authority) ?? '';
      // Who was added while this request waited is not among the members it began with.
      const own = origin === member.origin.toLowerCase() ? basesOf(member, paths) : [];
      const base = findBase(url.rest, basesByOrigin.get(origin) ?? []) ?? findBase(url.rest, own);
      if (base === undefined) continue;
      return writePublic(url.scheme !== undefined, inbound.mountPath + url.rest.slice(base.length), inbound);
    }

    // A member that was told the client's Host writes its own paths behind it. Another scheme is a move that it means.
    if (settings.proxypreservehost && isPublicOrigin(url, inbound)) {
      const mapped = mapToMount(url.rest, basesOf(member, paths), inbound.mountPath);
      if (mapped !== undefined) return value.slice(0, value.length - url.rest.length) + withSlash(mapped);
    }
    return value;
  };
}

/** Which base paths stand for the mount path on which origin, longest first. */
function collectBases(
  reverseUrls: readonly string[],
  paths: readonly string[],
  members: readonly MemberSettings[],
): ReadonlyMap<string, readonly string[]> {
  const bases = new Map<string, Set<string>>();
  const add = (origin: string, base: string): void => {
    const known = bases.get(origin);
    if (known === undefined) bases.set(origin, new Set([base]));
    else known.add(base);
  };
  for (const member of members) {
    const origin = member.origin.toLowerCase();
    for (const base of [member.basePath, ...paths]) add(origin, base);
  }
  for (const url of reverseUrls) {
    const parts = splitUrl(url);
    const origin = parts?.scheme && readOrigin(parts.scheme, parts.authority);
    if (origin) add(origin, withoutTrailingSlash(parts.rest));
  }
  return new Map([...bases].map(([origin, list]) => [origin, longestFirst([...list])]));
}

function basesOf(member: MemberSettings, paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? [member.basePath] : longestFirst([member.basePath, ...paths]);
}

function longestFirst(bases: readonly string[]): string[] {
  return bases.toSorted((a, b) => b.length - a.length);
}

/**
 * The path behind a member's own origin is in the member's own terms, so the mount path in it means nothing.
 * Another case is taken too, as httpd does: the client could do nothing with a member's address.
 */
function findBase(rest: string, bases: readonly string[]): string | undefined {
  const lower = rest.toLowerCase();
  return (
    bases.find((base) => isBelow(rest, base)) ?? bases.find((base) => isBelow(lower, base.toLowerCase()))
  );
}

/** Browsers read a backslash as a slash and drop tabs and line ends: what such a value means is not ours to guess. */
function isPlain(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x5c || code === 0x7f) return false;
  }
  return true;
}

/** `http://authority/rest` and `//authority/rest`; `rest` is everything behind the authority. */
type UrlParts = Readonly<{ scheme: Scheme | undefined; authority: string; rest: string }>;

function splitUrl(value: string): UrlParts | undefined {
  const match = /^(?:(http)(s)?:)?\/\/([^/?#]*)(.*)$/is.exec(value);
  if (match === null) return undefined;
  const scheme = match[1] === undefined ? undefined : match[2] === undefined ? 'http:' : 'https:';
  return { scheme, authority: match[3]!, rest: match[4]! };
}

/** Host and port; with user information, or anything else that is no host, there is none. The default port is ''. */
function readAuthority(scheme: Scheme, authority: string): { host: string; port: string } | undefined {
  const match = /^(\[[\da-f:.]+\]|[\w.~%-]+)(?::(\d*))?$/i.exec(authority);
  if (match === null) return undefined;
  const port = Number(match[2] ?? '');
  return { host: match[1]!, port: port === 0 || port === (scheme === 'http:' ? 80 : 443) ? '' : `:${port}` };
}

function readOrigin(scheme: Scheme, authority: string): string | undefined {
  const parts = readAuthority(scheme, authority);
  return parts && `${scheme}//${parts.host.toLowerCase()}${parts.port}`;
}

/** Without a scheme, the member means its own; the client's may be the other. */
function bothSchemes(first: Scheme): readonly Scheme[] {
  return first === 'http:' ? ['http:', 'https:'] : ['https:', 'http:'];
}

function isPublicOrigin(url: UrlParts, inbound: Inbound): boolean {
  if (inbound.host === undefined) return false;
  const scheme: Scheme = `${inbound.protocol}:`;
  const origin = readOrigin(scheme, inbound.host);
  return origin !== undefined && origin === readOrigin(url.scheme ?? scheme, url.authority);
}

/** The path behind the host that the client asked for; behind none if it named none that could stand in a URL. */
function writePublic(isAbsolute: boolean, path: string, inbound: Inbound): string {
  const authority = readAuthority(`${inbound.protocol}:`, inbound.host ?? '');
  if (authority === undefined) return writePath(path);
  return `${isAbsolute ? `${inbound.protocol}:` : ''}//${authority.host}${authority.port}${withSlash(path)}`;
}

/** A path that begins with two slashes would be read as a host; RFC 3986 5.2.4 takes the `/.` away again. */
function writePath(path: string): string {
  return path.startsWith('//') ? `/.${path}` : withSlash(path);
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
