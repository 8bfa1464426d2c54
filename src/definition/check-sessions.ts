import { isArray, isRegExp, quote } from './describe.ts';
import { isString, judgePatternSource, judgeRegExp, judgeToken } from './judges.ts';
import {
  checkBy,
  isOptions,
  stateProblem,
  type Check,
  type Fault,
  type Options,
  type Problem,
} from './problem.ts';
import { findNearest } from './spelling.ts';

/** The cookie and the parameter that `stickysession` names; blanks around them do not count. */
export function splitStickysession(text: string): Readonly<{ cookie: string; parameter: string }> {
  const [cookie = '', parameter = cookie] = text.split('|').map((part) => part.trim());
  return { cookie, parameter };
}

/** The check of `stickysession` by itself. */
export const checkStickysession: Check = checkBy((value) => {
  const advice = "write 'cookie' or 'cookie|parameter'";
  if (!isString(value)) return { problem: "it must be a cookie's name", advice };
  if (value.trim() === '') return { problem: 'it is empty', advice: `leave it out, or ${advice}` };
  // As its form says "none": for a cookie of this name, every session would be lost without a word.
  if (value.trim() === '-')
    return { problem: "httpd's manager takes stickysession away by it", advice: 'leave it out' };
  if (value.split('|').length > 2) return { problem: 'it has more than two names', advice };
  const { cookie, parameter } = splitStickysession(value);
  const fault = judgeToken("a cookie's name", advice.slice('write '.length))(cookie);
  if (fault) return fault;
  // What would end or split the parameter in a path or a query.
  if (/^[^\s\p{Cc};&=?/#]+$/u.test(parameter)) return undefined;
  return { problem: 'no parameter can have that name', advice };
});

/** The check of `stickysessionsep` by itself. */
export const checkStickysessionsep: Check = checkBy((value) => {
  if (!isString(value) || value === '') {
    const advice = "write one such as '.', or 'Off' where the whole value is the route";
    return { problem: 'it must be a separator of one or more letters', advice };
  }
  const isOff = value !== 'Off' && value.toLowerCase() === 'off';
  return isOff ? { problem: 'there is no such separator', advice: "write 'Off'" } : undefined;
});

/** The check of `routeregex` by itself. */
export const checkRouteregex: Check = checkBy((value) => {
  if (isRegExp(value)) return judgeRegExp(value);
  if (isString(value)) return judgePatternSource(value);
  return {
    problem: 'it must be a pattern',
    advice: "write a RegExp such as /!(.*)$/, or its source '!(.*)$'",
  };
});

/**
 * What the options that bind sessions say together, and with the members.
 * `isMisspelt`: the definition has a stickysession under another name, and has been told so.
 */
export function checkSessions(definition: Options, isMisspelt: boolean): readonly Problem[] {
  const members = isArray(definition['members']) ? definition['members'] : [];
  const routes = members.map((member) => (isOptions(member) ? member['route'] : undefined)).filter(isString);
  return [
    ...members.flatMap((member, i) => checkRedirect(member, `members[${i}]`, routes)),
    ...checkRoutes(definition, members, routes),
    ...(isMisspelt ? [] : checkRelated(definition)),
    ...checkCookieNames(definition),
  ];
}

/** Whether a member's `redirect` is one of these routes, but not its own. */
export function checkRedirect(member: unknown, path: string, routes: readonly string[]): readonly Problem[] {
  if (!isOptions(member) || !isString(member['redirect']) || member['redirect'] === '') return [];
  const { redirect, route } = member;
  const fault = judgeRedirect(redirect, route, routes);
  return fault ? [stateProblem(`${path}.redirect`, redirect, fault)] : [];
}

const noRoute = 'no other member has this route';

/** What is wrong with a redirect to one of these routes from a member that has this one. */
export function judgeRedirect(
  redirect: string,
  route: unknown,
  routes: readonly string[],
): Fault | undefined {
  if (!routes.includes(redirect)) {
    const others = routes.filter((other) => other !== route);
    const nearest = findNearest(redirect, others);
    if (nearest !== undefined) return { problem: noRoute, advice: `write ${quote(nearest)}` };
    const known = others.slice(0, 5).map(quote).join(', ');
    return known === ''
      ? { problem: 'no other member has a route', advice: 'give one to the member that takes over' }
      : { problem: noRoute, advice: `write one of ${known}` };
  }
  if (route === undefined) {
    return {
      problem: 'it is for sessions with the route of this member, which has none',
      advice: 'write route too, or leave it out',
    };
  }
  if (redirect !== route) return undefined;
  return {
    problem: "it is the member's own route",
    advice: 'write the route of another member, or leave it out',
  };
}

function checkRoutes(
  definition: Options,
  members: readonly unknown[],
  routes: readonly string[],
): readonly Problem[] {
  const needing = ['stickysession', 'routeCookie'].filter(
    (option) => definition[option] !== undefined && definition[option] !== false,
  );
  if (routes.length === 0 && members.length > 0) {
    // httpd would set `ROUTEID=.` with every answer.
    const fault = {
      problem: 'no member has a route',
      advice: "write { url, route: 'app1' } for the members",
    };
    return needing.map((option) => stateProblem(option, definition[option], fault));
  }
  return members.flatMap((member, i) => checkRouteUse(member, `members[${i}]`, definition));
}

/** Whether sessions can carry a member's route, and be read again. */
export function checkRouteUse(member: unknown, path: string, definition: Options): readonly Problem[] {
  const route = isOptions(member) ? member['route'] : undefined;
  const fault = isString(route) ? judgeRouteUse(route, definition) : undefined;
  return fault ? [stateProblem(`${path}.route`, route, fault)] : [];
}

function judgeRouteUse(route: string, definition: Options): Fault | undefined {
  // RFC 6265 4.1.1, cookie-octet; and % would be decoded on its way back.
  if (hasRouteCookie(definition) && !/^[!#-$&-+\--:<-[\]-~]*$/.test(route)) {
    return {
      problem: 'routeCookie cannot carry it',
      advice: 'write it without blanks, controls, letters beyond ASCII and " , ; \\ %',
    };
  }
  const separator = definition['stickysessionsep'] ?? '.';
  const isLast = definition['separatorMatch'] === 'last' && definition['routeregex'] === undefined;
  if (!isLast || !isString(definition['stickysession']) || !isString(separator) || separator === 'Off')
    return undefined;
  if (!route.includes(separator)) return undefined;
  return {
    problem: `after the last ${quote(separator)} it is never found whole`,
    advice: "write it without, or separatorMatch: 'first'",
  };
}

/** Options that say how a route is found, where none is looked for. */
function checkRelated(definition: Options): readonly Problem[] {
  if (definition['stickysession'] !== undefined) return [];
  const complain = (option: string, problem: string): Problem =>
    stateProblem(option, definition[option], { problem, advice: 'write stickysession too, or leave it out' });
  const readers = ['stickysessionsep', 'separatorMatch', 'routeregex', 'scolonpathdelim']
    .filter((option) => definition[option] !== undefined && definition[option] !== false)
    .map((option) => complain(option, 'it says how stickysession is read, and there is none'));
  if (definition['nofailover'] !== true || hasRouteCookie(definition)) return readers;
  return [
    ...readers,
    complain('nofailover', 'no session is bound to a member without stickysession or routeCookie'),
  ];
}

/** The balancer's own cookie in the place of the application's. */
function checkCookieNames(definition: Options): readonly Problem[] {
  const { stickysession, routeCookie } = definition;
  if (!isString(stickysession) || !hasRouteCookie(definition)) return [];
  const given = isOptions(routeCookie) ? routeCookie['name'] : undefined;
  const name = given ?? 'ROUTEID';
  if (name !== splitStickysession(stickysession).cookie || readsOwnCookie(definition)) return [];
  const fault = {
    problem: "it is stickysession's cookie too, so the balancer would overwrite the application's",
    advice: 'write another name, or leave stickysession out: routeCookie reads its cookie itself',
  };
  return [stateProblem('routeCookie.name', given ?? name, fault)];
}

/** httpd's recipe: stickysession finds the route behind the prefix, so that both read the one cookie alike. */
export function readsOwnCookie({
  routeCookie,
  stickysessionsep = '.',
  separatorMatch,
  routeregex,
}: Options): boolean {
  const { prefix = '', secret }: Options = { ...(typeof routeCookie === 'object' && routeCookie) };
  // A signature would be in the way, and a route without one believed.
  if (routeregex !== undefined || secret !== undefined) return false;
  if (!isString(prefix) || !isString(stickysessionsep)) return false;
  if (stickysessionsep === 'Off') return prefix === '';
  const at =
    separatorMatch === 'last' ? prefix.lastIndexOf(stickysessionsep) : prefix.indexOf(stickysessionsep);
  return at !== -1 && at + stickysessionsep.length === prefix.length;
}

function hasRouteCookie({ routeCookie }: Options): boolean {
  return routeCookie !== undefined && routeCookie !== false;
}
