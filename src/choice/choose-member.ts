import type { MemberView } from '../member/member.ts';
import { retryAt } from '../member/retry-at.ts';
import {
  findCandidates,
  isErrorInTheWay,
  isFull,
  isHealthInTheWay,
  isInService,
  isUsable,
  type Forced,
  type Situation,
} from './eligible.ts';
import { findByRoute } from '../member/routes.ts';
import { Status } from '../member/status.ts';
import type { Candidates, Method, MethodContext } from './method.ts';

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
  /**
   * `nofailover`: the session's member is unusable, and the session may not move. `full`: those who may be chosen serve
   * their `max`. `method-failed`: a function of the definition has thrown.
   */
  reason: 'unusable' | 'nofailover' | 'full' | 'method-failed';
  /** When the next member in error is due; undefined when none is in error, or those that are due already. */
  retryAt: number | undefined;
  /** Who is full; empty where that is not the reason. */
  full: readonly MemberView[];
  /** The one who is full, where the session is bound to it, or redirected there: others may have a place. */
  bound?: MemberView;
  /** What was thrown. */
  error?: unknown;
}>;

/** No member has been tried yet. */
export const nobodyTried: ReadonlySet<MemberView> = new Set();

/** Who gets the request: the session's member first, its redirect next, then the method's choice (httpd 2.4's order). */
export function chooseMember(
  members: readonly MemberView[],
  route: string | undefined,
  rules: ChoiceRules,
  context: MethodContext,
  tried: ReadonlySet<MemberView>,
): Choice {
  const { now } = context;
  const { candidates, forced, isLimited } = assess(members, rules, now, tried);
  if (route !== undefined) {
    const bound = findBound(members, route, { now, tried, forced });
    if (bound && isFull(bound)) return { ...nobody(members, now, 'full', [bound]), bound };
    if (bound)
      return choose(bound, bound.settings.route === route ? 'route' : 'redirect', candidates, forced);
    if (rules.nofailover && findByRoute(members, route).length > 0) {
      return nobody(members, now, 'nofailover');
    }
  }
  if (candidates.length === 0) return nobody(members, now, 'unusable');
  const free = isLimited ? withoutFull(candidates) : candidates;
  if (!isFilled(free)) return nobody(members, now, 'full', candidates);
  try {
    return choose(rules.method.choose(free, context), 'method', free, forced);
  } catch (error) {
    return { ...nobody(members, now, 'method-failed'), error };
  }
}

/**
 * Who gets a request that all others have failed: members in error are tried out of turn, and then those that fail their health
 * checks; its session's own member first. Unlike with a forced choice nobody's error is forgotten, for others are up.
 */
export function chooseOutOfTurn(
  members: readonly MemberView[],
  route: string | undefined,
  { forcerecovery, method }: ChoiceRules,
  context: MethodContext,
  tried: ReadonlySet<MemberView>,
): Choice {
  for (const forced of forcerecovery ? (['errors', 'health'] as const) : []) {
    const situation = { now: context.now, tried, forced };
    const free = withoutFull(findCandidates(members, situation));
    const bound = route === undefined ? undefined : findBound(members, route, situation);
    const rest = { candidates: free, probe: false, forced: false };
    if (bound && !isFull(bound)) {
      const reason = bound.settings.route === route ? 'route' : 'redirect';
      return { kind: 'member', member: bound, reason, ...rest };
    }
    if (!isFilled(free)) continue;
    try {
      return { kind: 'member', member: method.choose(free, context), reason: 'method', ...rest };
    } catch (error) {
      return { ...nobody(members, context.now, 'method-failed'), error };
    }
  }
  return nobody(members, context.now, 'unusable');
}

type Assessment = Readonly<{
  candidates: readonly MemberView[];
  forced: Forced;
  /** Some of them have a `max`. */
  isLimited: boolean;
}>;

/** Who may be chosen, and what has to be overlooked for it. */
export function assess(
  members: readonly MemberView[],
  { forcerecovery }: Pick<ChoiceRules, 'forcerecovery'>,
  now: number,
  tried: ReadonlySet<MemberView>,
): Assessment {
  const { candidates: open, isLimited } = findOpen(members, now);
  if (open.length > 0 || !forcerecovery) {
    const forced = 'nothing';
    const candidates = tried.size === 0 ? open : findCandidates(members, { now, tried, forced });
    return { candidates, forced, isLimited };
  }
  // Unlike in httpd, members that could not be chosen anyway (out of service, drained, spare) do not stand in the way.
  const errors = isErrorInTheWay(members)
    ? findCandidates(members, { now, tried, forced: 'errors' })
    : undefined;
  if (errors && errors.length > 0) return { candidates: errors, forced: 'errors', isLimited };
  if (!isHealthInTheWay(members)) return { candidates: [], forced: errors ? 'errors' : 'nothing', isLimited };
  return {
    candidates: findCandidates(members, { now, tried, forced: 'health' }),
    forced: 'health',
    isLimited,
  };
}

type Memo = Readonly<{
  candidates: readonly MemberView[];
  isLimited: boolean;
  since: number;
  until: number;
}>;

/** By list: `members` makes a new one for each change of a member's state or settings. */
const memos = new WeakMap<readonly MemberView[], Memo>();

/** The candidates of a request that has tried nobody, errors counting. */
function findOpen(members: readonly MemberView[], now: number): Memo {
  const memo = memos.get(members);
  if (memo && now >= memo.since && now < memo.until) return memo;
  const candidates = findCandidates(members, { now, tried: nobodyTried, forced: 'nothing' });
  // Time alone changes nothing but that a member in error is due.
  const until = members.reduce((earliest, member) => {
    const at = retryAt(member);
    return at === undefined || at <= now ? earliest : Math.min(earliest, at);
  }, Infinity);
  const isLimited = members.some(({ settings }) => settings.max !== Infinity);
  const fresh = { candidates, isLimited, since: now, until };
  memos.set(members, fresh);
  return fresh;
}

function withoutFull(candidates: readonly MemberView[]): readonly MemberView[] {
  return candidates.some(isFull) ? candidates.filter((member) => !isFull(member)) : candidates;
}

function choose(
  member: MemberView,
  reason: ChoiceReason,
  candidates: readonly MemberView[],
  forced: Forced,
): Chosen {
  const isForced = forced !== 'nothing';
  const probe = !isForced && member.state.errorAt !== undefined;
  return { kind: 'member', member, reason, candidates, probe, forced: isForced };
}

function nobody(
  members: readonly MemberView[],
  now: number,
  reason: Nobody['reason'],
  full: readonly MemberView[] = [],
): Nobody {
  return { kind: 'nobody', reason, retryAt: earliestRetry(members, now), full };
}

/**
 * The member a route is bound to: several may share it, standbys last, and each may name another route to redirect to.
 * Sets, factors, spares and drain do not matter to a session (httpd's find_route_worker).
 */
export function findBound(
  members: readonly MemberView[],
  route: string,
  situation: Situation,
  asked?: Set<string>,
): MemberView | undefined {
  // Redirects may go round, and routes be shared: asking each once is enough, and soon done.
  if (asked?.has(route)) return undefined;
  const ofRoute = findByRoute(members, route);
  let seen = asked;
  for (const standby of [0, Status.hotStandby]) {
    for (const member of ofRoute) {
      if ((member.state.status & Status.hotStandby) !== standby) continue;
      if (isUsable(member, situation)) return member;
      const { redirect } = member.settings;
      if (redirect === undefined) continue;
      seen = (seen ?? new Set()).add(route);
      const other = findBound(members, redirect, situation, seen);
      if (other) return other;
    }
  }
  return undefined;
}

/**
 * When the next member in error is due; undefined when none will be. One that is due already is not waited for: nobody chooses
 * it while it is being tried, and how that ends will be news.
 */
export function earliestRetry(members: readonly MemberView[], now: number): number | undefined {
  let earliest: number | undefined;
  for (const member of members) {
    const at = isInService(member) ? retryAt(member) : undefined;
    if (at !== undefined && at > now && (earliest === undefined || at < earliest)) earliest = at;
  }
  return earliest;
}

function isFilled(members: readonly MemberView[]): members is Candidates {
  return members.length > 0;
}
