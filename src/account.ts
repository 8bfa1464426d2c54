import type { Chosen } from './choice/choose-member.ts';
import { debug } from './debug.ts';
import type { Events } from './events.ts';
import type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
import type { BoundSession } from './request/bind-session.ts';
import type { Inbound } from './request/inbound.ts';

type AttemptInProgress = { -readonly [Key in keyof AttemptFacts]: AttemptFacts[Key] };
type FactsInProgress = { -readonly [Key in keyof BalancerFacts]: BalancerFacts[Key] } & {
  attempts: AttemptInProgress[];
};

/** Writes `req.balancer` while a request is being served, and tells of its attempts. */
export class Account {
  readonly #facts: FactsInProgress;
  readonly #inbound: Inbound;
  readonly #session: BoundSession;
  readonly #events: Events;
  readonly #now: () => number;
  readonly #arrivedAt: number;
  #attempt: AttemptInProgress | undefined;
  #startedAt = 0;

  constructor(name: string, inbound: Inbound, session: BoundSession, events: Events, now: () => number) {
    this.#inbound = inbound;
    this.#session = session;
    this.#events = events;
    this.#now = now;
    this.#arrivedAt = now();
    this.#facts = {
      name,
      sticky: session.sticky,
      route: session.route,
      member: undefined,
      memberRoute: undefined,
      routeChanged: false,
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

  begin({ member: { settings }, reason }: Chosen): void {
    const { configured, route } = this.#session;
    const before = this.#attempt;
    this.#startedAt = this.#now();
    this.#attempt = {
      member: settings.url,
      name: settings.name,
      reason,
      outcome: 'pending',
      status: undefined,
      code: undefined,
      startedMs: this.#startedAt - this.#arrivedAt,
      durationMs: 0,
    };
    this.#facts.attempts.push(this.#attempt);
    this.#facts.member = settings.url;
    this.#facts.memberRoute = settings.route;
    this.#facts.routeChanged = configured && (route === undefined || route !== settings.route);
    debug.choice('%s, by %s', settings.url, reason);
    if (!before || !this.#events.isHeard('failover')) return;
    const { name: from, outcome } = before;
    this.#events.emit('failover', { ...this.#request(), from, to: settings.name, outcome });
  }

  noteWait(ms: number): void {
    this.#facts.waitedMs += ms;
  }

  noteStatus(status: number): void {
    if (this.#attempt) this.#attempt.status = status;
  }

  note(outcome: AttemptOutcome, cause?: Error): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    // An answer that has begun can still break off; its time is that of its head.
    if (attempt.outcome === 'pending') attempt.durationMs = this.#now() - this.#startedAt;
    else if (attempt.outcome !== 'answered') return;
    attempt.outcome = outcome;
    attempt.code = cause && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    const { member, status, code, durationMs } = attempt;
    debug.forward('%s: %s %s, %d ms', member, outcome, code ?? status ?? '', durationMs);
    if (!this.#events.isHeard('attempt')) return;
    this.#events.emit('attempt', { ...this.#request(), attempt: { ...attempt } });
  }

  /** What events tell of it: of its path nothing that a session could stand in. */
  #request(): Readonly<{ method: string; path: string }> {
    const { method, mountPath, path } = this.#inbound;
    return { method, path: (mountPath + path).replace(/;[^/]*/g, '') };
  }
}
