import { randomInt } from 'node:crypto';
import type { BalancerErrorCode } from '../errors.ts';
import type { BalancerEvents } from '../events.ts';
import type { AttemptOutcome } from '../facts.ts';
import type { MemberView } from '../member/member.ts';
import { createHistogram } from './histogram.ts';
import { SessionCounter } from './session-counter.ts';
import type { BalancerCounts, BalancerTally, MemberCounts, MemberTally, Tally } from './tally.ts';

/** Creates the tally of a balancer. `seed`: of the hashes of sessions, 32 bits. */
export function createTally(seed: number = randomInt(2 ** 32)): Tally {
  const members = new WeakMap<MemberView, CountedMember>();
  return {
    balancer: new CountedBalancer(),
    of(member) {
      let counted = members.get(member);
      if (!counted) members.set(member, (counted = new CountedMember(seed)));
      return counted;
    },
  };
}

class CountedMember implements MemberTally, MemberCounts {
  readonly attempts = new Map<AttemptOutcome, number>();
  readonly answers = [0, 0, 0, 0, 0, 0];
  broken = 0;
  readonly failovers = new Map<AttemptOutcome, number>();
  readonly responseTimes = createHistogram();
  readonly #seed: number;
  #sessions: SessionCounter | undefined;

  constructor(seed: number) {
    this.#seed = seed;
  }

  sessions(now: number): number | undefined {
    return this.#sessions?.count(now);
  }

  noteAnswer(status: number): void {
    this.answers[classOf(status)]! += 1;
  }

  noteOutcome(outcome: AttemptOutcome, durationMs: number): void {
    increment(this.attempts, outcome);
    if (outcome === 'answered' || outcome === 'upgraded') this.responseTimes.record(durationMs);
  }

  noteBreak(outcome: AttemptOutcome): void {
    if (outcome !== 'client-gone') this.broken += 1;
  }

  noteFailover(outcome: AttemptOutcome): void {
    increment(this.failovers, outcome);
  }

  noteSession(id: string, now: number): void {
    this.#sessions ??= new SessionCounter(this.#seed);
    this.#sessions.note(id, now);
  }
}

class CountedBalancer implements BalancerTally, BalancerCounts {
  readonly codes = [0, 0, 0, 0, 0, 0];
  readonly errors = new Map<BalancerErrorCode, number>();
  readonly durations = createHistogram();
  readonly queued = new Map<BalancerEvents['queue']['what'], number>();
  readonly waits = createHistogram();

  noteEnd(
    status: number | undefined,
    error: BalancerErrorCode | undefined,
    durationMs: number | undefined,
  ): void {
    this.codes[status === undefined ? 0 : classOf(status)]! += 1;
    if (error !== undefined) increment(this.errors, error);
    if (durationMs !== undefined) this.durations.record(durationMs);
  }

  noteQueue(what: BalancerEvents['queue']['what'], waitedMs: number | undefined): void {
    increment(this.queued, what);
    if (waitedMs !== undefined) this.waits.record(waitedMs);
  }
}

/** RFC 9110 15: to a client, a status without a class is one of 5xx. */
function classOf(status: number): number {
  return status >= 100 && status < 600 ? Math.floor(status / 100) : 5;
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
