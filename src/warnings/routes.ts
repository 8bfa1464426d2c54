import type { MemberSettings, Settings } from '../definition/settings.ts';
import { quote } from '../definition/describe.ts';
import { Status } from '../member/status.ts';
import type { Watch, WatchedRequest } from './watch.ts';
import { listRoutes, quoteRoute } from './words.ts';

/** A session of a member that never was. */
export const watchRoute: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_UNKNOWN_ROUTE',
  isNeeded: (settings) =>
    (settings.sticky !== undefined || settings.routeCookie !== undefined) && hasRoutes(settings),
  judge({ session: { route, sticky } }, { settings, hasRoute, wasRoute, isDiscovering }) {
    if (route === undefined || sticky === undefined || hasRoute(route) || wasRoute(route)) return undefined;
    if (isDiscovering() || isFromDns(route, settings.members)) return undefined;
    return (
      `a client's ${quote(sticky)} names the route ${quoteRoute(route)}, and no member has that one: there are ` +
      `${listRoutes(settings)}. The method chooses for such requests. That is in order after a member was taken away, or ` +
      'where a client has made it up; else give the member that route, or say by stickysessionsep or routeregex where in the ' +
      'value the route stands'
    );
  },
};

/** Sessions that cannot stick. */
export const watchRoutes: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_NO_ROUTE',
  isNeeded: (settings) => findRouteless(settings).length > 0,
  judge(_request, { settings }) {
    const { sticky, members } = settings;
    const option = sticky ? 'stickysession' : 'routeCookie';
    const first = findRouteless(settings)[0]!;
    return (
      `${option} is set, and the member ${quote(first.url)} has no route: no session can name it, and none sticks to it. ` +
      `Write { url: ${quote(first.url)}, route: 'app${members.indexOf(first) + 1}' }`
    );
  },
};

function hasRoutes({ members }: Settings): boolean {
  return members.some(({ route }) => route !== undefined);
}

/** Those that serve sessions as a rule, and that no session can name. One alone has them all. */
function findRouteless({ sticky, routeCookie, members }: Settings): readonly MemberSettings[] {
  if ((!sticky && !routeCookie) || members.length < 2) return [];
  const seldom = Status.hotStandby | Status.hotSpare | Status.disabled | Status.stopped;
  return members.filter(
    ({ route, handler, status }) => route === undefined && handler === undefined && (status & seldom) === 0,
  );
}

/** Servers that DNS tells have the template's route with something behind it, and come and go. */
function isFromDns(route: string, members: readonly MemberSettings[]): boolean {
  return members.some((member) => member.resolve !== undefined && route.startsWith(`${member.route ?? ''}-`));
}
