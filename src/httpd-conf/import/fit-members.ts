import { isAmbiguous, type Routed } from '../../definition/check-routes.ts';
import { optionNames } from '../../definition/option-names.ts';
import type { ServerMember } from '../../definition/member-definition.ts';
import { parseStatus } from '../../member/status.ts';
import type { MemberDraft, MemberOptions, Source, Work } from './draft.ts';
import { leaveOut } from './worker-parameters.ts';

/** A member of a definition, and where it and its options were written. */
export type FittedMember = Readonly<{
  member: string | ServerMember;
  source: Source;
  from: ReadonlyMap<string, Source>;
}>;

type Options = Partial<MemberOptions>;

/** Members as a definition takes them: what does nothing beside the rest is left out, and told. */
export function fitMembers(
  drafts: readonly MemberDraft[],
  isLone: boolean,
  work: Work,
): readonly FittedMember[] {
  const {
    ledger,
    options: { compat },
  } = work;
  const members: { draft: MemberDraft; options: Mutable }[] = [];
  const bases = new Set<string>();
  if (!isLone && compat === undefined) tellSlash(drafts, ledger);
  for (const draft of drafts) {
    if (bases.has(draft.base)) {
      ledger.drop(
        draft.source.item,
        'the same server is a member already, and httpd ignores what a second line says of it',
      );
      continue;
    }
    bases.add(draft.base);
    const options = leaveUseless(draft, isLone, work);
    const route = options.route;
    if (route !== undefined && compat === undefined) {
      const first = members.find((other) => isAmbiguous(toRouted(other.options), toRouted(options)));
      if (first) {
        options.route = undefined;
        ledger.differ(
          draft.source.item,
          `${first.draft.url} has route ${route} too, and keeps it: sessions find that one; status=+H on this line, or compat: 'httpd', lets it stand in`,
        );
      }
    }
    members.push({ draft, options });
  }
  const routes = members.flatMap(({ options }) => options.route ?? []);
  for (const { draft, options } of members) leaveRedirect(draft, options, routes, work);
  return members.map(({ draft, options }) => ({
    member: write(draft.url, options),
    source: draft.source,
    from: draft.from,
  }));
}

/** Once for all members, since it is so for all of them. */
function tellSlash(drafts: readonly MemberDraft[], ledger: Work['ledger']): void {
  const first = drafts.find(({ url }) => url.endsWith('/'));
  if (first === undefined) return;
  const path = first.url.replace(/^(unix:[^|]*\|)?[^:]*:\/\/[^/]*/, '');
  ledger.differ(
    first.source.item,
    `one slash joins members and paths: httpd would ask for ${path}/x where this asks for ${path}x`,
  );
}

type Mutable = { -readonly [Name in keyof Options]?: Options[Name] | undefined };

function leaveUseless({ options, from, source }: MemberDraft, isLone: boolean, { ledger }: Work): Mutable {
  let left: Mutable = { ...options };
  // The balancer has it.
  delete left.upgrade;
  const leave = (names: readonly (keyof MemberOptions)[], why: string): void => {
    for (const name of names) {
      if (left[name] === undefined) continue;
      left = { ...left, [name]: undefined };
      ledger.differ((from.get(name) ?? source).item, leaveOut(name, why));
    }
  };
  // Always tried, which is what 0 says.
  if (isLone && left.retry === 0) delete left.retry;
  if (isLone)
    leave(
      ['loadfactor', 'lbset', 'route', 'redirect', 'status', 'retry'],
      'it is for members of a balancer, and this is a server by itself, which is always tried',
    );
  if (left.max === undefined) leave(['acquire'], 'nobody waits for a member without max; write max too');
  const { hcmethod } = left;
  if (hcmethod === undefined)
    leave(
      ['hcuri', 'hcinterval', 'hcpasses', 'hcfails', 'hcexpect'],
      'without hcmethod nothing is checked, as in httpd',
    );
  if (hcmethod === 'TCP') leave(['hcuri', 'hcexpect'], 'TCP connects and asks for nothing, as in httpd');
  if (hcmethod === 'OPTIONS' || hcmethod === 'OPTIONS11') leave(['hcuri'], 'OPTIONS asks for *, as in httpd');
  return left;
}

function toRouted({ route, lbset = 0, status = '' }: Mutable): Routed {
  return { route, lbset, status: parseStatus(status) };
}

function leaveRedirect(
  draft: MemberDraft,
  options: Mutable,
  routes: readonly string[],
  { ledger }: Work,
): void {
  const { redirect, route } = options;
  if (redirect === undefined) return;
  const why =
    route === undefined
      ? 'it is for sessions with the route of this member, which has none'
      : redirect === route
        ? "it is the member's own route"
        : routes.includes(redirect)
          ? undefined
          : 'no other member has this route';
  if (why === undefined) return;
  options.redirect = undefined;
  ledger.differ((draft.from.get('redirect') ?? draft.source).item, leaveOut('redirect', why));
}

/** In the order of the documentation; a URL alone where there is nothing more. */
function write(url: string, options: Mutable): string | ServerMember {
  const given = optionNames.member.flatMap((name) => {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return given.length === 0 ? url : { url, ...Object.fromEntries(given) };
}
