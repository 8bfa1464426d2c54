import type { AttemptOutcome } from '../facts.ts';
import type { BalancerErrorCode } from '../errors.ts';
import type { BalancerEvents } from '../events.ts';
import type { MemberView } from '../member/member.ts';
import type { HistogramView } from './histogram.ts';

/** What is counted of one member since it was there. Everything only grows. */
export type MemberTally = Readonly<{
  /** Attempts that have an outcome, by the first one that they had. */
  attempts: ReadonlyMap<AttemptOutcome, number>;
  /** Heads of answers by the first digit of their status: `answers[2]` of 2xx. Six elements, the first is unused. */
  answers: readonly number[];
  /** Answers that broke off after their head; not those whose client left. */
  broken: number;
  /** Requests that went on to a further member, or once more to this one, by what this one's attempt came to. */
  failovers: ReadonlyMap<AttemptOutcome, number>;
  /** Time to the head of the answer, of attempts that were answered or upgraded, in milliseconds. */
  responseTimes: HistogramView;
  /** How many different sessions that are bound to it were seen in the last half hour, about; undefined: no session has an id here. */
  sessions(now: number): number | undefined;
}>;

/** What is counted of one balancer since it was created. Everything only grows. */
export type BalancerTally = Readonly<{
  /** Requests that have ended, by the first digit of the status that the client got; `codes[0]`: it left before, or got none. */
  codes: readonly number[];
  /** Requests that ended in an error of the balancer's, by its code. */
  errors: ReadonlyMap<BalancerErrorCode, number>;
  /** From coming in to the end of the answer, or until the client left, in milliseconds; connections that were upgraded are left out. */
  durations: HistogramView;
  /** What has happened in the queue. */
  queued: ReadonlyMap<BalancerEvents['queue']['what'], number>;
  /** How long those have waited that wait no more, in milliseconds. */
  waits: HistogramView;
}>;

/** What is counted in a balancer. A member that goes takes its tally with it. */
export type Tally = Readonly<{
  balancer: BalancerTally & BalancerCounts;
  of(member: MemberView): MemberTally & MemberCounts;
}>;

/** Counts what happens at a member. */
export type MemberCounts = Readonly<{
  /** A head has come. */
  noteAnswer(status: number): void;
  /** An attempt has its first outcome. */
  noteOutcome(outcome: AttemptOutcome, durationMs: number): void;
  /** An answer that had begun has ended otherwise. */
  noteBreak(outcome: AttemptOutcome): void;
  /** A request has gone on from here. */
  noteFailover(outcome: AttemptOutcome): void;
  /** A request of a session that is bound to it was sent here. */
  noteSession(id: string, now: number): void;
}>;

/** Counts what happens to the requests of a balancer. */
export type BalancerCounts = Readonly<{
  /** One has ended. `status`: what the client got; `durationMs`: undefined of a connection that was upgraded. */
  noteEnd(
    status: number | undefined,
    error: BalancerErrorCode | undefined,
    durationMs: number | undefined,
  ): void;
  /** `waitedMs`: of those that wait no more. */
  noteQueue(what: BalancerEvents['queue']['what'], waitedMs: number | undefined): void;
}>;
