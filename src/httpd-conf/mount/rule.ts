import type { IncomingMessage } from 'node:http';
import type { Balancer } from '../../balancer.ts';
import { insideOf } from '../../inside.ts';
import type { HttpdMount, VirtualHost } from '../httpd-conf.ts';
import type { Asked } from './asked.ts';
import type { AskedPath } from './asked-path.ts';
import { compileConditions, type AskConditions } from './conditions.ts';
import { compileCookie, type FillCookie } from './fill-cookie.ts';
import { compilePatternJoin, type GroupTexts } from './join-pattern.ts';
import { compilePrefixJoin, type Join } from './join-prefix.ts';
import { compileMatcher, type Fit, type Matcher } from './path-match.ts';
import { readVariables } from './variables.ts';

/** A mount, ready to be tried. */
export type Rule = Readonly<{
  mount: HttpdMount;
  match: Matcher;
  /** Undefined: it has no conditions. */
  holds: AskConditions | undefined;
  /** Of a mount of a balancer. */
  balancer: Balancer | undefined;
  /** What that is to `<Proxy>` sections. */
  url: string;
  join: ((asked: Asked, hit: Hit) => Join | Readonly<{ problem: string }>) | undefined;
  /** Of a cookie. */
  cookie: FillCookie | undefined;
}>;

/** A mount that a request fits. */
export type Hit = Readonly<{ path: AskedPath; fit: Fit; conditionGroups: GroupTexts }>;

/** Of what a rule is asked. */
export type Question = Readonly<{ asked: Asked; req: IncomingMessage; host: VirtualHost | undefined }>;

/** Makes a mount ready. `balancer`: whom it is proxied by, `isCompat`: joined as httpd does. */
export function compileRule(mount: HttpdMount, balancer: Balancer | undefined, isCompat: boolean): Rule {
  return {
    mount,
    match: compileMatcher(mount.at, mount.negated),
    holds: mount.conditions?.length ? compileConditions(mount.conditions) : undefined,
    balancer,
    url: mount.kind === 'balancer' && balancer ? (mount.url ?? nameUrl(mount, balancer)) : '',
    join: mount.kind === 'balancer' ? compileJoin(mount, isCompat) : undefined,
    cookie: mount.kind === 'cookie' ? compileCookie(mount.cookie) : undefined,
  };
}

/** As the configuration has it, whatever `define` has made of it. */
function nameUrl({ definition }: Extract<HttpdMount, { kind: 'balancer' }>, balancer: Balancer): string {
  return `balancer://${definition?.name ?? insideOf(balancer).now().parts.settings.name}`;
}

function compileJoin(
  { at, to, appendsPath, negated, query = 'keep' }: Extract<HttpdMount, { kind: 'balancer' }>,
  isGlued: boolean,
): NonNullable<Rule['join']> {
  if (typeof at === 'string' && !negated && !appendsPath) {
    const join = compilePrefixJoin({ at, to, isGlued, drops: query === 'drop' });
    return (_asked, { path, fit }) => join(path, fit);
  }
  if (appendsPath) {
    const join = compilePrefixJoin({ at: '', to, isGlued, drops: query === 'drop' });
    return (_asked, { path }) => join(path, { end: 0, groups: undefined });
  }
  const join = compilePatternJoin({ to, isGlued, query });
  return (asked, { path, fit, conditionGroups }) => join(path, fit, conditionGroups, asked.query);
}

/** Tries a rule; undefined: the request does not fit. */
export function tryRule(rule: Rule, question: Question): Hit | undefined {
  const { path } = question.asked;
  const hit = tryPath(rule, path, question);
  if (hit !== undefined || path.loose === undefined) return hit;
  // What keeps requests away from the members also keeps those away that a member may read so.
  const { kind } = rule.mount;
  return kind === 'next' || kind === 'status' ? tryPath(rule, path.loose, question) : undefined;
}

function tryPath({ match, holds }: Rule, path: AskedPath, { asked, req, host }: Question): Hit | undefined {
  const fit = match(path);
  if (fit === undefined) return undefined;
  if (holds === undefined) return { path, fit, conditionGroups: [] };
  const reading = holds({
    readVariable: readVariables(req, {
      path: path.decoded().text,
      query: asked.query,
      serverName: host?.serverName,
      serverPort: host?.ports[0],
    }),
    ruleGroups: fit.groups ?? [],
  });
  return reading.holds ? { path, fit, conditionGroups: reading.groups } : undefined;
}
