import type { Duplex } from 'node:stream';
import {
  chooseMember,
  earliestRetry,
  type Choice,
  type ChoiceRules,
  type Chosen,
} from './choice/choose-member.ts';
import { debug } from './debug.ts';
import type { Settings } from './definition/settings.ts';
import { BalancerError, statusOf, type BalancerErrorCode, type BalancerErrorDetails } from './errors.ts';
import type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
import { isRepeatable, judgeAnswer, judgeFailure, type Circumstances } from './forward/judge.ts';
import type { Answer, Failure, FailureKind } from './forward/outcome.ts';
import type { Client } from './forward/respond.ts';
import type { Flow, Receiver, Sender } from './forward/sender.ts';
import type { Attempt, Members } from './member/members.ts';
import type { MemberView } from './member/member.ts';
import { dropBody, isReplayable, type Body } from './request/body.ts';
import type { BoundSession } from './request/bind-session.ts';
import type { InFlight } from './in-flight.ts';
import type { Inbound } from './request/inbound.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Rewriter } from './rewrite/rewriter.ts';
import { valuesOf, type RawHeaders } from './rewrite/headers.ts';

/** What all requests of a balancer share. */
export type Parts = Readonly<{
  settings: Settings;
  rules: ChoiceRules;
  members: Members;
  sender: Sender;
  rewriter: Rewriter;
  budget: RetryBudget;
  inFlight: InFlight;
  /** Monotonic, in milliseconds. */
  now: () => number;
}>;

/** One request, read and bound to its session. */
export type Work = Readonly<{ inbound: Inbound; session: BoundSession; body: Body; facts: FactsInProgress }>;

/** `req.balancer` while it is being filled in. */
export type FactsInProgress = { -readonly [Key in keyof BalancerFacts]: BalancerFacts[Key] } & {
  attempts: AttemptInProgress[];
};
type AttemptInProgress = { -readonly [Key in keyof AttemptFacts]: AttemptFacts[Key] };

const nobodyTried: ReadonlySet<MemberView> = new Set();

/** Serves one request: choose, send, judge, until a member answers the client or nobody is left. */
export class Delivery implements Receiver {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #client: Client;
  #tried = nobodyTried;
  #attempts = 0;
  #attempt: Attempt | undefined;
  #facts: AttemptInProgress | undefined;
  #startedAt = 0;
  #flow: Flow | undefined;
  /** An interim answer has gone to the client: it is bound to this member now, but can still be told of an error. */
  #hinted = false;
  /** The head of the answer has gone to the client. */
  #begun = false;
  #interims = 0;
  #over = false;
  #waitUntil: number | undefined;
  #stopWaiting: (() => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(parts: Parts, work: Work, client: Client) {
    this.#parts = parts;
    this.#work = work;
    this.#client = client;
  }

  /** Begins; the client is answered, or failed, exactly once. */
  start(): void {
    const { settings, budget, inFlight } = this.#parts;
    budget.deposit();
    inFlight.add(this);
    if (settings.deadlineMs !== undefined) {
      this.#deadline = setTimeout(() => {
        this.#note('deadline');
        this.#end('ERR_BALANCER_DEADLINE');
      }, settings.deadlineMs);
    }
    this.#sendToChosen(this.#choose());
  }

  /** The client takes more again. */
  resume(): void {
    this.#flow?.resume();
  }

  /** The client has left: what it did is nobody's failure. */
  leave(): void {
    if (this.#over) return;
    this.#note('client-gone');
    this.#finish();
  }

  /** The balancer closes: what has not been answered is refused, what is being answered is cut. */
  stop(): void {
    this.#end('ERR_BALANCER_CLOSED');
  }

  interim(answer: Answer): void {
    this.#interims += 1;
    // httpd ends an exchange at the tenth: a member could go on for ever.
    if (this.#interims > 10) {
      this.#flow?.abort();
      this.failed(badAnswer(new Error('more than ten interim answers')));
    } else {
      const { inbound } = this.#work;
      const reply = this.#parts.rewriter.rewriteInterim(answer, inbound, this.#attempt!.member.settings);
      this.#hinted = this.#client.interim(reply) || this.#hinted;
    }
  }

  answered(answer: Answer): void {
    const { settings } = this.#parts;
    const attempt = this.#attempt!;
    const coding = valuesOf(answer.headers, 'transfer-encoding').join(', ');
    // Node's parsers take off `chunked` alone: what is left would reach the client as content.
    if (coding !== '' && coding.toLowerCase() !== 'chunked') {
      this.#flow?.abort();
      this.failed(badAnswer(new Error(`Transfer-Encoding: ${coding}`)));
      return;
    }
    const verdict = judgeAnswer(answer, this.#circumstances());
    this.#facts!.status = answer.status;
    attempt.report(verdict.marks ? 'failed' : 'succeeded');
    if (verdict.next === 'another' && this.#tryAnother(true, 'discarded')) return;
    if (settings.errorOverride(answer.status)) {
      this.#note('answered');
      this.#giveUp('ERR_BALANCER_MEMBER_STATUS', {
        status: answer.status,
        detail: String(answer.status),
        headers: this.#parts.rewriter.keepForErrorPage(this.#reply(answer)),
      });
      return;
    }
    try {
      this.#client.head(this.#reply(answer));
    } catch (error) {
      this.#flow?.abort();
      this.failed(badAnswer(error));
      return;
    }
    this.#note('answered');
    this.#begun = true;
  }

  data(chunk: Buffer): void {
    if (!this.#client.data(chunk)) this.#flow?.pause();
  }

  ended(trailers: RawHeaders): void {
    this.#client.end(trailers);
    this.#flow = undefined;
    this.#finish();
  }

  upgraded(answer: Answer, socket: Duplex): void {
    this.#attempt!.report('succeeded');
    this.#facts!.status = answer.status;
    try {
      this.#client.upgraded(this.#reply(answer), socket, () => {
        this.#finish();
      });
    } catch (error) {
      socket.destroy();
      this.failed(badAnswer(error));
      return;
    }
    this.#note('upgraded');
    this.#flow = undefined;
    this.#begun = true;
    clearTimeout(this.#deadline);
  }

  failed(failure: Failure): void {
    this.#flow = undefined;
    // A client that breaks off its request fails the attempt before its own connection has closed.
    if (this.#client.isGone()) {
      this.leave();
      return;
    }
    if (this.#begun) {
      // Like httpd, no reason to leave the member alone: it has answered.
      this.#note(failure.kind, failure.cause);
      this.#cut(failure.cause.message);
      return;
    }
    const attempt = this.#attempt!;
    const verdict = judgeFailure(failure, this.#circumstances());
    if (verdict.marks || (attempt.isProbe() && failure.kind !== 'bad-request')) attempt.report('failed');
    if (verdict.next === 'again' && this.#tryAgain(failure)) return;
    if (verdict.next !== 'give-up' && this.#tryAnother(failure.sent, failure.kind, failure.cause)) return;
    this.#note(failure.kind, failure.cause);
    this.#giveUp(codeOf[failure.kind], { detail: failure.cause.message, cause: failure.cause });
  }

  /** The same member once more: an idle connection that was just being closed is no reason to move a session. */
  #tryAgain(failure: Failure): boolean {
    const { budget } = this.#parts;
    const { member } = this.#attempt!;
    if (failure.sent && !budget.withdraw()) return false;
    this.#endAttempt(failure.kind, failure.cause);
    this.#send(
      { kind: 'member', member, reason: 'route', candidates: [], probe: false, forced: false },
      true,
    );
    return true;
  }

  /** Another member, if attempts, budget and members are left. `sent`: this one may have seen the request. */
  #tryAnother(sent: boolean, outcome: AttemptOutcome, cause?: Error): boolean {
    const { settings, members, budget } = this.#parts;
    const most = settings.maxattempts ?? members.view().length - 1;
    if (this.#attempts > most) return false;
    this.#tried = new Set([...this.#tried, this.#attempt!.member]);
    let choice = this.#choose();
    if (choice.kind === 'nobody' && choice.reason === 'unusable' && settings.maxattempts !== undefined) {
      // Whoever asks for more attempts than there are members gets them.
      this.#tried = nobodyTried;
      choice = this.#choose();
    }
    if (choice.kind === 'nobody' || (sent && !budget.withdraw())) return false;
    this.#flow?.abort();
    this.#endAttempt(outcome, cause);
    this.#send(choice, false);
    return true;
  }

  #choose(): Choice {
    const { members, rules, now } = this.#parts;
    return chooseMember(members.view(), this.#work.session.route, rules, now(), this.#tried);
  }

  #sendToChosen(choice: Choice): void {
    if (choice.kind === 'member') {
      this.#send(choice, false);
    } else if (choice.reason === 'nofailover') {
      this.#giveUp('ERR_BALANCER_NO_FAILOVER', {});
    } else if (!this.#waitForMember(choice.retryAt)) {
      this.#giveUp('ERR_BALANCER_NO_MEMBER', {});
    }
  }

  /** httpd's balancer `timeout`: waits for news of the members, or for the next retry, whichever is first. */
  #waitForMember(retryAt: number | undefined): boolean {
    const { settings, members, now } = this.#parts;
    this.#waitUntil ??= now() + settings.waitMs;
    const left = this.#waitUntil - now();
    if (left <= 0) return false;
    const wake = (): void => {
      this.#stopWaiting?.();
      this.#sendToChosen(this.#choose());
    };
    // A member that is due and not usable is being tried: how that ends will be news.
    const untilRetry = retryAt === undefined || retryAt <= now() ? left : retryAt - now();
    const timer = setTimeout(wake, Math.ceil(Math.min(left, untilRetry)));
    const stopListening = members.whenChanged(wake);
    this.#stopWaiting = () => {
      this.#stopWaiting = undefined;
      clearTimeout(timer);
      stopListening();
    };
    return true;
  }

  #send(choice: Chosen, again: boolean): void {
    const { members, sender, rewriter, now } = this.#parts;
    const { inbound, session, body, facts } = this.#work;
    const { settings: member } = choice.member;
    this.#attempt = members.elect(choice);
    if (!again) this.#attempts += 1;
    this.#facts = {
      member: member.url,
      name: member.name,
      reason: again ? 'again' : choice.reason,
      outcome: 'pending',
      status: undefined,
      code: undefined,
      durationMs: 0,
    };
    facts.attempts.push(this.#facts);
    facts.member = member.url;
    facts.memberRoute = member.route;
    facts.routeChanged =
      session.configured && (session.route === undefined || session.route !== member.route);
    debug.choice('%s %s: %s, by %s', inbound.method, inbound.path, member.url, this.#facts.reason);
    this.#startedAt = now();
    this.#interims = 0;
    this.#flow = sender.send(rewriter.rewriteRequest(inbound, member, body), member, this, again);
  }

  #circumstances(): Circumstances {
    const { settings } = this.#parts;
    const { inbound, body } = this.#work;
    return {
      repeatable: isRepeatable(inbound, settings.failover),
      movable: !this.#begun && !this.#hinted && isReplayable(body),
      again: this.#facts!.reason === 'again',
      failonstatus: settings.failonstatus,
      failontimeout: settings.failontimeout,
      failoverStatus: settings.failover.status,
    };
  }

  #reply(answer: Answer): ReturnType<Rewriter['rewriteAnswer']> {
    const { inbound, session } = this.#work;
    return this.#parts.rewriter.rewriteAnswer(
      answer,
      inbound,
      this.#attempt!.member.settings,
      session.cookieRoute,
    );
  }

  #note(outcome: AttemptOutcome, cause?: Error): void {
    const facts = this.#facts;
    if (!facts) return;
    // An answer that has begun can still break off; its time is that of its head.
    if (facts.outcome === 'pending') facts.durationMs = this.#parts.now() - this.#startedAt;
    else if (facts.outcome !== 'answered') return;
    facts.outcome = outcome;
    facts.code = cause && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    debug.forward(
      '%s: %s %s, %d ms',
      facts.member,
      outcome,
      facts.code ?? facts.status ?? '',
      facts.durationMs,
    );
  }

  #endAttempt(outcome: AttemptOutcome, cause?: Error): void {
    this.#note(outcome, cause);
    this.#attempt?.end();
  }

  #end(code: BalancerErrorCode): void {
    if (this.#begun) this.#cut(code);
    else this.#giveUp(code, {});
  }

  /** Too late for an error: half an answer must not pass for a whole one. */
  #cut(why: string): void {
    const { name, logger } = this.#parts.settings;
    logger.warn(`[${name}] ${this.#facts!.member}: cut in mid-answer, ${why}`);
    this.#finish();
    this.#client.cut();
  }

  /** Nothing more will happen: the attempt is paid for, nothing is left running. */
  #finish(): void {
    this.#over = true;
    this.#parts.inFlight.remove(this);
    clearTimeout(this.#deadline);
    this.#stopWaiting?.();
    this.#flow?.abort();
    this.#flow = undefined;
    this.#attempt?.end();
    dropBody(this.#work.body);
  }

  #giveUp(code: BalancerErrorCode, details: BalancerErrorDetails): void {
    const { settings } = this.#parts;
    const { facts } = this.#work;
    this.#finish();
    this.#client.fail(
      new BalancerError(code, {
        balancer: settings.name,
        ...(facts.member === undefined ? {} : { member: facts.member }),
        attempts: facts.attempts,
        ...(statusOf(code) === 503 ? { headers: this.#retryAfter() } : {}),
        ...details,
      }),
    );
  }

  /** Until the first member in error is due again, in whole seconds (RFC 9110 10.2.3). */
  #retryAfter(): Readonly<Record<string, string>> {
    const { members, now } = this.#parts;
    const at = earliestRetry(members.view());
    return at === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil((at - now()) / 1000))) };
  }
}

const codeOf: Readonly<Record<FailureKind, BalancerErrorCode>> = {
  connect: 'ERR_BALANCER_CONNECT',
  'connect-timeout': 'ERR_BALANCER_CONNECT_TIMEOUT',
  reset: 'ERR_BALANCER_RESET',
  timeout: 'ERR_BALANCER_TIMEOUT',
  'bad-answer': 'ERR_BALANCER_BAD_ANSWER',
  'bad-request': 'ERR_BALANCER_BAD_REQUEST',
};

function badAnswer(cause: unknown): Failure {
  return {
    kind: 'bad-answer',
    sent: true,
    reused: false,
    cause: cause instanceof Error ? cause : new Error(String(cause)),
  };
}
