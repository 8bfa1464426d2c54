import type { Member, MemberView } from './member.ts';
import type { MemberEvent } from './member-state.ts';
import { debtOf, failureHandicap, failureMs, rampHandicap, sampleResponse } from './statistics.ts';

/** One request's charge on a member, from its election to the end of its transfer. */
export type Attempt = Readonly<{
  member: MemberView;
  /** The member is in error, and what this attempt reports first will say whether it still is. */
  isProbe(): boolean;
  /** The member is in error, and a good answer brings it back: it is tried by this attempt, in turn or out of it. */
  isTrial(): boolean;
  /** Tells whether the member is in error; ends nothing. */
  report(event: 'failed' | 'succeeded'): void;
  /** Tells how well it has answered, and how long that took; an answer that begins well may be called bad later. */
  rate(isBad: boolean, responseMs: number | undefined): void;
  /** What was good so far cannot become bad any more. */
  settle(): void;
  /** Leaves the trial of the member, if it is one, to another request. */
  release(): void;
  /** Counts bytes that went to it. */
  sent(bytes: number): void;
  /** Counts bytes that came from it. */
  received(bytes: number): void;
  /** Takes the charge off; only the first call counts. */
  end(): void;
}>;

/** The list of members, as an attempt sees it. */
export type AttemptHost = Readonly<{
  now: () => number;
  view: () => readonly MemberView[];
  /** Whether it is this attempt whose report is waited for. */
  isProbe: (attempt: Attempt) => boolean;
  change: (member: Member, event: MemberEvent) => void;
  /** Counts an answer among those that a member may be ejected for. */
  enter: (member: Member, isBad: boolean) => void;
  freed: (member: Member) => void;
}>;

/** The attempt of a member that is charged already. */
export function createAttempt(member: Member, host: AttemptHost, isProbe: boolean): Attempt {
  return new Charge(member, host, isProbe);
}

class Charge implements Attempt {
  readonly member: Member;
  readonly #host: AttemptHost;
  /** Since when the member was in error, where it was chosen out of turn. */
  readonly #errorAt: number | undefined;
  #isEnded = false;
  #quality: 'unknown' | 'good' | 'bad' = 'unknown';

  constructor(member: Member, host: AttemptHost, isProbe: boolean) {
    this.member = member;
    this.#host = host;
    this.#errorAt = isProbe ? undefined : member.state.errorAt;
  }

  isProbe(): boolean {
    return this.#host.isProbe(this);
  }

  isTrial(): boolean {
    return this.isProbe() || this.#isOutOfTurn();
  }

  report(event: 'failed' | 'succeeded'): void {
    // What it has failed out of turn it is in error for already: it stays due when it was, however many try it meanwhile.
    if (event === 'failed' && this.#isOutOfTurn()) return;
    this.#host.change(this.member, this.isTrial() ? `probe-${event}` : event);
  }

  rate(isBad: boolean, responseMs: number | undefined): void {
    if (this.#quality === 'bad') return;
    this.#quality = isBad ? 'bad' : 'good';
    rate(this.member, this.#host, isBad, responseMs);
    // A good head that is followed by half an answer must not end a row of bad ones.
    if (isBad) this.#host.enter(this.member, true);
  }

  settle(): void {
    if (this.#quality !== 'good') return;
    this.#quality = 'unknown';
    this.#host.enter(this.member, false);
  }

  release(): void {
    if (this.isProbe()) this.#host.change(this.member, 'probe-ended');
  }

  sent(bytes: number): void {
    this.member.sent += bytes;
    slowDown(this.member, this.#host, bytes);
  }

  received(bytes: number): void {
    this.member.received += bytes;
    slowDown(this.member, this.#host, bytes);
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.member.busy -= 1;
    this.settle();
    this.release();
    this.#host.freed(this.member);
  }

  /** It began when the member was in error, and the member has not failed again since. */
  #isOutOfTurn(): boolean {
    return this.#errorAt !== undefined && this.member.state.errorAt === this.#errorAt;
  }
}

function rate(
  member: Member,
  { now, view }: AttemptHost,
  isBad: boolean,
  responseMs: number | undefined,
): void {
  const at = now();
  if (responseMs !== undefined) {
    const sample = isBad ? failureMs(member, view(), responseMs) : responseMs;
    member.responseMs = sampleResponse(member, sample, at);
    member.sampledAt = at;
  }
  if (isBad) {
    member.failures += 1;
    member.debt = debtOf(member, at) + 1;
    member.debtAt = at;
    member.handicap += failureHandicap(member, view());
  }
}

function slowDown(member: Member, { now }: AttemptHost, bytes: number): void {
  if (member.state.upSince === undefined || member.settings.slowStartMs === 0) return;
  member.handicap += rampHandicap(member, bytes, now());
}
