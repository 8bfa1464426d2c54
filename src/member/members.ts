import type { Chosen } from '../choice/choose-member.ts';
import { debug } from '../debug.ts';
import type { MemberSettings } from '../definition/settings.ts';
import type { Member, MemberView } from './member.ts';
import { initialState, nextState, type MemberEvent } from './member-state.ts';

/** One request's charge on a member, from its election to the end of its transfer. */
export type Attempt = Readonly<{
  member: MemberView;
  /** The member is in error, and what this attempt reports first will say whether it still is. */
  isProbe(): boolean;
  /** Tells how the member did; ends nothing. */
  report(event: 'failed' | 'succeeded'): void;
  /** Takes the charge off; only the first call counts. */
  end(): void;
}>;

/** The members of one balancer: the only place where their state is kept and changed. */
export type Members = Readonly<{
  view(): readonly MemberView[];
  hasRoute(route: string): boolean;
  /** Charges a chosen member: elected, busy, the credits among its candidates; and notes a retry or a forced recovery. */
  elect(choice: Chosen): Attempt;
  /** Calls back once, as soon as any member's state has changed. Returns how to call it off. */
  whenChanged(callback: () => void): () => void;
}>;

/** Keeps the state of the members of one balancer. `now` is a monotonic clock in milliseconds. */
export function createMembers(settings: readonly MemberSettings[], now: () => number): Members {
  const members: readonly Member[] = settings.map((member) => ({
    settings: member,
    state: initialState(member.status),
    busy: 0,
    elected: 0,
    lbstatus: 0,
  }));
  const routes = new Set(settings.map(({ route }) => route));
  const waiting = new Set<() => void>();
  /** Whose report is waited for, of each member that is being tried again. */
  const probes = new Map<Member, Attempt>();

  function change(member: Member, event: MemberEvent): boolean {
    const state = nextState(member.state, event, now());
    if (state === member.state) return false;
    member.state = state;
    debug.member('%s: %s, %o', member.settings.url, event, state);
    return true;
  }

  /** Those who wait may elect at once: everything has to be in order before they are told. */
  function tell(isChanged: boolean): void {
    if (!isChanged || waiting.size === 0) return;
    for (const callback of [...waiting]) if (waiting.delete(callback)) callback();
  }

  return {
    view: () => members,
    hasRoute: (route) => routes.has(route),
    elect(choice) {
      // A view is the member itself, seen without the right to write.
      const member: Member = choice.member;
      let isChanged = false;
      if (choice.forced) {
        probes.clear();
        for (const each of members) isChanged = change(each, 'forced') || isChanged;
      }
      charge(choice.candidates, member);
      member.elected += 1;
      member.busy += 1;
      let ended = false;
      const attempt: Attempt = {
        member,
        isProbe: () => probes.get(member) === attempt,
        report(event) {
          const isProbe = attempt.isProbe();
          if (isProbe) probes.delete(member);
          tell(change(member, isProbe ? `probe-${event}` : event));
        },
        end() {
          if (ended) return;
          ended = true;
          member.busy -= 1;
          if (!attempt.isProbe()) return;
          probes.delete(member);
          tell(change(member, 'probe-ended'));
        },
      };
      if (choice.probe) {
        probes.set(member, attempt);
        isChanged = change(member, 'probed') || isChanged;
      }
      tell(isChanged);
      return attempt;
    },
    whenChanged(callback) {
      waiting.add(callback);
      return () => waiting.delete(callback);
    },
  };
}

/** The chosen member pays what all candidates are given; one chosen from outside (drained, standby, another set) pays nothing. */
function charge(candidates: readonly Member[], chosen: Member): void {
  if (!candidates.includes(chosen)) return;
  let total = 0;
  for (const candidate of candidates) {
    candidate.lbstatus += candidate.settings.lbfactor;
    total += candidate.settings.lbfactor;
  }
  chosen.lbstatus -= total;
}
