import { isFault } from '../../definition/problem.ts';
import type { RouteCookie } from '../../definition/definition.ts';
import type { Condition, Notice } from '../httpd-conf.ts';
import { readCookie } from './rewrite-cookie.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import { readTarget } from './rewrite-target.ts';

/** What a mount of a rule does. */
type Deed =
  | Readonly<{
      kind: 'proxy';
      target: string;
      origin: string;
      to: string;
      query: 'keep' | 'append' | 'drop';
    }>
  | Readonly<{ kind: 'cookie'; cookie: string }>
  | Readonly<{ kind: 'status'; status: 403 | 410 }>
  | Readonly<{ kind: 'next' }>
  | Readonly<{ kind: 'route-cookie'; routeCookie: RouteCookie }>;

/** What a rule comes to for the requests that it fits. */
export type Effects = Readonly<{
  /** In order. */
  mounts: readonly Readonly<{
    is: Deed;
    /** To be asked after the rule's own. */
    conditions: readonly Condition[];
    /** What groups are put into. */
    template: string;
    /** Of a cookie. */
    name: string | undefined;
  }>[];
  verdicts: readonly Readonly<{ kind: Notice['kind']; why: string }>[];
  /** No rule after it is tried. */
  ends: boolean;
  /** One of its mounts serves the request, or hands it on. */
  serves: boolean;
  /** Rules after it would see another URL. */
  changesUrl: boolean;
  /** It takes requests away from ProxyPass (E=no-proxy). */
  isUnproxied: boolean;
}>;

type Draft = {
  mounts: Effects['mounts'][number][];
  verdicts: Effects['verdicts'][number][];
};

/** Reads what a rule does. `isLast`: there is none after it. */
export function readEffects(rule: RewriteRule, isLast: boolean): Effects {
  const draft: Draft = { mounts: [], verdicts: [] };
  const { flags, output } = rule;
  const tell = (kind: Notice['kind'], why: string): void => void draft.verdicts.push({ kind, why });
  const isChanging = output !== '-' && flags.status === undefined;
  const isAway = isChanging && !flags.proxy && (flags.redirect || /^[a-z][\w+.-]*:\/\//i.test(output));
  const isUnproxied = flags.env.some((value) => /^no-proxy(?:$|:)/.test(value));

  for (const cookie of flags.cookies) readOneCookie(cookie, draft, tell);
  const ends = flags.last || flags.proxy || flags.status !== undefined || isAway || flags.next;
  const isFile =
    isChanging && !flags.proxy && !isAway && !flags.passThrough && (ends || isLast) && !flags.next;
  let serves = false;
  if (flags.status !== undefined) {
    serves = true;
    addStatus(flags.status, draft, tell);
  } else if (flags.proxy && isChanging) {
    serves = addProxy(rule, draft, tell);
  } else if (isAway) {
    serves = true;
    add(draft, { kind: 'next' });
    const redirect = 'it is not redirected, nor proxied: the later middleware of the app gets it';
    tell('different', `${redirect}; write there res.redirect(…)`);
  } else if (isFile) {
    serves = true;
    add(draft, { kind: 'next' });
    const file =
      'httpd serves a file of its own: it is not proxied, and the later middleware of the app gets it';
    tell('different', `${file}, with its URL as it came; mount express.static there`);
  } else if (isChanging) {
    tell(
      'dropped',
      'the URL is changed for a proxy only (P): rules after it, and ProxyPass, see it as it came',
    );
  } else tellOthers(rule, tell);

  if (isUnproxied) tell('taken', 'requests that it fits are not proxied by ProxyPass');
  const idle = flags.idle.filter((flag) => flag !== 'E' || !isUnproxied);
  if (idle.length > 0) {
    const isAll = draft.verdicts.length === 0;
    const why = `${idle.join(' and ')}: variables, handlers and types of httpd do nothing here`;
    tell(isAll ? 'dropped' : 'different', why);
  }
  if (draft.verdicts.length === 0) tell('dropped', 'it does nothing');
  return { ...draft, ends, serves, changesUrl: isChanging, isUnproxied };
}

function add(
  draft: Draft,
  is: Deed,
  conditions: readonly Condition[] = [],
  template = '',
  name?: string,
): void {
  draft.mounts.push({ is, conditions, template, name });
}

type Tell = (kind: Notice['kind'], why: string) => void;

function readOneCookie(text: string, draft: Draft, tell: Tell): void {
  const cookie = readCookie(text);
  if (isFault(cookie)) tell('dropped', `CO: ${cookie.problem}: ${cookie.advice}`);
  else if (cookie.kind === 'route-cookie') {
    const { name, routeCookie } = cookie;
    add(draft, { kind: 'route-cookie', routeCookie });
    const empty = 'the route is not known yet when httpd rewrites, so that it sets an empty one';
    const instead = `routeCookie: { name: ${JSON.stringify(name)} } of the balancers with this stickysession`;
    tell('different', `${empty}; here it is ${instead}`);
  } else {
    const { name, conditions, route } = cookie;
    add(draft, { kind: 'cookie', cookie: cookie.cookie }, conditions, cookie.cookie, name);
    const binds = `if ${name} is the stickysession of a balancer, it binds everybody to ${route ?? ''}`;
    const instead = 'such a line is for a backend, and routeCookie does it here';
    tell('taken', `sets the cookie ${name}${route === undefined ? '' : `; ${binds}: ${instead}`}`);
  }
}

function addStatus(status: number, draft: Draft, tell: Tell): void {
  const sent = status === 410 ? 410 : 403;
  add(draft, { kind: 'status', status: sent });
  if (sent === status) tell('taken', `answered with ${sent}`);
  else
    tell('different', `answered with 403 rather than ${status}: for ${status}, write a middleware in front`);
}

/** Answers whether it is proxied. */
function addProxy({ output, pattern, flags, item }: RewriteRule, draft: Draft, tell: Tell): boolean {
  const written = item.args[0]?.text.startsWith('!') ? `!${pattern}` : pattern;
  const target = readTarget(output, written, flags);
  if (isFault(target)) {
    tell('dropped', `${target.problem}: ${target.advice}`);
    return false;
  }
  const { conditions, ...where } = target;
  add(draft, { kind: 'proxy', ...where }, conditions, target.target);
  tell('taken', `proxied to ${target.origin}, before any ProxyPass`);
  return true;
}

function tellOthers({ flags }: RewriteRule, tell: Tell): void {
  if (flags.next)
    tell('dropped', 'N starts over for ever where the URL stays the same, and httpd answers 500');
  else if (flags.proxy || flags.last) {
    tell('taken', 'ends the rewriting: no RewriteRule after it is tried, ProxyPass is');
  }
  if (flags.skip > 0) {
    const what = flags.skip === 1 ? 'next RewriteRule is' : `next ${flags.skip} RewriteRules are`;
    tell('taken', `where it fits, the ${what} not tried`);
  }
  if (flags.chain) tell('taken', 'the next RewriteRule is only tried where it fits');
}
