import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';
import { isBelow, mapToMount, withoutTrailingSlash } from './map-path.ts';
import { compileBases, type Base, type BaseSettings } from './reverse-bases.ts';
import {
  isPlain,
  isPublicOrigin,
  readOrigin,
  splitUrl,
  withSlash,
  writePath,
  writePublic,
  type Scheme,
} from './url-parts.ts';

/** Maps a URL that a member wrote back to what is public (httpd ProxyPassReverse); one that is not ours comes back as it is. */
export type MapUrl = (value: string, inbound: Inbound, member: MemberSettings) => string;

/** What of the definition decides over URLs in answers. */
export type ReverseSettings = BaseSettings & Pick<Settings, 'reverse' | 'proxypreservehost'>;

/** Makes the mapping from all members' URLs and the definition's; undefined when the definition switches it off. */
export function compileMapUrl(
  settings: ReverseSettings,
  members: readonly MemberSettings[],
): MapUrl | undefined {
  if (!settings.reverse) return undefined;
  const basesBelow = compileBases(settings, members);

  return function mapUrl(value, inbound, member) {
    if (!isPlain(value)) return value;
    const bases = basesBelow(inbound.memberPath);
    if (value.startsWith('/') && !value.startsWith('//')) {
      const mapped = mapPath(value, bases.ofMember(member), inbound.mountPath);
      return mapped === undefined ? value : isUrl(mapped) ? mapped : writePath(mapped);
    }
    const url = splitUrl(value);
    if (url === undefined) return value;

    for (const scheme of url.scheme === undefined ? bothSchemes(member.protocol) : [url.scheme]) {
      const origin = readOrigin(scheme, url.authority) ?? '';
      // Who was added while this request waited is not among the members it began with.
      const own = origin === member.origin.toLowerCase() ? bases.ofMember(member) : [];
      const base = findBase(url.rest, bases.onOrigin(origin)) ?? findBase(url.rest, own);
      if (base === undefined) continue;
      const mapped = replaceBase(base, url.rest, inbound.mountPath);
      return isUrl(mapped) ? mapped : writePublic(url.scheme !== undefined, mapped, inbound);
    }

    // A member that was told the client's Host writes its own paths behind it. Another scheme is a move that it means.
    if (settings.proxypreservehost && isPublicOrigin(url, inbound)) {
      const mapped = mapPath(url.rest, bases.ofMember(member), inbound.mountPath);
      if (mapped === undefined || isUrl(mapped)) return mapped ?? value;
      return value.slice(0, value.length - url.rest.length) + withSlash(mapped);
    }
    return value;
  };
}

/** As `mapToMount`, where other paths may stand for something else than the mount path. */
function mapPath(path: string, bases: readonly Base[], mountPath: string): string | undefined {
  const base = bases.find(({ internal }) => isBelow(path, internal));
  if (base === undefined) return undefined;
  if (base.external === undefined) return mapToMount(path, [base.internal], mountPath);
  if (mountPath.length > base.internal.length && isBelow(path, mountPath)) return undefined;
  return replaceBase(base, path, mountPath);
}

function replaceBase({ internal, external }: Base, path: string, mountPath: string): string {
  const rest = path.slice(internal.length);
  if (external === undefined) return mountPath + rest;
  // One slash between, and the one that was written where nothing follows.
  return (rest.startsWith('/') ? withoutTrailingSlash(external) : external) + rest;
}

function isUrl(mapped: string): boolean {
  return /^https?:/i.test(mapped);
}

/**
 * The path behind a member's own origin is in the member's own terms, so the mount path in it means nothing.
 * Another case is taken too, as httpd does: the client could do nothing with a member's address.
 */
function findBase(rest: string, bases: readonly Base[]): Base | undefined {
  const lower = rest.toLowerCase();
  return (
    bases.find(({ internal }) => isBelow(rest, internal)) ??
    bases.find(({ internal }) => isBelow(lower, internal.toLowerCase()))
  );
}

/** Without a scheme, the member means its own; the client's may be the other. */
function bothSchemes(first: Scheme): readonly Scheme[] {
  return first === 'http:' ? ['http:', 'https:'] : ['https:', 'http:'];
}
