import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Inbound } from '../request/inbound.ts';
import { isBelow, mapToMount, withoutTrailingSlash } from './map-path.ts';

/** Makes one Set-Cookie value of a member fit for the client; all but Domain and Path stays byte for byte. */
export type RewriteSetCookie = (value: string, inbound: Inbound, member: MemberSettings) => string;

/** What of the definition decides over members' cookies. */
export type CookieSettings = Pick<Settings, 'cookieDomain' | 'cookiePath'>;

type Table = readonly (readonly [internal: string, external: string])[];

/** Where an attribute stands: from its `;` up to the next, and what of it is value, quotes left out. */
type Attribute = Readonly<{ from: number; to: number; value: string; valueFrom: number; valueTo: number }>;

type Edit = Readonly<{ from: number; to: number; text: string }>;

/** Makes the rewriting of cookies; undefined when the definition switches it off. */
export function compileRewriteSetCookie(
  { cookieDomain, cookiePath }: CookieSettings,
  members: readonly MemberSettings[],
): RewriteSetCookie | undefined {
  if (cookieDomain === false && cookiePath === false) return undefined;
  const hostnames = new Set(members.map((member) => member.hostname.toLowerCase()));

  return function rewriteSetCookie(value, inbound, member) {
    const { domains, path } = findAttributes(value);
    const edits: Edit[] = [];
    const domain = domains.at(-1);
    if (cookieDomain !== false && domain !== undefined) {
      const external =
        cookieDomain === true
          ? deriveDomain(domain.value, inbound, (name) => hostnames.has(name) || isNamed(member, name))
          : lookUpDomain(domain.value, cookieDomain);
      // Without the last Domain the one before it would come to count.
      if (external === '') edits.push(...domains.map(({ from, to }) => ({ from, to, text: '' })));
      else if (external !== undefined) edits.push(replaceValue(domain, external));
    }
    const mayMap = cookiePath !== true || !isForWholeHost(value);
    if (cookiePath !== false && mayMap && path?.value.startsWith('/')) {
      const external =
        cookiePath === true
          ? derivePath(path.value, member.basePath + inbound.memberPath, inbound.mountPath)
          : lookUpPath(path.value, cookiePath);
      if (external !== undefined) edits.push(replaceValue(path, external));
    }
    return applyEdits(value, edits);
  };
}

/** RFC 6265bis 4.1.3.2: browsers drop a cookie of such a name with any other path than `/`. */
function isForWholeHost(cookie: string): boolean {
  return /^\s*__Host-/i.test(cookie);
}

/** RFC 6265 5.3: the last attribute of a name counts; 5.2.3: a Domain without value is none. */
function findAttributes(cookie: string): { domains: Attribute[]; path: Attribute | undefined } {
  const domains: Attribute[] = [];
  let path: Attribute | undefined;
  for (let from = cookie.indexOf(';'); from !== -1;) {
    const next = cookie.indexOf(';', from + 1);
    const to = next === -1 ? cookie.length : next;
    const attribute = cookie.slice(from + 1, to);
    const length = attribute.indexOf('=');
    if (length !== -1) {
      const equals = from + 1 + length;
      const name = attribute.slice(0, length).trim().toLowerCase();
      if (name === 'path') path = readAttribute(cookie, from, to, equals);
      if (name === 'domain') {
        const domain = readAttribute(cookie, from, to, equals);
        if (domain.value !== '') domains.push(domain);
      }
    }
    from = next;
  }
  return { domains, path };
}

function readAttribute(cookie: string, from: number, to: number, equals: number): Attribute {
  const padded = cookie.slice(equals + 1, to);
  const trimmed = padded.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const value = isQuoted ? trimmed.slice(1, -1) : trimmed;
  const valueFrom = equals + 1 + padded.indexOf(trimmed) + (isQuoted ? 1 : 0);
  return { from, to, value, valueFrom, valueTo: valueFrom + value.length };
}

/** A member's own host name means nothing to a browser: without Domain the cookie is the public host's. `''`: remove it. */
function deriveDomain(
  domain: string,
  inbound: Inbound,
  isOurs: (name: string) => boolean,
): string | undefined {
  const name = withoutDot(domain);
  if (!isOurs(name)) return undefined;
  const host = hostnameOf(inbound.host ?? '');
  // A browser takes this one as it is, and a site may share its cookies on purpose.
  if (host === name || host.endsWith(`.${name}`)) return undefined;
  return '';
}

/** Who was added while a request waited is not among the members it began with. */
function isNamed({ hostname }: MemberSettings, name: string): boolean {
  return hostname.toLowerCase() === name;
}

/** httpd takes the first rule whose name the domain begins with; here it is whole names, with or without leading dot. */
function lookUpDomain(domain: string, table: Table): string | undefined {
  const name = withoutDot(domain);
  return table.find(([internal]) => withoutDot(internal) === name)?.[1];
}

function derivePath(path: string, basePath: string, mountPath: string): string | undefined {
  // What would end the attribute cannot be said in a cookie.
  if (mountPath.includes(';')) return undefined;
  const mapped = mapToMount(path, [basePath], mountPath);
  // RFC 6265 5.1.4: `/static/` would not match a request for `/static`, which is `/` to the member.
  return mapped === mountPath || mapped === `${mountPath}/` ? mountPath || '/' : mapped;
}

/** As httpd, the first rule counts, in the order of the table; unlike it, only the prefix that matched is replaced. */
function lookUpPath(path: string, table: Table): string | undefined {
  for (const [internal, external] of table) {
    const base = withoutTrailingSlash(internal);
    if (!isBelow(path, base)) continue;
    const rest = path.slice(base.length);
    return rest === '' || rest === '/' ? external : withoutTrailingSlash(external) + rest;
  }
  return undefined;
}

function replaceValue(attribute: Attribute, text: string): Edit {
  return { from: attribute.valueFrom, to: attribute.valueTo, text };
}

function applyEdits(value: string, edits: Edit[]): string {
  let text = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    text += value.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  return text + value.slice(at);
}

function withoutDot(domain: string): string {
  return (domain.startsWith('.') ? domain.slice(1) : domain).toLowerCase();
}

function hostnameOf(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  return (end > 0 ? host.slice(0, end) : host).toLowerCase();
}
