import { clock, type Timer } from '../clock.ts';
import { longestMs } from '../definition/duration.ts';
import type { Duration } from '../definition/definition.ts';
import { DefinitionError, stateProblem } from '../definition/problem.ts';
import { readTimes } from '../definition/read-times.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { Members } from '../member/members.ts';
import { lastWordsMs } from '../tunnel/tunnel.ts';

/** What `drain` is asked for. Numbers are seconds. */
export type DrainOptions = Readonly<{
  /**
   * How long sessions may stay: then the member is disabled, and they go elsewhere. What it serves at that moment goes on.
   * Default: as long as they like.
   */
  deadline?: Duration;
  /**
   * How long upgraded connections may go on behind the deadline, in this process: WebSockets are told to go (1001), spread
   * over three quarters of it; those that are left at its end are cut. Requests are not. Default: as long as they like.
   */
  grace?: Duration;
  /** How long nobody must have asked for it before it counts as empty. Default: 0, as soon as it serves nothing. */
  idle?: Duration;
}>;

/** How a drain has ended. */
export type Drained = Readonly<{
  /** It serves nothing, and will not. False: it did when deadline and grace were over, or somebody has ended the drain. */
  empty: boolean;
  /** How many requests it still serves. */
  busy: number;
}>;

/**
 * Whom a drain listens to: it is called back after every change of a member's state, every end of a request, and when
 * all is over. Returns how to call it off.
 */
export type MemberNews = (callback: (news?: 'closed') => void) => () => void;

/** Tells the WebSockets of a member to go, and cuts those that are left in the end. Returns how to call it off. */
export type PartFrom = (graceMs: number, member: MemberView) => () => void;

/** What a drain is asked for, checked; in milliseconds. */
export function readDrainOptions(
  options: DrainOptions,
): Partial<Record<'deadline' | 'grace' | 'idle', number>> {
  const what = 'What drain is asked for';
  const times = readTimes(options, ['deadline', 'grace', 'idle'], what);
  if (options.grace === undefined || times.deadline !== undefined) return times;
  // Sessions that may stay would come back to the member that tells them to go.
  const fault = {
    problem: 'it begins with the deadline, and there is none',
    advice: 'write a deadline, too',
  };
  throw new DefinitionError([stateProblem('grace', options.grace, fault)], what);
}

/** Drains a member (httpd `+N`), and resolves when it is empty, when its time is over, or when the drain was ended. */
export function drainMember(
  members: Members,
  member: MemberView,
  options: DrainOptions,
  watch: MemberNews,
  part: PartFrom = () => () => undefined,
): Promise<Drained> {
  const { deadline: deadlineMs, grace: graceMs, idle: idleMs = 0 } = readDrainOptions(options);
  const { promise, resolve } = Promise.withResolvers<Drained>();
  let idleTimer: Timer | undefined;
  let electedBefore = member.elected;
  let stopParting: (() => void) | undefined;
  let isOver = false;
  members.apply(member, { kind: 'set', status: member.state.status | Status.drain });

  let lastTimer =
    deadlineMs === undefined ? undefined : clock.setLimit(expire, Math.min(deadlineMs, longestMs));
  const stopWatching = watch(look);
  look();
  return promise;

  function expire(): void {
    members.apply(member, { kind: 'set', status: member.state.status | Status.disabled });
    // Whoever hears of it may have ended the drain.
    if (isOver) return;
    if (graceMs === undefined || member.busy === 0) {
      end();
      return;
    }
    stopParting = part(graceMs, member);
    // Those that are cut have a last word.
    lastTimer = clock.setLimit(end, Math.min(graceMs + lastWordsMs, longestMs));
  }

  function look(news?: 'closed'): void {
    if (news === 'closed') {
      end();
    } else if ((member.state.status & Status.drain) === 0) {
      // Whoever has served its last request may be sent another one at once.
      end(false);
    } else if (member.busy > 0 || member.elected !== electedBefore) {
      electedBefore = member.elected;
      clock.clear(idleTimer);
      idleTimer = undefined;
      if (member.busy === 0) wait();
    } else if (idleTimer === undefined) {
      wait();
    }
  }

  function wait(): void {
    if (idleMs === 0 || stopParting) {
      end();
      return;
    }
    idleTimer = clock.setTimer(
      () => {
        idleTimer = undefined;
        // Nobody tells when a request begins; the end of this one will be news.
        if (member.busy === 0) end();
      },
      Math.min(idleMs, longestMs),
    );
  }

  function end(isMeant = true): void {
    isOver = true;
    clock.clear(lastTimer);
    clock.clear(idleTimer);
    stopParting?.();
    stopWatching();
    resolve({ empty: isMeant && member.busy === 0, busy: member.busy });
  }
}
