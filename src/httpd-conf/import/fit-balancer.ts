import { readsOwnCookie, splitStickysession } from '../../definition/check-sessions.ts';
import type { ServerMember } from '../../definition/member-definition.ts';
import type { Item } from '../syntax/directive.ts';
import type { Bag, BalancerOptions, MemberDraft, Source, Work } from './draft.ts';
import type { FittedMember } from './fit-members.ts';
import { leaveOut } from './worker-parameters.ts';

type Options = { -readonly [Name in keyof BalancerOptions]?: BalancerOptions[Name] | undefined };

/** Options of a balancer as a definition takes them: what does nothing beside the rest is left out, and told. */
export function fitBalancer(
  bag: Bag<BalancerOptions>,
  members: readonly FittedMember[],
  source: Source,
  work: Work,
): Options {
  let options: Options = { ...bag.options };
  const left = new Map<Item, string[]>();
  const leave = (names: readonly (keyof Options)[], why: string): void => {
    for (const name of names) {
      const value = options[name];
      if (value === undefined) continue;
      options = { ...options, [name]: undefined };
      const { item } = bag.from.get(name) ?? source;
      if (value !== false) left.set(item, [...(left.get(item) ?? []), leaveOut(name, why)]);
    }
  };
  const ofSessions = [
    'stickysession',
    'stickysessionsep',
    'routeregex',
    'scolonpathdelim',
    'nofailover',
  ] as const;
  const hasRoutes = members.some(({ member }) => typeof member !== 'string' && member.route !== undefined);
  bindByCookie(options, bag, hasRoutes, work);
  if (!hasRoutes) leave(ofSessions, 'no member has a route that sessions could be bound to');
  if (options.stickysession === undefined) {
    const isBound = options.routeCookie !== undefined;
    leave(
      ofSessions.filter((name) => name !== 'nofailover' || !isBound),
      isBound ? 'routeCookie reads its cookie itself' : 'without stickysession no session is bound',
    );
  }
  for (const [item, whys] of left) tellLeft(item, whys, work);
  return options;
}

/** A ProxySet is nothing but its parameters; of another line the rest is taken. */
function tellLeft(item: Item, whys: readonly string[], { ledger }: Work): void {
  const isWhole =
    item.key === 'proxyset' && whys.length === item.args.filter(({ text }) => text.includes('=')).length;
  for (const why of whys)
    if (isWhole) ledger.drop(item, why);
    else ledger.differ(item, why);
}

/** The cookie that Header sets is the balancer's own where stickysession reads it; elsewhere httpd never sets it. */
function bindByCookie(
  options: Options,
  bag: Bag<BalancerOptions>,
  hasRoutes: boolean,
  { ledger }: Work,
): void {
  const { routeCookie, stickysession } = options;
  if (routeCookie === undefined || typeof routeCookie === 'boolean') return;
  const name = routeCookie.name ?? 'ROUTEID';
  const names = stickysession === undefined ? undefined : splitStickysession(stickysession);
  const cookie = names?.cookie;
  if (cookie === name && hasRoutes) {
    if (readsOwnCookie(options)) return;
    delete options.stickysession;
    const said = bag.from.get('stickysession');
    if (said)
      ledger.differ(
        said.item,
        leaveOut(
          'stickysession',
          `routeCookie reads ${name}; the parameter ${names?.parameter ?? name} of URLs is not read`,
        ),
      );
    return;
  }
  delete options.routeCookie;
  const said = bag.from.get('routeCookie');
  if (said && cookie !== undefined)
    ledger.differ(
      said.item,
      hasRoutes
        ? `not for balancers whose stickysession is ${cookie}`
        : 'not for balancers whose members have no route',
    );
}

/** The protocols that members may be upgraded to, which here is said of the balancer. */
export function listUpgrades(members: readonly MemberDraft[], work: Work): Pick<BalancerOptions, 'upgrade'> {
  const saying = members.filter(({ options }) => options.upgrade !== undefined);
  const [first] = saying;
  if (first === undefined) return work.options.compat === undefined ? {} : { upgrade: false };
  const all = [...new Set(saying.flatMap(({ options }) => options.upgrade ?? []))];
  if (saying.length < members.length)
    for (const { source } of saying)
      work.ledger.differ(source.item, 'upgrade: it holds for all members of the balancer');
  const protocols = all.filter((protocol) => protocol !== 'NONE');
  if (protocols.length === 0) return { upgrade: false };
  if (protocols.includes('ANY')) return { upgrade: 'ANY' };
  return { upgrade: protocols.length === 1 ? protocols[0]! : protocols };
}

/** What is said of TLS to members, where any is spoken to by it. */
export function describeTls(
  members: readonly FittedMember[],
  { verifies, speaksTls }: Readonly<{ verifies?: boolean; speaksTls?: boolean }>,
  { ledger }: Work,
): Readonly<{ memberDefaults?: { tls: { rejectUnauthorized: false } } }> {
  const secure = members.filter(({ member }) => /^(unix:[^|]*\|)?https:/i.test(urlOf(member)));
  const [first] = secure;
  if (first === undefined) return {};
  if (speaksTls !== true)
    ledger.differ(first.source.item, 'it is spoken to by TLS, where httpd would want SSLProxyEngine On');
  if (verifies === false) return { memberDefaults: { tls: { rejectUnauthorized: false } } };
  if (verifies === undefined)
    ledger.differ(
      first.source.item,
      'certificates of members are verified, which httpd does not unless told; write SSLProxyVerify none for tls: { rejectUnauthorized: false }',
    );
  return {};
}

function urlOf(member: string | ServerMember): string {
  return typeof member === 'string' ? member : member.url;
}
