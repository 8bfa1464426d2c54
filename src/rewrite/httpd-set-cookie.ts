import type { CookieSettings, RewriteSetCookie } from './set-cookie.ts';

type Table = readonly (readonly [internal: string, external: string])[];

/** Where an attribute's value stands: all between its `=` and the next `;`, blanks and quotes included. */
type Value = Readonly<{ from: number; to: number; text: string }>;

/**
 * Rewrites cookies as httpd's ap_proxy_cookie_reverse_map: the first rule of each table that the value begins with, wherever
 * a segment or a label ends, replaces the whole of it. Of repeated attributes the last is taken.
 */
export function compileHttpdSetCookie({
  cookieDomain,
  cookiePath,
}: CookieSettings): RewriteSetCookie | undefined {
  const domains = tableOf(cookieDomain);
  const paths = tableOf(cookiePath);
  if (domains.length === 0 && paths.length === 0) return undefined;
  return (cookie) => {
    const path = findLast(cookie, 'path=');
    const domain = findLast(cookie, 'domain=');
    const edits = [
      edit(path, path && paths.find(([internal]) => path.text.startsWith(internal))),
      edit(domain, domain && domains.find(([internal]) => hasPrefix(domain.text, internal))),
    ].filter((each) => each !== undefined);
    return edits
      .toSorted((a, b) => b.from - a.from)
      .reduce((text, { from, to, external }) => text.slice(0, from) + external + text.slice(to), cookie);
  };
}

/** True and false mean the same here: nothing is derived. */
function tableOf(table: CookieSettings['cookiePath']): Table {
  return typeof table === 'boolean' ? [] : table;
}

function edit(
  value: Value | undefined,
  rule: readonly [internal: string, external: string] | undefined,
): Readonly<{ from: number; to: number; external: string }> | undefined {
  return value && rule && { from: value.from, to: value.to, external: rule[1] };
}

/** `name` with its `=`, in lower case: a blank before that is no attribute to httpd. */
function findLast(cookie: string, name: string): Value | undefined {
  let found: Value | undefined;
  for (let from = 0; from <= cookie.length;) {
    const end = cookie.indexOf(';', from);
    const to = end === -1 ? cookie.length : end;
    let start = from;
    while (start < to && /[ \t\n\v\f\r]/.test(cookie[start]!)) start += 1;
    if (hasPrefix(cookie.slice(start, to), name)) {
      const valueFrom = start + name.length;
      found = { from: valueFrom, to, text: cookie.slice(valueFrom, to) };
    }
    from = to + 1;
  }
  return found;
}

function hasPrefix(text: string, prefix: string): boolean {
  return text.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
}
