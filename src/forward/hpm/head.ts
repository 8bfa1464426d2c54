import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import type { RawHeaders } from '../../rewrite/headers.ts';

/** Node's `headers`: lower-case names, repetitions joined, but for Set-Cookie. */
export type JoinedHeaders = Record<string, string | string[]>;

/** A header that was set: its name as it was spelt then, and its value. */
export type SetHeader = Readonly<{ name: string; value: OutgoingHttpHeader }>;

/** Fields of which the first is taken, as Node does. */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** Header fields as Node hands them to a server. */
export function joinHeaders(headers: RawHeaders): JoinedHeaders {
  // Without a prototype, as Node's: names are the sender's.
  const joined = Object.create(null) as JoinedHeaders;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    const value = headers[i + 1]!;
    const known = joined[name];
    if (name === 'set-cookie') addTo(joined, name, value, true);
    else if (known === undefined) joined[name] = value;
    else if (!SINGLE.has(name)) joined[name] = `${String(known)}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return joined;
}

/** In place: a list that is copied for each of thousands of lines takes as long as their square. */
function addTo(headers: JoinedHeaders, name: string, value: string, isList: boolean): void {
  const known = headers[name];
  if (Array.isArray(known)) known.push(value);
  else if (known === undefined) headers[name] = isList ? [value] : value;
  else headers[name] = [known, value];
}

/** So many are found sooner by looking through them than in a Map; a request has a dozen. */
const FEW_NAMES = 32;

/** Header fields for Node's `request`, which writes names as they are spelt here, and a list line by line where its first was. */
export function spellHeaders(headers: RawHeaders): JoinedHeaders {
  const spelt = Object.create(null) as JoinedHeaders;
  const names: string[] = [];
  const keys: string[] = [];
  const nameOf = headers.length > 2 * FEW_NAMES ? new Map<string, string>() : undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const key = headers[i]!.toLowerCase();
    const known = nameOf ? nameOf.get(key) : names[keys.indexOf(key)];
    const name = known ?? headers[i]!;
    if (known === undefined) {
      nameOf?.set(key, name);
      keys.push(key);
      names.push(name);
    }
    addTo(spelt, name, headers[i + 1]!, false);
  }
  return spelt;
}

/**
 * Gives a request the spelling and the repetitions of `headers` back, which it has lost where they were joined; a field
 * that has been changed or taken out since is left so.
 */
export function restoreHeaders(request: ClientRequest, headers: RawHeaders): void {
  const spelt = spellHeaders(headers);
  // No more than names that were spelt above.
  for (const name in spelt) {
    const value = spelt[name]!;
    const key = name.toLowerCase();
    const isList = Array.isArray(value);
    if (!isList && name === key) continue;
    const given = isList ? joinHeaders(value.flatMap((each) => [key, each]))[key] : value;
    // It stays where it is: the order is right already.
    if (request.getHeader(key) === given) request.setHeader(name, value);
  }
}

/** Headers of an answer, raw and joined, before anybody has changed them. */
export type ReceivedHeaders = Readonly<{ raw: RawHeaders; joined: Readonly<JoinedHeaders> }>;

/** Keeps what `headers` is now; hooks change it in place. */
export function keepHeaders(raw: RawHeaders, headers: IncomingHttpHeaders): ReceivedHeaders {
  const joined = Object.create(null) as JoinedHeaders;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : [...value];
  }
  return { raw: [...raw], joined };
}

/**
 * The headers that http-proxy-middleware and hooks have set, `set` (by lower-case name), in the words of the member: a
 * field that is as it came has its spelling, repetitions and place; one that is not stands where it was, then the new.
 */
export function mergeHeaders(received: ReceivedHeaders, set: ReadonlyMap<string, SetHeader>): string[] {
  const headers: string[] = [];
  const placed = new Set<string>();
  const { raw, joined } = received;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const key = name.toLowerCase();
    const field = set.get(key);
    if (field === undefined) {
      // Nobody has taken out what Node's record of headers could not hold: `__proto__`.
      if (joined[key] === undefined) headers.push(name, raw[i + 1]!);
      continue;
    }
    if (isSame(field.value, joined[key])) headers.push(name, raw[i + 1]!);
    else if (!placed.has(key)) pushField(headers, name, field.value);
    placed.add(key);
  }
  for (const [key, { name, value }] of set) {
    // httpxy adds a Connection where there was none; it is for no further hop.
    if (!placed.has(key) && key !== 'connection') pushField(headers, name, value);
  }
  return headers;
}

function isSame(value: OutgoingHttpHeader, received: string | string[] | undefined): boolean {
  if (!Array.isArray(value) || !Array.isArray(received)) return value === received;
  return value.length === received.length && value.every((each, i) => each === received[i]);
}

function pushField(headers: string[], name: string, value: OutgoingHttpHeader): void {
  if (Array.isArray(value)) for (const each of value) headers.push(name, each);
  else headers.push(name, String(value));
}

/** Headers in Node's object form, one field after the other. */
export function flattenHeaders(headers: OutgoingHttpHeaders): string[] {
  const flat: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) pushField(flat, name, value);
  }
  return flat;
}
