import type { StickySettings } from '../definition/settings.ts';
import { execInTime } from '../patterns/exec-in-time.ts';
import { hasField } from '../rewrite/headers.ts';
import { decodeValue, MOST_CANDIDATES, valuesOfCommaCookie, valuesOfCookie } from './cookies.ts';
import type { Inbound } from './inbound.ts';

/** What binds a request to a member: httpd's BALANCER_SESSION_ROUTE and BALANCER_SESSION_STICKY. */
export type Session = Readonly<{
  /** The route found in the request. */
  route: string;
  /** Name of the cookie or parameter that delivered it. */
  sticky: string;
  /** The session's value without its route: a secret, to be counted and never told. Undefined: the route is all there is. */
  id: string | undefined;
}>;

/** What of a request can bind it. */
export type SessionFacts = Pick<Inbound, 'path' | 'pathToMember' | 'query' | 'headers' | 'parsedCookies'>;

/** Finds what a request is bound to; undefined: nothing. */
export type FindSession = (
  facts: SessionFacts,
  sticky: StickySettings | undefined,
  hasRoute: (route: string) => boolean,
) => Session | undefined;

/**
 * Finds what a request is bound to: path parameters first, then query parameters, then cookies, as httpd; but all of
 * them, where httpd looks at one. The first route that a member has wins; if none has, the first route there is.
 */
export function findSession(
  facts: SessionFacts,
  sticky: StickySettings | undefined,
  hasRoute: (route: string) => boolean,
): Session | undefined {
  if (sticky === undefined || !mayHoldSession(facts)) return undefined;
  let miss: Session | undefined;
  let left = sticky.routeregex === undefined ? Infinity : MOST_FOR_REGEX;
  for (const source of sources) {
    for (const value of source.read(facts, sticky)) {
      if (value.length > left) continue;
      const session = readSession(value, sticky, sticky[source.name]);
      left -= value.length;
      if (session === undefined) continue;
      if (session === 'given-up') return miss;
      if (hasRoute(session.route)) return session;
      miss ??= session;
    }
  }
  return miss;
}

/** Most requests of a first visit hold nothing that could: a quarter of a microsecond instead of one. */
function mayHoldSession({ path, query, headers, parsedCookies }: SessionFacts): boolean {
  return query.length > 1 || parsedCookies !== undefined || path.includes(';') || hasField(headers, 'cookie');
}

type Source = Readonly<{
  name: 'parameter' | 'cookie';
  /** Values that may hold a route, in order. */
  read: (facts: SessionFacts, sticky: StickySettings) => readonly string[];
}>;

/** In order, each read only if those before it have bound the request to nobody. */
const sources: readonly Source[] = [
  { name: 'parameter', read: readPathParameters },
  { name: 'parameter', read: readQueryParameters },
  { name: 'cookie', read: readParsedCookies },
  { name: 'cookie', read: readCookies },
  { name: 'cookie', read: readCommaCookies },
];

const nothing: readonly string[] = [];
const semicolon: ReadonlySet<string> = new Set(';');
const ampersand: ReadonlySet<string> = new Set('&');
const semicolonOrSlash: ReadonlySet<string> = new Set(';/');
const semicolonOrAmpersand: ReadonlySet<string> = new Set(';&');

function readPathParameters({ path }: SessionFacts, { parameter }: StickySettings): readonly string[] {
  if (!path.includes(';')) return nothing;
  return collectParameters(path, parameter, semicolon, semicolonOrSlash);
}

function readQueryParameters({ query }: SessionFacts, sticky: StickySettings): readonly string[] {
  if (query.length <= 1) return nothing;
  const ends = sticky.scolonpathdelim ? semicolonOrAmpersand : ampersand;
  return collectParameters(`&${query.slice(1)}`, sticky.parameter, ends, ends);
}

/**
 * Values of `name=value` after one of `begins` and up to one of `ends`. Names are compared whole and as they are written,
 * and a `+` is a plus, which is what it is in a route.
 */
function collectParameters(
  text: string,
  name: string,
  begins: ReadonlySet<string>,
  ends: ReadonlySet<string>,
): readonly string[] {
  const named = `${name}=`;
  let at = text.indexOf(named);
  if (at === -1 || name === '') return nothing;
  const values: string[] = [];
  while (at !== -1 && values.length < MOST_CANDIDATES) {
    let next = at + named.length;
    if (begins.has(text[at - 1]!)) {
      const from = next;
      while (next < text.length && !ends.has(text[next]!)) next += 1;
      values.push(decodeValue(text.slice(from, next)));
    }
    at = text.indexOf(named, next);
  }
  return values;
}

/** What cookie-parser has made of the cookie comes first: a signature is checked there, if anywhere. */
function readParsedCookies({ parsedCookies }: SessionFacts, { cookie }: StickySettings): readonly string[] {
  if (parsedCookies === undefined) return nothing;
  const { cookies, signedCookies } = parsedCookies;
  return [signedCookies[cookie], cookies[cookie]].filter((value) => typeof value === 'string');
}

function readCookies(facts: SessionFacts, { cookie }: StickySettings): readonly string[] {
  return isForged(facts, cookie) ? nothing : valuesOfCookie(facts.headers, cookie);
}

function readCommaCookies(facts: SessionFacts, { cookie }: StickySettings): readonly string[] {
  return isForged(facts, cookie) ? nothing : valuesOfCommaCookie(facts.headers, cookie);
}

/** cookie-parser says `false` of a signature that has failed: the header is not to be believed behind its back. */
function isForged({ parsedCookies }: SessionFacts, cookie: string): boolean {
  return parsedCookies?.signedCookies[cookie] === false;
}

/** No browser sends a cookie as long as that; whoever does is not to keep us busy with what a pattern makes of it. */
const LONGEST_FOR_REGEX = 4096;

/** All the values of a request that a pattern is asked of, one after the other. */
const MOST_FOR_REGEX = 2 * LONGEST_FOR_REGEX;

/** Undefined: there is no route in the value. `given-up`: nobody can tell in time. `name`: of the cookie or parameter. */
export function readSession(
  value: string,
  { separator, separatorMatch, routeregex }: StickySettings,
  name: string,
): Session | 'given-up' | undefined {
  if (routeregex !== undefined) return readByRegex(value, routeregex, name);
  if (separator === undefined)
    return value === '' ? undefined : { route: value, sticky: name, id: undefined };
  const at = separatorMatch === 'first' ? value.indexOf(separator) : value.lastIndexOf(separator);
  const from = at + separator.length;
  if (at === -1 || from === value.length) return undefined;
  return { route: value.slice(from), sticky: name, id: at === 0 ? undefined : value.slice(0, at) };
}

function readByRegex(value: string, routeregex: RegExp, name: string): Session | 'given-up' | undefined {
  // A part of it might hold another route than the whole.
  if (value.length > LONGEST_FOR_REGEX) return undefined;
  const match = execInTime(routeregex, value);
  if (match === undefined) return 'given-up';
  if (match === null) return undefined;
  const route = match.length > 1 ? (match[1] ?? '') : match[0];
  if (route === '') return undefined;
  const rest = withoutPart(value, match.index, match[0]);
  // An expression for the whole of the value has the session in its match.
  const id = rest === '' ? withoutPart(value, value.lastIndexOf(route), route) : rest;
  return { route, sticky: name, id: id === '' ? undefined : id };
}

function withoutPart(text: string, at: number, part: string): string {
  return text.slice(0, at) + text.slice(at + part.length);
}
