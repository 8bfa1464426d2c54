import type { StickySettings } from '../definition/settings.ts';
import { decodeValue, MOST_CANDIDATES, valuesOfCommaCookie, valuesOfCookie } from './cookies.ts';
import type { Inbound } from './inbound.ts';

/** What binds a request to a member: httpd's BALANCER_SESSION_ROUTE and BALANCER_SESSION_STICKY. */
export type Session = Readonly<{
  /** The route found in the request. */
  route: string;
  /** Name of the cookie or parameter that delivered it. */
  sticky: string;
}>;

/** What of a request can bind it. */
export type SessionFacts = Pick<Inbound, 'path' | 'query' | 'headers' | 'parsedCookies'>;

/**
 * Finds what a request is bound to: path parameters first, then query parameters, then cookies, as httpd; but all of
 * them, where httpd looks at one. The first route that a member has wins; if none has, the first route there is.
 */
export function findSession(
  facts: SessionFacts,
  sticky: StickySettings | undefined,
  hasRoute: (route: string) => boolean,
): Session | undefined {
  if (sticky === undefined) return undefined;
  let miss: Session | undefined;
  for (const source of sources) {
    for (const value of source.read(facts, sticky)) {
      const route = readRoute(value, sticky);
      if (route === '') continue;
      if (hasRoute(route)) return { route, sticky: sticky[source.name] };
      miss ??= { route, sticky: sticky[source.name] };
    }
  }
  return miss;
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

/** Ape's routeregex may be costly on what a client makes up. */
const LONGEST_FOR_REGEX = 4096;

/** The route in a value; `''` for none. */
function readRoute(value: string, { separator, separatorMatch, routeregex }: StickySettings): string {
  if (routeregex !== undefined) {
    const match = routeregex.exec(value.slice(0, LONGEST_FOR_REGEX));
    if (match === null) return '';
    return match.length > 1 ? (match[1] ?? '') : match[0];
  }
  if (separator === undefined) return value;
  const at = separatorMatch === 'first' ? value.indexOf(separator) : value.lastIndexOf(separator);
  return at === -1 ? '' : value.slice(at + separator.length);
}
