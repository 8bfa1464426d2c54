import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RawHeaders } from '../rewrite/headers.ts';

/** What says how a request is framed and whom it is for: Node has gone by it as it came. `__proto__` is no key to it. */
const settled: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', '__proto__'],
]);

/** RFC 9110 5.1 and 5.5: what a name and a value may be. */
const isName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const isValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The fields of a request: as they came, but for what the app has set, changed or deleted in `req.headers`, as proxies on
 * Node have it. Otherwise a client's own `X-User` would pass a middleware that replaces it.
 *
 * @throws {TypeError} when the app has set what is no field.
 */
export function readFields({ headers, rawHeaders }: IncomingMessage): RawHeaders {
  return isAsItCame(headers, rawHeaders) ? rawHeaders : applyChanges(headers, rawHeaders);
}

/**
 * Whether nothing was changed, and no name came twice: name by name, in the order of both. To count them is not enough: a line
 * that a client sends twice would stand for one that the app has added.
 */
function isAsItCame(headers: IncomingHttpHeaders, rawHeaders: RawHeaders): boolean {
  let i = 0;
  for (const name in headers) {
    if (rawHeaders[i]?.toLowerCase() !== name || headers[name] !== rawHeaders[i + 1]) return false;
    i += 2;
  }
  return i === rawHeaders.length;
}

function applyChanges(headers: IncomingHttpHeaders, rawHeaders: RawHeaders): RawHeaders {
  const now = new Map<string, readonly [name: string, values: readonly string[], value: unknown]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    now.set(name.toLowerCase(), [name, [value].flat().map(String), value]);
  }
  const came = groupByName(rawHeaders);
  const changed = new Set(
    [...now].filter(([key, [, , value]]) => isChanged(key, value, came.get(key))).map(([key]) => key),
  );
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    const key = name.toLowerCase();
    if (key === 'connection') {
      // A client cannot name away what the app has set.
      const left = value.split(',').filter((token) => !changed.has(token.trim().toLowerCase()));
      if (left.length > 0) fields.push(name, left.join(','));
    } else if (settled.has(key) || key.startsWith(':') || (now.has(key) && !changed.has(key))) {
      fields.push(name, value);
    }
  }
  for (const key of changed) {
    const [name, values] = now.get(key)!;
    for (const value of values) {
      if (!isName.test(name) || !isValue.test(value))
        throw new TypeError(`req.headers has ${JSON.stringify(name)}, which is no field`);
      fields.push(name, value);
    }
  }
  return fields;
}

/** In one walk: a client may send some thousand names. */
function groupByName(rawHeaders: RawHeaders): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const key = rawHeaders[i]!.toLowerCase();
    const values = groups.get(key);
    if (values) values.push(rawHeaders[i + 1]!);
    else groups.set(key, [rawHeaders[i + 1]!]);
  }
  return groups;
}

function isChanged(key: string, value: unknown, came: readonly string[] | undefined): boolean {
  if (settled.has(key)) return false;
  if (came === undefined) return true;
  if (Array.isArray(value)) return value.length !== came.length || value.some((each, i) => each !== came[i]);
  // Node joins lines of one name by a comma, cookies by a semicolon, or takes the first of those that come once.
  return value !== came[0] && value !== came.join(', ') && value !== came.join('; ');
}
