import { serialize } from 'cookie';
import { signedCookie } from 'cookie-parser';
import { sign } from 'cookie-signature';
import type { RouteCookieSettings } from '../definition/settings.ts';

/**
 * The Set-Cookie value that binds a client to a route. `isSecure`: the client has come by https.
 * With secrets it is signed by the first, in cookie-parser's format.
 */
export function buildRouteCookie(
  settings: RouteCookieSettings,
  route: string,
  mountPath: string,
  isSecure: boolean,
): string {
  const { maxAge, ...attributes } = settings.attributes;
  const [secret] = settings.secrets;
  const value = settings.prefix + route;
  return serialize(settings.name, secret === undefined ? value : `s:${sign(value, secret)}`, {
    ...attributes,
    // Milliseconds in Express, seconds in the cookie.
    ...(maxAge === undefined ? {} : { maxAge: Math.floor(maxAge / 1000) }),
    path: settings.path ?? pathAttribute(mountPath),
    secure: settings.secure === 'auto' ? isSecure : settings.secure,
  });
}

/**
 * The routes that the values of this cookie, unquoted and decoded, hold. With secrets, a value without a signature,
 * or with one that no secret verifies, is no route.
 */
export function readRouteCookie(cookieValues: readonly string[], settings: RouteCookieSettings): string[] {
  const routes: string[] = [];
  for (const value of cookieValues) {
    const carried = settings.secrets.length === 0 ? value : verify(value, settings.secrets);
    const route = carried?.startsWith(settings.prefix) ? carried.slice(settings.prefix.length) : carried;
    if (route !== undefined && route !== '') routes.push(route);
  }
  return routes;
}

function verify(value: string, secrets: readonly string[]): string | undefined {
  // signedCookie would give an unsigned value back as it is.
  if (!value.startsWith('s:')) return undefined;
  const route = signedCookie(value, [...secrets]);
  return typeof route === 'string' ? route : undefined;
}

/** A mount path with a pattern in it can hold what no cookie's Path can: then the cookie is for the whole host. */
function pathAttribute(mountPath: string): string {
  return mountPath !== '' && /^[ -:=-~]+$/.test(mountPath) ? mountPath : '/';
}
