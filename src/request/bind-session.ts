import type { Settings } from '../definition/settings.ts';
import { valuesOfCookie } from './cookies.ts';
import type { Inbound } from './inbound.ts';
import type { FindSession } from './session.ts';
import { readRouteCookie } from '../rewrite/route-cookie.ts';

/** What binds a request, stickysession and the balancer's own cookie considered together. */
export type BoundSession = Readonly<{
  /** Whether the balancer looks for sessions at all. */
  configured: boolean;
  route: string | undefined;
  /** Name of the cookie or parameter that delivered the route. */
  sticky: string | undefined;
  /** The session's value without its route, of stickysession only: a secret, to be counted and never told. */
  id: string | undefined;
  /** The route that the balancer's own cookie carries, if its signature holds. */
  cookieRoute: string | undefined;
}>;

const unbound: BoundSession = {
  configured: false,
  route: undefined,
  sticky: undefined,
  id: undefined,
  cookieRoute: undefined,
};

/**
 * The application's own session comes first: its state lives where that says. The balancer's cookie decides
 * where there is no such session, or where it names a member that is not there. httpd has no cookie of its own: what
 * stickysession finds is all, be it in a URL, and the cookie is set where that is another's route.
 */
export function bindSession(
  inbound: Inbound,
  { sticky, routeCookie, compat }: Pick<Settings, 'sticky' | 'routeCookie' | 'compat'>,
  findSession: FindSession,
  hasRoute: (route: string) => boolean,
): BoundSession {
  if (!sticky && !routeCookie) return unbound;
  const session = findSession(inbound, sticky, hasRoute);
  const isOne = compat === 'httpd' && routeCookie !== undefined && sticky?.cookie === routeCookie.name;
  if (!routeCookie || isOne) {
    const { route, sticky: name, id } = session ?? unbound;
    return { configured: true, route, sticky: name, id, cookieRoute: isOne ? route : undefined };
  }
  const routes = readRouteCookie(valuesOfCookie(inbound.headers, routeCookie.name), routeCookie);
  const cookieRoute = routes.find(hasRoute) ?? routes[0];
  const own =
    cookieRoute === undefined ? undefined : { route: cookieRoute, sticky: routeCookie.name, id: undefined };
  const bound = session && (hasRoute(session.route) || !own) ? session : (own ?? session);
  const { route, sticky: name, id } = bound ?? unbound;
  return { configured: true, route, sticky: name, id, cookieRoute };
}
