import { longestMs } from '../definition/duration.ts';
import type { Duration } from '../definition/definition.ts';
import { readTimes } from '../definition/read-times.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { Members } from '../member/members.ts';

/** What `drain` is asked for. Numbers are seconds. */
export type DrainOptions = Readonly<{
  /**
   * How long sessions may stay: then the member is disabled, and they go elsewhere. What it serves at that moment goes on.
   * Default: as long as they like.
   */
  deadline?: Duration;
  /** How long nobody must have asked for it before it counts as empty. Default: 0, as soon as it serves nothing. */
  idle?: Duration;
}>;

/** How a drain has ended. */
export type Drained = Readonly<{
  /** It serves nothing, and will not. False: it did when its deadline was over, or somebody has ended the drain. */
  empty: boolean;
  /** How many requests it still serves. */
  busy: number;
}>;

/**
 * Whom a drain listens to: it is called back after every change of a member's state, every end of a request, and when
 * all is over. Returns how to call it off.
 */
export type MemberNews = (callback: (news?: 'closed') => void) => () => void;

/** What a drain is asked for, checked; in milliseconds. */
export function readDrainOptions(options: DrainOptions): Partial<Record<'deadline' | 'idle', number>> {
  return readTimes(options, ['deadline', 'idle'], 'What drain is asked for');
}

/** Drains a member (httpd `+N`), and resolves when it is empty, when its deadline is over, or when the drain was ended. */
export function drainMember(
  members: Members,
  member: MemberView,
  options: DrainOptions,
  watch: MemberNews,
): Promise<Drained> {
  const { deadline: deadlineMs, idle: idleMs = 0 } = readDrainOptions(options);
  const { promise, resolve } = Promise.withResolvers<Drained>();
  let idleTimer: NodeJS.Timeout | undefined;
  let electedBefore = member.elected;
  members.apply(member, { kind: 'set', status: member.state.status | Status.drain });

  const deadlineTimer =
    deadlineMs === undefined
      ? undefined
      : setTimeout(
          () => {
            members.apply(member, { kind: 'set', status: member.state.status | Status.disabled });
            end();
          },
          Math.min(deadlineMs, longestMs),
        );
  const stopWatching = watch(look);
  look();
  return promise;

  function look(news?: 'closed'): void {
    if (news === 'closed') {
      end();
    } else if ((member.state.status & Status.drain) === 0) {
      // Whoever has served its last request may be sent another one at once.
      end(false);
    } else if (member.busy > 0 || member.elected !== electedBefore) {
      electedBefore = member.elected;
      clearTimeout(idleTimer);
      idleTimer = undefined;
      if (member.busy === 0) wait();
    } else if (idleTimer === undefined) {
      wait();
    }
  }

  function wait(): void {
    if (idleMs === 0) {
      end();
      return;
    }
    idleTimer = setTimeout(
      () => {
        idleTimer = undefined;
        // Nobody tells when a request begins; the end of this one will be news.
        if (member.busy === 0) end();
      },
      Math.min(idleMs, longestMs),
    );
  }

  function end(isOver = true): void {
    clearTimeout(deadlineTimer);
    clearTimeout(idleTimer);
    stopWatching();
    resolve({ empty: isOver && member.busy === 0, busy: member.busy });
  }
}
