import type { Account } from '../account.ts';
import type { Chosen, Nobody } from '../choice/choose-member.ts';
import type { Settings } from '../definition/settings.ts';
import type { BalancerEvents } from '../events.ts';
import type { Parts } from '../parts.ts';
import type { MemberView } from '../member/member.ts';
import { Wait, type WaitingRequest } from './wait.ts';

/** What of a request decides how long it waits. Times are of one clock, in milliseconds. */
export type Circumstances = Readonly<{
  arrivedAt: number;
  /** When it found everybody full; undefined when it has not. */
  fullSince: number | undefined;
  /** It has not been sent to anybody yet. */
  isUntried: boolean;
  /** DNS has not told yet who is behind a name. */
  isDiscovering: boolean;
}>;

/** How long a request waits for DNS to tell the first members, in milliseconds. */
const discoveryMs = 5_000;

/** Until when a request waits that nobody can serve now. Not later than now: it does not. */
export function limitOf(
  { reason, full }: Nobody,
  {
    waitMs,
    holdMs,
    queueTimeoutMs,
    deadlineMs = Infinity,
  }: Pick<Settings, 'waitMs' | 'holdMs' | 'queueTimeoutMs' | 'deadlineMs'>,
  { arrivedAt, fullSince, isUntried, isDiscovering }: Circumstances,
): number {
  switch (reason) {
    case 'full': {
      const acquireMs = Math.max(...full.map(({ settings }) => settings.acquireMs ?? queueTimeoutMs));
      const leftMs = deadlineMs - Math.min(neededMs(full), deadlineMs / 2);
      return Math.min((fullSince ?? arrivedAt) + acquireMs, arrivedAt + leftMs);
    }
    case 'nofailover':
      return arrivedAt + holdMs;
    case 'unusable':
      return (
        arrivedAt + Math.max(isUntried ? waitMs : 0, holdMs, isUntried && isDiscovering ? discoveryMs : 0)
      );
    case 'method-failed':
      return arrivedAt;
  }
}

/**
 * What a place is worth having for, in milliseconds: twice the mean time of an answer. Under overload those who have waited
 * longest come first, and places given to who has less left of its deadline than that would serve nobody at all.
 */
function neededMs(full: readonly MemberView[]): number {
  return 2 * Math.max(0, ...full.map(({ responseMs = 0 }) => responseMs));
}

/** How long a request that is held pauses before its next try, in milliseconds: 100, 200, … up to a second. */
export function pauseAfter(holds: number): number {
  return Math.min(100 * 2 ** holds, 1_000);
}

/** The waiting of one request, each time that nobody can serve it: for a place, for a member, or held while none is up. */
export class Patience {
  readonly #parts: Parts;
  readonly #account: Account;
  readonly #arrivedAt: number;
  #wait: Wait | undefined;
  /** It waits, and ends that otherwise than by being served or by its time. */
  #left: (() => void) | undefined;
  #fullSince: number | undefined;
  #holds = 0;

  constructor(parts: Parts, account: Account, arrivedAt: number) {
    this.#parts = parts;
    this.#account = account;
    this.#arrivedAt = arrivedAt;
  }

  /** Waits. What it comes to is told through `request`, for a request that cannot wait at once. */
  wait(
    choice: Nobody,
    isUntried: boolean,
    request: Omit<WaitingRequest, 'limit'> & Readonly<{ refuse(detail: string): void }>,
    notBefore = -Infinity,
  ): void {
    const { room, now, settings, isDiscovering, events, tally } = this.#parts;
    const limit = (nobody: Nobody): number => {
      // Members that come up while it waits for one may be full at once: its time in the queue begins then.
      if (nobody.reason === 'full') this.#fullSince ??= now();
      return limitOf(nobody, settings, {
        arrivedAt: this.#arrivedAt,
        fullSince: this.#fullSince,
        isUntried,
        isDiscovering: isDiscovering(),
      });
    };
    const since = now();
    const tell = (what: BalancerEvents['queue']['what'], waitedMs?: number): void => {
      tally.balancer.noteQueue(what, waitedMs);
      events.emit('queue', { what, reason: choice.reason, waiting: room.size(), waitedMs: waitedMs ?? 0 });
    };
    const end = (what: 'served' | 'expired' | 'left'): void => {
      this.#left = undefined;
      const waitedMs = now() - since;
      this.#account.noteWait(waitedMs);
      tell(what, waitedMs);
    };
    if (limit(choice) <= now()) {
      request.expire(choice);
      return;
    }
    this.#wait = new Wait(
      room,
      now,
      {
        ...request,
        limit,
        serve: (chosen: Chosen) => {
          end('served');
          request.serve(chosen);
        },
        expire: (nobody) => {
          end('expired');
          request.expire(nobody);
        },
      },
      notBefore,
    );
    if (this.#wait.enter(choice, settings.queueLength)) {
      this.#left = () => {
        end('left');
      };
      tell('waiting');
    } else {
      tell('refused');
      request.refuse(`${settings.queueLength} requests are waiting already`);
    }
  }

  /** Until when a request pauses that is held once more; undefined when its time is up. */
  hold(): number | undefined {
    const { settings, now } = this.#parts;
    if (this.#arrivedAt + settings.holdMs <= now()) return undefined;
    this.#holds += 1;
    // The last try is at the end of its time, not behind it.
    return Math.min(now() + pauseAfter(this.#holds - 1), this.#arrivedAt + settings.holdMs);
  }

  leave(): void {
    this.#wait?.leave();
    this.#left?.();
  }
}
