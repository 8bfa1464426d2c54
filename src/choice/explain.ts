import type { MemberView } from '../member/member.ts';
import { retryAt } from '../member/retry-at.ts';
import { Status } from '../member/status.ts';
import { assess, chooseMember, nobodyTried, type Choice, type ChoiceRules } from './choose-member.ts';
import { isFull, isInService, type Forced } from './eligible.ts';
import type { MethodContext } from './method.ts';

/** Why a member would be chosen, or would not. */
export type Why =
  /** It is the session's own. */
  | 'route'
  /** The session's own member redirects to it. */
  | 'redirect'
  /** The method's choice. */
  | 'method'
  | 'disabled'
  | 'stopped'
  | 'health-check-failed'
  /** In error, and not due yet. */
  | 'in-error'
  /** In error for what it answered, and not due yet. */
  | 'ejected'
  /** In error, and another request is trying it. */
  | 'on-trial'
  /** It serves only the sessions that are bound to it. */
  | 'draining'
  /** A lower lbset serves. */
  | 'higher-lbset'
  /** A hot spare, and no ordinary member is missing for it. */
  | 'spare'
  /** A hot standby, and others serve. */
  | 'standby'
  /** It serves its `max`. */
  | 'full'
  /** The request is bound to another member. */
  | 'bound-elsewhere'
  /** It might have been chosen; the method has not. */
  | 'not-preferred';

/** What a choice is, and why of each member. */
export type ExplainedChoice = Readonly<{
  choice: Choice;
  whys: readonly Readonly<{ member: MemberView; why: Why; text: string }>[];
}>;

/** Chooses for a request that has tried nobody, charges nobody, and tells why of every member. */
export function explainChoice(
  members: readonly MemberView[],
  route: string | undefined,
  rules: ChoiceRules,
  context: MethodContext,
): ExplainedChoice {
  const { candidates, forced } = assess(members, rules, context.now, nobodyTried);
  const choice = chooseMember(members, route, rules, context, nobodyTried);
  const situation = { choice, candidates: new Set(candidates), forced, now: context.now };
  const whys = members.map((member) => {
    const why = findWhy(member, situation);
    return { member, why, text: tellWhy(member, why, route, rules, context.now) };
  });
  return { choice, whys };
}

type Situation = Readonly<{
  choice: Choice;
  candidates: ReadonlySet<MemberView>;
  forced: Forced;
  now: number;
}>;

function findWhy(member: MemberView, { choice, candidates, forced, now }: Situation): Why {
  const isChosen = choice.kind === 'member' && choice.member === member;
  if (isChosen) return choice.reason === 'again' ? 'method' : choice.reason;
  const { status, probing, ejectedMs } = member.state;
  if (status & Status.disabled) return 'disabled';
  if (status & Status.stopped) return 'stopped';
  if (!isInService(member, forced)) return 'health-check-failed';
  const at = forced === 'nothing' ? retryAt(member) : undefined;
  if (at !== undefined && probing) return 'on-trial';
  if (at !== undefined && now < at) return ejectedMs === undefined ? 'in-error' : 'ejected';
  if (choice.kind === 'nobody' && choice.full.includes(member)) return 'full';
  // Where somebody has a place and nobody is chosen, the session waits for its own member.
  const isBound =
    choice.kind === 'member'
      ? choice.reason !== 'method'
      : choice.reason === 'nofailover' || choice.reason === 'full';
  if (candidates.has(member)) {
    if (isFull(member)) return 'full';
    return isBound ? 'bound-elsewhere' : 'not-preferred';
  }
  if (status & Status.drain) return 'draining';
  const serving = candidates.values().next().value;
  if (serving && member.settings.lbset > serving.settings.lbset) return 'higher-lbset';
  return status & Status.hotSpare ? 'spare' : 'standby';
}

function tellWhy(
  member: MemberView,
  why: Why,
  route: string | undefined,
  { method }: ChoiceRules,
  now: number,
): string {
  const { settings, state, busy } = member;
  const figures = method.tell ? ` (${method.tell(member, now)})` : '';
  switch (why) {
    case 'route':
      return `the session is bound to it by route ${JSON.stringify(route)}`;
    case 'redirect':
      return `the session's member is not usable, and redirects to it`;
    case 'method': {
      const { status } = state;
      const role =
        status & Status.hotSpare ? ', a hot spare' : status & Status.hotStandby ? ', a hot standby' : '';
      return `the method has chosen it${role}${figures}`;
    }
    case 'disabled':
      return 'it is disabled (D)';
    case 'stopped':
      return 'it is stopped (S)';
    case 'health-check-failed':
      return 'its health checks fail (C)';
    case 'in-error':
    case 'ejected': {
      const seconds = Math.ceil((retryAt(member)! - now) / 1000);
      const what = why === 'ejected' ? 'it is ejected for bad answers' : 'it is in error (E)';
      return `${what}, and is tried again in ${seconds} s`;
    }
    case 'on-trial':
      return 'it is in error (E), and another request is trying it';
    case 'draining':
      return 'it is drained (N): only sessions bound to it are served';
    case 'higher-lbset':
      return `its lbset ${settings.lbset} serves only when no lower one can`;
    case 'spare':
      return 'it is a hot spare (R), and no ordinary member is missing for it';
    case 'standby':
      return 'it is a hot standby (H), and others serve';
    case 'full':
      return `it serves ${busy} requests, as many as max allows`;
    case 'bound-elsewhere':
      return 'the session is bound to another member';
    case 'not-preferred':
      return `the method has not chosen it${figures}`;
  }
}
