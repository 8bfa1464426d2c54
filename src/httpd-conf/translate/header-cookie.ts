import type { RouteCookie } from '../../definition/definition.ts';
import { quote } from '../../definition/describe.ts';
import { isFault } from '../../definition/problem.ts';
import type { Directive } from '../syntax/directive.ts';
import {
  findCookieFault,
  readRecipe,
  type Attributes,
  type RecipeCookie,
} from './header-cookie/read-cookie.ts';
import { readHeaderRule, type HeaderRule } from './header-cookie/read-header.ts';
import type { PlacedFault } from './pcre/refusal.ts';

/** What a `Header` directive is here. */
export type HeaderCookie =
  | Readonly<{
      kind: 'cookie';
      routeCookie: RouteCookie;
      /** How the cookie differs from httpd's; `''`: it does not. */
      why: string;
    }>
  | Readonly<{ kind: 'other'; why: string }>;

/**
 * Reads the recipe `Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED`.
 * With `compat: 'httpd'` the cookie has the attributes that are written, and no others.
 */
export function readHeaderCookie(
  item: Directive,
  options: Readonly<{ compat?: 'httpd' | undefined }> = {},
): HeaderCookie | PlacedFault {
  if (item.key !== 'header') return other('it is no Header directive');
  const rule = readHeaderRule(item.args.map(({ text }) => text));
  if (isFault(rule)) return rule;
  const why = refuseRule(rule);
  if (why !== undefined) return other(why);
  const recipe = readRecipe(rule.value);
  if (typeof recipe === 'string') return other(`${recipe}; write routeCookie: { name: 'ROUTEID' }`);
  return options.compat === 'httpd' ? buildAsWritten(recipe, rule) : buildOurs(recipe, rule);
}

function other(why: string): HeaderCookie {
  return { kind: 'other', why };
}

const appsHeaders = 'headers of answers are set by middleware of the app in front of the balancer';

/** Why it is not the recipe; undefined: it may be. */
function refuseRule({ action, name, value, when }: HeaderRule): string | undefined {
  if (name !== 'set-cookie') return appsHeaders;
  const carriesRoute = /BALANCER_WORKER_ROUTE/i.test(value);
  if (action.startsWith('edit')) {
    return carriesRoute
      ? "a member's own cookie gets no route here; write routeCookie, a cookie of the balancer's own"
      : "members' cookies are changed by proxypassreversecookiedomain and proxypassreversecookiepath alone; the balancer's own has httpOnly, secure and sameSite in routeCookie";
  }
  if (!['add', 'append', 'merge', 'set', 'setifempty'].includes(action) || !carriesRoute) return appsHeaders;
  if (/^early$/i.test(when)) return 'early, no member is chosen yet, so that the cookie would carry no route';
  return /^env=!BALANCER_ROUTE_CHANGED$/.test(when)
    ? 'a cookie is needed when the route has changed, not when it has not; write env=BALANCER_ROUTE_CHANGED'
    : undefined;
}

function buildAsWritten(recipe: RecipeCookie, rule: HeaderRule): HeaderCookie {
  const { httpOnly = false, sameSite = false, secure = false, ...others } = recipe.attributes;
  // Browsers refuse these without Secure, and so does the definition.
  const needsSecure = sameSite === 'none' || others.partitioned === true || /^__/.test(recipe.name);
  const isMended = needsSecure && secure === false;
  const routeCookie: RouteCookie = {
    ...nameCookie(recipe),
    ...others,
    httpOnly,
    sameSite,
    ...(isMended ? {} : { secure }),
  };
  const differences = isMended ? ['it is Secure over https, without which browsers refuse it'] : [];
  return tell(recipe, rule, routeCookie, differences);
}

function buildOurs(recipe: RecipeCookie, rule: HeaderRule): HeaderCookie {
  const { attributes } = recipe;
  return tell(recipe, rule, { ...nameCookie(recipe), ...attributes }, listDefaults(attributes));
}

/** What stands in front of the separator means nothing, so that what would be encoded can be left out. */
function nameCookie({ name, prefix }: RecipeCookie): RouteCookie {
  const carried = prefix.replace(/[^!#-$&-+\--:<-[\]-~]/g, '');
  return carried === '' ? { name } : { name, prefix: carried };
}

/** What routeCookie has by default and httpd's cookie has not. */
function listDefaults({ httpOnly, sameSite, secure }: Attributes): readonly string[] {
  const added = [
    httpOnly ? '' : 'HttpOnly',
    sameSite === undefined ? 'SameSite=Lax' : '',
    secure ? '' : 'over https Secure',
  ].filter((each) => each !== '');
  const off = [
    httpOnly ? '' : 'httpOnly: false',
    sameSite === undefined ? 'sameSite: false' : '',
    secure ? '' : 'secure: false',
  ].filter((each) => each !== '');
  if (added.length === 0) return [];
  return [`the cookie is also ${added.join(', ')}, unless routeCookie says ${off.join(', ')}`];
}

function tell(
  recipe: RecipeCookie,
  rule: HeaderRule,
  routeCookie: RouteCookie,
  others: readonly string[],
): HeaderCookie {
  const fault = findCookieFault(routeCookie);
  if (fault) return other(`${fault.problem}, so that nobody would be bound by it; ${fault.advice}`);
  const differences = [...tellCondition(rule), ...tellPath(recipe), ...others, ...recipe.lost];
  return { kind: 'cookie', routeCookie, why: differences.join('; ') };
}

/** Where httpd would set it at other times. */
function tellCondition({ action, when }: HeaderRule): readonly string[] {
  const told: string[] = [];
  const isChanged =
    when === 'env=BALANCER_ROUTE_CHANGED' ||
    (/^expr=[^!]*BALANCER_ROUTE_CHANGED[^!]*$/i.test(when) && !when.includes('-z'));
  if (when === '') told.push('without env=BALANCER_ROUTE_CHANGED httpd sends it with every answer');
  else if (!isChanged) told.push(`${quote(when)} does not decide about it`);
  if (action !== 'add') told.push(`cookies of members stay, where ${action} would touch them`);
  return told;
}

function tellPath({ attributes }: RecipeCookie): readonly string[] {
  return attributes.path === undefined ? ['it is for the mount path, not for the folder of the request'] : [];
}
