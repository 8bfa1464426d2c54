/** A Set-Cookie as browsers read it (RFC 6265 5.2), as far as a session can be lost by it. */
export type ReadCookie = Readonly<{
  name: string;
  value: string;
  /** In lower case, without leading dot. Undefined: the host that was asked for alone. */
  domain: string | undefined;
  /** Undefined: the folder of what was asked for. */
  path: string | undefined;
  isSecure: boolean;
  /** In lower case. */
  sameSite: string | undefined;
  /** It takes the cookie away. */
  isRemoval: boolean;
}>;

/** Reads a Set-Cookie; `nowMs`: since 1970. Undefined: it is none. */
export function readSetCookie(text: string, nowMs: number): ReadCookie | undefined {
  const [pair = '', ...rest] = text.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const attributes = new Map<string, string>();
  for (const attribute of rest) {
    const at = attribute.indexOf('=');
    const name = (at === -1 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    const value = at === -1 ? '' : attribute.slice(at + 1).trim();
    // 5.2.3: a Domain that says nothing is none. 5.3: the last one of a name counts.
    if (name !== 'domain' || value !== '') attributes.set(name, value);
  }
  const value = pair.slice(equals + 1).trim();
  const path = attributes.get('path');
  return {
    name: pair.slice(0, equals).trim(),
    value,
    domain: attributes.get('domain')?.toLowerCase().replace(/^\./, ''),
    path: path?.startsWith('/') ? path : undefined,
    isSecure: attributes.has('secure'),
    sameSite: attributes.get('samesite')?.toLowerCase(),
    isRemoval: value === '' || value === '""' || isOver(attributes, nowMs),
  };
}

/** 5.3: Max-Age goes before Expires. */
function isOver(attributes: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = Number(attributes.get('max-age') || NaN);
  if (!Number.isNaN(maxAge)) return maxAge <= 0;
  return Date.parse(attributes.get('expires') ?? '') <= nowMs;
}
