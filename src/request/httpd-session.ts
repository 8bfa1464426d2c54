import type { StickySettings } from '../definition/settings.ts';
import { valuesOf } from '../rewrite/headers.ts';
import { decodePath } from './decode-path.ts';
import { readSession, type FindSession, type Session } from './session.ts';

/**
 * Finds what a request is bound to as httpd does (mod_proxy_balancer's find_session_route): by the first that looks like
 * the parameter anywhere in the mapped URL, else by the first that looks like the cookie. That one decides, whether there
 * is a route in it or not.
 */
export function compileFindHttpdSession(balancer: string): FindSession {
  return (facts, sticky) => {
    if (sticky === undefined) return undefined;
    const { parameter, cookie } = sticky;
    // httpd has decoded the path by then, and not the query.
    const url = `balancer://${balancer}${decodePath(facts.pathToMember)}${facts.query}`;
    const inUrl = findParameter(url, sticky);
    if (inUrl !== undefined) return read(inUrl, sticky, parameter);
    const inCookie = findCookie(valuesOf(facts.headers, 'cookie').join(', '), cookie);
    return inCookie === undefined ? undefined : read(inCookie, sticky, cookie);
  };
}

function read(value: string, sticky: StickySettings, name: string): Session | undefined {
  const session = readSession(value, sticky, name);
  return session === 'given-up' ? undefined : session;
}

/** httpd's get_path_param: the name anywhere, an equals sign right behind it, and the text up to the next delimiter. */
function findParameter(url: string, { parameter, scolonpathdelim }: StickySettings): string | undefined {
  if (parameter === '') return undefined;
  const isDelimiter = (letter: string | undefined): boolean =>
    letter === '?' || letter === '&' || (scolonpathdelim && letter === ';');
  for (let at = url.indexOf(parameter); at !== -1; at = url.indexOf(parameter, at + 1)) {
    at += parameter.length;
    if (url[at] !== '=') continue;
    at += 1;
    if (at >= url.length) continue;
    // As strtok: delimiters at the front are skipped; where there is nothing else, there is no value at all.
    let from = at;
    while (from < url.length && isDelimiter(url[from])) from += 1;
    let to = from;
    while (to < url.length && !isDelimiter(url[to])) to += 1;
    return from === to ? undefined : url.slice(from, to);
  }
  return undefined;
}

/** C's, without the no-break space of ours. */
const blank = /[ \t\n\v\f\r]/;
const blankOrSeparator = /[;, \t\n\v\f\r]/;

/** httpd's get_cookie_param: it goes on one letter behind what did not fit, and so may miss the next cookie. */
function findCookie(cookies: string, name: string): string | undefined {
  if (name === '') return undefined;
  for (let at = cookies.indexOf(name); at !== -1; at = cookies.indexOf(name, at + 1)) {
    if (at > 0 && !blankOrSeparator.test(cookies[at - 1]!)) continue;
    at += name.length;
    while (blank.test(cookies[at] ?? '')) at += 1;
    const isNamed = cookies[at] === '=';
    at += 1;
    if (!isNamed || at >= cookies.length) continue;
    return /^[^;,]*/.exec(cookies.slice(at))![0];
  }
  return undefined;
}
