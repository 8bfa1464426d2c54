import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';
import { urlAsWritten } from './as-written.ts';
import type { MapUrl } from './location.ts';
import { withoutTrailingSlash } from './map-path.ts';
import { readSub } from './reverse-bases.ts';
import { writePublic } from './url-parts.ts';

/**
 * What a rule makes of a value: the public path or URL with the rest behind it; undefined: it does not fit. `urls`: those
 * of the members.
 */
type Rule = (value: string, urls: readonly string[]) => string | undefined;

/**
 * Maps URLs as httpd's ap_proxy_location_reverse_map: the first rule of the table whose internal side the value begins
 * with, wherever a segment ends; the public side and the rest are put together as they are, behind the client's Host.
 */
export function compileHttpdMapUrl(
  { reverseTable }: Pick<Settings, 'reverseTable'>,
  members: readonly MemberSettings[],
): MapUrl | undefined {
  if (reverseTable.length === 0) return undefined;
  const rules = reverseTable.map(([internal, external]) => compileRule(internal, external));
  const urls = members.map(urlAsWritten);
  return (value, inbound, member) => {
    // Who was added while this request waited is not among the members it began with.
    const all = members.includes(member) ? urls : [...urls, urlAsWritten(member)];
    for (const rule of rules) {
      const mapped = rule(value, all);
      if (mapped !== undefined) return makeAbsolute(mapped, inbound);
    }
    return value;
  };
}

function compileRule(internal: string, external: string): Rule {
  const sub = readSub(internal);
  if (sub === undefined)
    return internal.startsWith('/') ? pathRule(internal, external) : urlRule(internal, external);
  return sub === '' || sub === '/' ? membersRule(external) : subRule(sub, external);
}

/** The whole value, its case and what is in its path included. */
function urlRule(internal: string, external: string): Rule {
  return (value) => (beginsWith(value, internal) ? external + value.slice(internal.length) : undefined);
}

/** The path of the value, whatever the host before it. */
function pathRule(internal: string, external: string): Rule {
  return (value) => {
    const scheme = value.indexOf('://');
    const at = scheme === -1 ? -1 : value.indexOf('/', scheme + 3);
    const path = at === -1 ? value : value.slice(at);
    return beginsWith(path, internal) ? external + path.slice(internal.length) : undefined;
  };
}

function membersRule(external: string): Rule {
  return (value, urls) => {
    const url = urls.find((each) => beginsWith(value, each));
    if (url === undefined) return undefined;
    const rest = value.slice(url.length);
    return external === '/' && rest.startsWith('/') ? rest : external + rest;
  };
}

function subRule(sub: string, external: string): Rule {
  return (value, urls) => {
    const url = urls
      .map(withoutTrailingSlash)
      .find((each) => beginsWith(value, each) && value.startsWith(sub, each.length));
    return url === undefined ? undefined : external + value.slice(url.length + sub.length);
  };
}

function beginsWith(value: string, start: string): boolean {
  return value.slice(0, start.length).toLowerCase() === start.toLowerCase();
}

function makeAbsolute(mapped: string, inbound: Inbound): string {
  return mapped.startsWith('/') ? writePublic(true, mapped, inbound) : mapped;
}
