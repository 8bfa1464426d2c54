import type { Chosen } from './choice/choose-member.ts';
import { debug } from './debug.ts';
import type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
import type { BoundSession } from './request/bind-session.ts';
import type { Parts } from './parts.ts';
import type { Inbound } from './request/inbound.ts';
import { withoutParameters } from './ending.ts';
import type { MemberCounts } from './tally/tally.ts';

type AttemptInProgress = { -readonly [Key in keyof AttemptFacts]: AttemptFacts[Key] };
type FactsInProgress = { -readonly [Key in keyof BalancerFacts]: BalancerFacts[Key] } & {
  attempts: AttemptInProgress[];
};

// Asked for once: it is a getter, and not a cheap one.
const { timeOrigin } = performance;

/** Writes `req.balancer` while a request is being served, counts its attempts, and tells of them. */
export class Account {
  readonly #facts: FactsInProgress;
  readonly #inbound: Inbound;
  readonly #session: BoundSession;
  readonly #parts: Pick<Parts, 'events' | 'tally' | 'now'>;
  /** By the balancer's clock. */
  readonly arrivedAt: number;
  /** Of the member that is tried. */
  #counts: MemberCounts | undefined;
  #attempt: AttemptInProgress | undefined;
  #startedAt = 0;

  constructor(
    parts: Pick<Parts, 'settings' | 'events' | 'tally' | 'now'>,
    inbound: Inbound,
    session: BoundSession,
    arrivedAt: number,
  ) {
    this.#inbound = inbound;
    this.#session = session;
    this.#parts = parts;
    this.arrivedAt = arrivedAt;
    this.#facts = {
      name: parts.settings.name,
      sticky: session.sticky,
      route: session.route,
      member: undefined,
      memberRoute: undefined,
      routeChanged: false,
      arrivedAt: timeOrigin + arrivedAt,
      waitedMs: 0,
      attempts: [],
    };
  }

  /** Current at any time. */
  get facts(): BalancerFacts {
    return this.#facts;
  }

  /** Whether the attempt under way is one more at the same member. */
  get isAgain(): boolean {
    return this.#attempt?.reason === 'again';
  }

  /** What events tell of it: of its path nothing that a session could stand in. */
  get request(): Readonly<{ method: string; path: string }> {
    const { method, mountPath, path } = this.#inbound;
    return { method, path: withoutParameters(mountPath + path) };
  }

  begin({ member, reason }: Chosen): void {
    const { events, tally, now } = this.#parts;
    const { configured, route, id } = this.#session;
    const { settings } = member;
    const before = this.#attempt;
    if (before) this.#counts?.noteFailover(before.outcome);
    this.#counts = tally.of(member);
    this.#startedAt = now();
    this.#attempt = {
      member: settings.url,
      name: settings.name,
      reason,
      outcome: 'pending',
      status: undefined,
      code: undefined,
      startedMs: this.#startedAt - this.arrivedAt,
      durationMs: 0,
    };
    this.#facts.attempts.push(this.#attempt);
    this.#facts.member = settings.url;
    this.#facts.memberRoute = settings.route;
    this.#facts.routeChanged = configured && (route === undefined || route !== settings.route);
    debug.choice('%s, by %s', settings.url, reason);
    if (id !== undefined && route === settings.route) this.#counts.noteSession(id, this.#startedAt);
    if (!before || !events.isHeard('failover')) return;
    const { name: from, outcome } = before;
    events.emit('failover', { ...this.request, from, to: settings.name, outcome });
  }

  noteWait(ms: number): void {
    this.#facts.waitedMs += ms;
  }

  noteStatus(status: number): void {
    if (this.#attempt) this.#attempt.status = status;
    this.#counts?.noteAnswer(status);
  }

  note(outcome: AttemptOutcome, cause?: Error): void {
    const { events, now } = this.#parts;
    const attempt = this.#attempt;
    if (!attempt) return;
    if (attempt.outcome === 'pending') {
      attempt.durationMs = now() - this.#startedAt;
      this.#counts?.noteOutcome(outcome, attempt.durationMs);
    } else {
      // An answer that has begun can still break off; its time is that of its head.
      if (attempt.outcome !== 'answered') return;
      this.#counts?.noteBreak(outcome);
    }
    attempt.outcome = outcome;
    attempt.code = cause && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    const { member, status, code, durationMs } = attempt;
    debug.forward('%s: %s %s, %d ms', member, outcome, code ?? status ?? '', durationMs);
    if (!events.isHeard('attempt')) return;
    events.emit('attempt', { ...this.request, attempt: { ...attempt } });
  }
}
