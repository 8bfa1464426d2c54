import { checkRouteCookie } from '../../../definition/check-route-cookie.ts';
import type { RouteCookie } from '../../../definition/definition.ts';
import { quote } from '../../../definition/describe.ts';
import type { Fault } from '../../../definition/problem.ts';

/** A Set-Cookie value that carries the route of a member. */
export type RecipeCookie = Readonly<{
  name: string;
  /** What stands before the route: `.`, `balancer.`; `''`: nothing. */
  prefix: string;
  attributes: Attributes;
  /** What of it has no place in `routeCookie`, and why, in whole phrases. */
  lost: readonly string[];
}>;

/** The attributes that are written, in the words of `routeCookie`. */
export type Attributes = Omit<RouteCookie, 'name' | 'secret'>;

/** `%{NAME}e`, `%{NAME}s`, `%t`, `%D`, `%l`, `%i`, `%b`: what mod_headers puts in. */
const specifier = /%(?:\{[^}]*\}[es]|[tDlib])/;

/** In a value that is an expression (`expr=`). */
const variable = /%\{[^}]*\}/;

/** Reads `ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/`. A text: why it cannot be a route cookie. */
export function readRecipe(value: string): RecipeCookie | string {
  const isExpression = value.startsWith('expr=');
  const [pair = '', ...attributes] = (isExpression ? value.slice('expr='.length) : value).split(';');
  const route = isExpression ? /%\{(?:req)?env:BALANCER_WORKER_ROUTE\}/i : /%\{BALANCER_WORKER_ROUTE\}e/;
  const [before = '', after, ...more] = pair.trim().replaceAll('"', '').split(route);
  const equals = before.indexOf('=');
  if (after === undefined || more.length > 0 || equals === -1)
    return 'its value does not carry the route once';
  const name = before.slice(0, equals).trim();
  // For the whole host, as browsers want it of __Host-.
  if (findCookieFault({ name, path: '/' })) return `${quote(name)} is no name of a cookie`;
  if (after !== '') return `${quote(after)} stands behind the route, so that no member would be found by it`;

  const inserted = isExpression ? variable : specifier;
  const parts = before.slice(equals + 1).split(inserted);
  const prefix = parts.at(-1)!.replaceAll('%%', '%');
  const read = readAttributes(attributes, inserted);
  const lost =
    parts.length > 1
      ? ['what httpd puts in before the route is left out, which no route is found by', ...read.lost]
      : read.lost;
  return { name, prefix, attributes: read.attributes, lost };
}

function readAttributes(
  texts: readonly string[],
  inserted: RegExp,
): Readonly<{ attributes: Attributes; lost: readonly string[] }> {
  const lost: string[] = [];
  let attributes: Attributes = {};
  for (const text of texts.map((each) => each.trim()).filter((each) => each !== '')) {
    const attribute = inserted.test(text) ? 'its value is not fixed' : readAttribute(text);
    const why = typeof attribute === 'string' ? attribute : findCookieFault(attribute)?.problem;
    if (why !== undefined) lost.push(`${quote(text)} is left out: ${why}`);
    else if (typeof attribute !== 'string') attributes = { ...attributes, ...attribute };
  }
  return { attributes, lost };
}

/** What the definition would say is wrong with it. */
export function findCookieFault(routeCookie: RouteCookie): Fault | undefined {
  // As `copyDefinition` makes records.
  const options = Object.assign(Object.create(null) as object, routeCookie);
  return checkRouteCookie(options, '')[0];
}

/** RFC 6265 4.1.1, names case aside. A text: why it cannot be taken. */
function readAttribute(text: string): Attributes | string {
  const equals = text.indexOf('=');
  const key = (equals === -1 ? text : text.slice(0, equals)).trim().toLowerCase();
  const value = equals === -1 ? '' : text.slice(equals + 1).trim();
  switch (key) {
    case 'path':
      return { path: value };
    case 'domain':
      return { domain: value };
    case 'max-age':
      return /^-?\d{1,10}$/.test(value) ? readMaxAge(Number(value)) : 'it is no number of seconds';
    case 'expires':
      return { expires: new Date(value) };
    case 'httponly':
      return { httpOnly: true };
    case 'secure':
      return { secure: true };
    case 'samesite':
      return readSameSite(value.toLowerCase());
    case 'partitioned':
      return { partitioned: true };
    case 'priority':
      return readPriority(value.toLowerCase());
    default:
      return 'browsers know no such attribute';
  }
}

function readMaxAge(seconds: number): Attributes | string {
  return seconds < 1 ? 'the browser would drop the cookie at once' : { maxAge: seconds * 1000 };
}

function readSameSite(value: string): Attributes | string {
  return value === 'lax' || value === 'strict' || value === 'none'
    ? { sameSite: value }
    : 'it is Lax, Strict or None';
}

function readPriority(value: string): Attributes | string {
  return value === 'low' || value === 'medium' || value === 'high'
    ? { priority: value }
    : 'it is Low, Medium or High';
}
