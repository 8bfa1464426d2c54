import type { Chosen } from './choice/choose-member.ts';
import { debug } from './debug.ts';
import type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
import type { BoundSession } from './request/bind-session.ts';

type AttemptInProgress = { -readonly [Key in keyof AttemptFacts]: AttemptFacts[Key] };
type FactsInProgress = { -readonly [Key in keyof BalancerFacts]: BalancerFacts[Key] } & {
  attempts: AttemptInProgress[];
};

/** Writes `req.balancer` while a request is being served. */
export class Account {
  readonly #facts: FactsInProgress;
  readonly #session: BoundSession;
  readonly #now: () => number;
  #attempt: AttemptInProgress | undefined;
  #startedAt = 0;

  constructor(name: string, session: BoundSession, now: () => number) {
    this.#session = session;
    this.#now = now;
    this.#facts = {
      name,
      sticky: session.sticky,
      route: session.route,
      member: undefined,
      memberRoute: undefined,
      routeChanged: false,
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
    this.#attempt = {
      member: settings.url,
      name: settings.name,
      reason,
      outcome: 'pending',
      status: undefined,
      code: undefined,
      durationMs: 0,
    };
    this.#facts.attempts.push(this.#attempt);
    this.#facts.member = settings.url;
    this.#facts.memberRoute = settings.route;
    this.#facts.routeChanged = configured && (route === undefined || route !== settings.route);
    debug.choice('%s, by %s', settings.url, reason);
    this.#startedAt = this.#now();
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
  }
}
