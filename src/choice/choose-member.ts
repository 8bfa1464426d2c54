import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import { findCandidates, isForced, isInService, isUsable, retryAt, type Situation } from './eligible.ts';
import type { Method } from './method.ts';

/** What a choice depends on besides the members. */
export type ChoiceRules = Readonly<{ nofailover: boolean; forcerecovery: boolean; method: Method }>;

/** Why a member was chosen: the session's own, the one its own redirects to, the method's; or tried already, and once more. */
export type ChoiceReason = 'route' | 'redirect' | 'method' | 'again';

/** The answer to "who gets this request?" */
export type Choice = Chosen | Nobody;

export type Chosen = Readonly<{
  kind: 'member';
  member: MemberView;
  reason: ChoiceReason;
  /** Among whom its election is charged; without the member itself, nobody is. */
  candidates: readonly MemberView[];
  /** It is in error and this request tries it. */
  probe: boolean;
  /** All errors are forgotten with this choice. */
  forced: boolean;
}>;

export type Nobody = Readonly<{
  kind: 'nobody';
  /** `nofailover`: the session's member is unusable, and the session may not move. */
  reason: 'unusable' | 'nofailover';
  /** When the first member in error is due again; undefined when none is in error. */
  retryAt: number | undefined;
}>;

/** No member has been tried yet. */
export const nobodyTried: ReadonlySet<MemberView> = new Set();

/** Who gets the request: the session's member first, its redirect next, then the method's choice (httpd 2.4's order). */
export function chooseMember(
  members: readonly MemberView[],
  route: string | undefined,
  rules: ChoiceRules,
  now: number,
  tried: ReadonlySet<MemberView>,
): Choice {
  const open = findCandidates(members, { now, tried: nobodyTried, forced: false });
  const situation = { now, tried, forced: rules.forcerecovery && isForced(members, open) };
  const candidates = situation.forced || tried.size > 0 ? findCandidates(members, situation) : open;
  if (route !== undefined) {
    const bound = findRoute(members, route, situation);
    if (bound) {
      const reason = bound.settings.route === route ? 'route' : 'redirect';
      return choose(bound, reason, candidates, situation);
    }
    if (rules.nofailover && members.some((member) => member.settings.route === route)) {
      return { kind: 'nobody', reason: 'nofailover', retryAt: earliestRetry(members) };
    }
  }
  if (!isFilled(candidates)) {
    return { kind: 'nobody', reason: 'unusable', retryAt: earliestRetry(members) };
  }
  return choose(rules.method(candidates), 'method', candidates, situation);
}

function choose(
  member: MemberView,
  reason: ChoiceReason,
  candidates: readonly MemberView[],
  { forced }: Situation,
): Chosen {
  const probe = !forced && member.state.errorAt !== undefined;
  return { kind: 'member', member, reason, candidates, probe, forced };
}

/**
 * The member a route is bound to: several may share it, standbys last, and each may name another route to redirect to.
 * Sets, factors, spares and drain do not matter to a session (httpd's find_route_worker).
 */
function findRoute(
  members: readonly MemberView[],
  route: string,
  situation: Situation,
  asked?: Set<string>,
): MemberView | undefined {
  // Redirects may go round, and routes be shared: asking each once is enough, and soon done.
  if (asked?.has(route)) return undefined;
  let seen = asked;
  for (const standby of [0, Status.hotStandby]) {
    for (const member of members) {
      if (member.settings.route !== route || (member.state.status & Status.hotStandby) !== standby) continue;
      if (isUsable(member, situation)) return member;
      const { redirect } = member.settings;
      if (redirect === undefined) continue;
      seen = (seen ?? new Set()).add(route);
      const other = findRoute(members, redirect, situation, seen);
      if (other) return other;
    }
  }
  return undefined;
}

/** When the first member in error is due again; undefined when none is in error. */
export function earliestRetry(members: readonly MemberView[]): number | undefined {
  let earliest: number | undefined;
  for (const member of members) {
    const at = isInService(member) ? retryAt(member) : undefined;
    if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
  }
  return earliest;
}

function isFilled(members: readonly MemberView[]): members is readonly [MemberView, ...MemberView[]] {
  return members.length > 0;
}
