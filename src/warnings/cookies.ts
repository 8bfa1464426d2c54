import { isIP } from 'node:net';
import { quote } from '../definition/describe.ts';
import type { Settings } from '../definition/settings.ts';
import { hasField, valuesOf } from '../rewrite/headers.ts';
import { isBelow, withoutTrailingSlash } from '../rewrite/map-path.ts';
import { isLoopback, publicHostOf } from './host.ts';
import { readSetCookie, type ReadCookie } from './read-set-cookie.ts';
import type { Surroundings, Watch, WatchedAnswer } from './watch.ts';
import { listRoutes, quoteRoute } from './words.ts';

/** Whether a client is given a cookie that is to bind it. */
export function setsSessionCookie({ sticky, routeCookie }: Settings, headers: readonly string[]): boolean {
  return valuesOf(headers, 'set-cookie').some((text) => {
    const name = text.slice(0, Math.max(0, text.indexOf('='))).trim();
    return name !== '' && (name === sticky?.cookie || name === routeCookie?.name);
  });
}

function isSticky({ sticky, routeCookie }: Settings): boolean {
  return sticky !== undefined || routeCookie !== undefined;
}

/** The balancer's own comes last. `isOwn`: it is that one. */
function* listCookies(
  { reply }: WatchedAnswer,
  { settings: { sticky, routeCookie }, now }: Surroundings,
): Generator<ReadCookie & { isOwn: boolean }> {
  for (const text of valuesOf(reply.headers, 'set-cookie')) {
    const cookie = readSetCookie(text, now());
    if (!cookie || cookie.isRemoval) continue;
    if (cookie.name === routeCookie?.name) yield { ...cookie, isOwn: true };
    else if (cookie.name === sticky?.cookie) yield { ...cookie, isOwn: false };
  }
}

function watchCookies(
  code: Watch<WatchedAnswer>['code'],
  judge: (
    cookie: ReadCookie & { isOwn: boolean },
    answer: WatchedAnswer,
    around: Surroundings,
  ) => string | undefined,
): Watch<WatchedAnswer> {
  return {
    code,
    isNeeded: isSticky,
    judge(answer, around) {
      for (const cookie of listCookies(answer, around)) {
        const words = judge(cookie, answer, around);
        if (words !== undefined) return words;
      }
      return undefined;
    },
  };
}

/** RFC 6265 5.3 and 5.1.3: a cookie for another host than the one that has set it is dropped. */
export const watchDomain = watchCookies(
  'WARN_BALANCER_COOKIE_DOMAIN',
  ({ name, domain, isOwn }, { request: { inbound }, member }) => {
    const host = publicHostOf(inbound);
    if (domain === undefined || host === undefined || host === '') return undefined;
    if (host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0)) return undefined;
    // A health check by address says nothing of what browsers ask for.
    if (isIP(host) !== 0 && !isLoopback(host)) return undefined;
    const what = `the session cookie ${quote(name)} has Domain=${bound(domain)}, and was asked for as ${bound(host)}: browsers drop it.`;
    return isOwn
      ? `${what} Leave domain out of routeCookie: then it is for the host that was asked for`
      : `${what} ${quote(member.origin)} has set it: leave the Domain out there, or write proxypassreversecookiedomain: { '${bound(domain)}': '${bound(host)}' }`;
  },
);

/** RFC 6265 5.1.4: a cookie is sent to what lies below its path. */
export const watchCookiePath = watchCookies(
  'WARN_BALANCER_COOKIE_PATH',
  ({ name, path, isOwn }, { request: { inbound }, member }) => {
    // A proxy in front has taken off what the cookie may be for.
    if (path === undefined || hasField(inbound.headers, 'x-forwarded-prefix')) return undefined;
    const { mountPath } = inbound;
    const base = withoutTrailingSlash(path);
    if (isBelow(mountPath, base) || isBelow(base, mountPath)) return undefined;
    const what = `the session cookie ${quote(name)} has Path=${quote(path)}, and the balancer is mounted at ${quote(mountPath)}: browsers do not send it there.`;
    return isOwn
      ? `${what} Leave path out of routeCookie: then it is the mount path`
      : `${what} ${quote(member.origin)} has set it: have it say Path=/, or write proxypassreversecookiepath: { ${quote(path)}: ${quote(mountPath)} }`;
  },
);

/** RFC 6265bis 5.7: Secure cookies of plain http are dropped, and so is SameSite=None without Secure. */
export const watchSecure = watchCookies(
  'WARN_BALANCER_COOKIE_SECURE',
  ({ name, isSecure, sameSite }, { request: { inbound } }) => {
    if (sameSite === 'none' && !isSecure) {
      return `the session cookie ${quote(name)} has SameSite=None without Secure: browsers drop it. Write Secure beside it, and serve by https; or SameSite=Lax`;
    }
    const host = publicHostOf(inbound);
    if (!isSecure || inbound.protocol === 'https' || host === undefined || isLoopback(host)) return undefined;
    // Who speaks https in front says so; whether that is believed is another warning's business.
    if (!inbound.trusted && hasField(inbound.headers, 'x-forwarded-proto')) return undefined;
    return (
      `the session cookie ${quote(name)} is Secure, and the client has come by http: browsers drop it. Where a proxy in front ` +
      "speaks https, have it send X-Forwarded-Proto, and write app.set('trust proxy', 1); else serve by https, or leave " +
      'Secure out'
    );
  },
);

/** What the backends write is not what the balancer looks for. */
export const watchCookieRoute = watchCookies(
  'WARN_BALANCER_COOKIE_WITHOUT_ROUTE',
  ({ name, value, isOwn }, { request: { inbound }, member }, around) => {
    const { settings, findSession, hasRoute, wasRoute, isDiscovering } = around;
    const { members, routeCookie, sticky } = settings;
    if (isOwn || routeCookie || isDiscovering()) return undefined;
    // One member has all sessions; without any routes there is another warning.
    if (members.length < 2 || !members.some(({ route }) => route !== undefined)) return undefined;
    // The app's cookie-parser will have taken the signature off.
    if (inbound.parsedCookies !== undefined && /^"?s(?::|%3a)/i.test(value)) return undefined;
    const headers = ['Cookie', `${name}=${value}`];
    const facts = { path: '/', pathToMember: '/', query: '', headers, parsedCookies: undefined };
    const session = findSession(facts, sticky, hasRoute);
    if (session && (hasRoute(session.route) || wasRoute(session.route))) return undefined;
    const found = session
      ? `what stands for the route is ${quoteRoute(session.route)}`
      : 'there is no route in it';
    return (
      `${quote(member.origin)} has set the session cookie ${quote(name)}, and it names no member: ${found}, and the routes ` +
      `are ${listRoutes(settings)}. Sessions do not stick. Where the backends know nothing of routes, write routeCookie: true; ` +
      'else have each write its own behind the session (Tomcat: jvmRoute), and say by stickysessionsep or routeregex where it stands'
    );
  },
);

/** Without quotes: it goes into what is to be written. */
function bound(host: string): string {
  return quote(host).slice(1, -1);
}
