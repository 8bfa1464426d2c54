import type { Duplex } from 'node:stream';
import { chooseMember, nobodyTried, type Choice, type Chosen } from './choice/choose-member.ts';
import {
  BalancerError,
  codeOf,
  statusOf,
  type BalancerErrorCode,
  type BalancerErrorDetails,
} from './errors.ts';
import type { AttemptOutcome } from './facts.ts';
import { isRepeatable, judgeAnswer, judgeFailure, type Circumstances } from './forward/judge.ts';
import { badAnswer, type Answer, type Failure } from './forward/outcome.ts';
import { isRefusedHead, type Client } from './forward/respond.ts';
import type { Flow, Receiver } from './forward/sender.ts';
import type { Attempt } from './member/members.ts';
import type { Parts, Work } from './parts.ts';
import { dropBody, isReplayable } from './request/body.ts';
import type { RawHeaders } from './rewrite/headers.ts';
import { retryAfter } from './retry-after.ts';
import { waitForMember } from './wait-for-member.ts';

/** Serves one request: choose, send, judge, until a member answers the client or nobody is left. */
export class Delivery implements Receiver {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #client: Client;
  #tried = nobodyTried;
  #attempts = 0;
  #attempt: Attempt | undefined;
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
        this.#work.account.note('deadline');
        this.#abandon('ERR_BALANCER_DEADLINE', 'deadline is over');
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
    this.#work.account.note('client-gone');
    this.#finish();
  }

  /** The balancer closes: what has not been answered is refused, what is being answered is cut. */
  stop(): void {
    this.#abandon('ERR_BALANCER_CLOSED');
  }

  interim(answer: Answer): void {
    if (this.#leaveIfLost()) return;
    this.#interims += 1;
    // httpd ends an exchange at the tenth: a member could go on for ever.
    if (this.#interims > 10) {
      this.#flow?.abort();
      this.failed(badAnswer(new Error('more than ten interim answers')));
    } else {
      const { settings: member } = this.#attempt!.member;
      const reply = this.#parts.rewriter.rewriteInterim(answer, this.#work.inbound, member);
      this.#hinted = this.#client.interim(reply) || this.#hinted;
    }
  }

  answered(answer: Answer): void {
    if (this.#leaveIfLost()) return;
    const verdict = judgeAnswer(answer, this.#circumstances());
    this.#work.account.noteStatus(answer.status);
    this.#attempt!.report(verdict.marks ? 'failed' : 'succeeded');
    if (verdict.next === 'another' && this.#tryAnother(true, 'discarded')) return;
    const reply = this.#reply(answer);
    if (this.#parts.settings.errorOverride(answer.status)) {
      this.#work.account.note('answered');
      const headers = this.#parts.rewriter.keepForErrorPage(reply);
      const { status } = answer;
      this.#giveUp('ERR_BALANCER_MEMBER_STATUS', { status, detail: String(status), headers });
      return;
    }
    try {
      this.#client.head(reply);
    } catch (error) {
      this.#flow?.abort();
      // What the app does to heads it does to any member's.
      this.#hinted ||= !isRefusedHead(error);
      this.failed(badAnswer(error));
      return;
    }
    this.#work.account.note('answered');
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
    this.#work.account.noteStatus(answer.status);
    try {
      this.#client.upgraded(this.#reply(answer), socket, () => {
        this.#finish();
      });
    } catch (error) {
      socket.destroy();
      this.failed(badAnswer(error));
      return;
    }
    this.#work.account.note('upgraded');
    this.#flow = undefined;
    this.#begun = true;
    clearTimeout(this.#deadline);
  }

  failed(failure: Failure): void {
    this.#flow = undefined;
    if (this.#leaveIfLost()) return;
    if (this.#begun) {
      // Like httpd, no reason to leave the member alone: it has answered.
      this.#work.account.note(failure.kind, failure.cause);
      this.#cut(failure.cause.message);
      return;
    }
    const attempt = this.#attempt!;
    const verdict = judgeFailure(failure, this.#circumstances());
    if (verdict.next === 'again' && this.#tryAgain(failure)) return;
    if (verdict.marks || (attempt.isProbe() && failure.kind !== 'bad-request')) attempt.report('failed');
    if (verdict.next !== 'give-up' && this.#tryAnother(failure.sent, failure.kind, failure.cause)) return;
    this.#work.account.note(failure.kind, failure.cause);
    this.#giveUp(codeOf(failure.kind), { detail: failure.cause.message, cause: failure.cause });
  }

  /** The same member once more: an idle connection that was just being closed is no reason to move a session. */
  #tryAgain(failure: Failure): boolean {
    const attempt = this.#attempt!;
    if (failure.sent && !this.#parts.budget.withdraw()) return false;
    this.#work.account.note(failure.kind, failure.cause);
    const [member, probe] = [attempt.member, attempt.isProbe()];
    this.#send({ kind: 'member', member, reason: 'again', candidates: [], probe, forced: false });
    // Only now, so that nobody else takes over the trial in between.
    attempt.end();
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
    this.#work.account.note(outcome, cause);
    this.#attempt?.end();
    this.#send(choice);
    return true;
  }

  #choose(): Choice {
    const { members, rules, now } = this.#parts;
    return chooseMember(members.view(), this.#work.session.route, rules, now(), this.#tried);
  }

  #sendToChosen(choice: Choice): void {
    if (choice.kind === 'member') {
      this.#send(choice);
    } else if (choice.reason === 'nofailover') {
      this.#giveUp('ERR_BALANCER_NO_FAILOVER', {});
    } else if (!this.#waitForMember(choice.retryAt)) {
      this.#giveUp('ERR_BALANCER_NO_MEMBER', {});
    }
  }

  /** httpd's balancer `timeout`; false when it is over. */
  #waitForMember(retryAt: number | undefined): boolean {
    const { settings, members, now } = this.#parts;
    this.#waitUntil ??= now() + settings.waitMs;
    if (this.#waitUntil <= now()) return false;
    this.#stopWaiting = waitForMember(members, now, this.#waitUntil, retryAt, () => {
      this.#sendToChosen(this.#choose());
    });
    return true;
  }

  #send(choice: Chosen): void {
    const { members, sender, rewriter } = this.#parts;
    const { origin, inbound, body, account } = this.#work;
    const member = choice.member.settings;
    this.#attempt = members.elect(choice);
    account.begin(choice);
    const isAgain = choice.reason === 'again';
    if (!isAgain) this.#attempts += 1;
    this.#interims = 0;
    const outbound = { ...rewriter.rewriteRequest(inbound, member, body), origin };
    this.#flow = sender.send(outbound, member, this, isAgain);
  }

  #circumstances(): Circumstances {
    const { failover, failonstatus, failontimeout } = this.#parts.settings;
    const { inbound, body, account } = this.#work;
    const repeatable = isRepeatable(inbound, failover);
    const movable = !this.#begun && !this.#hinted && isReplayable(body);
    const { status: failoverStatus } = failover;
    return { repeatable, movable, again: account.isAgain, failonstatus, failontimeout, failoverStatus };
  }

  #reply(answer: Answer) {
    const { inbound, session } = this.#work;
    const { settings: member } = this.#attempt!.member;
    return this.#parts.rewriter.rewriteAnswer(answer, inbound, member, session.cookieRoute);
  }

  /** The client has left, which fails the attempt first where it breaks off its request; or the app has answered it. */
  #leaveIfLost(): boolean {
    const isLost = this.#client.isGone() || (!this.#begun && this.#client.isAnswered());
    if (isLost) this.leave();
    return isLost;
  }

  #abandon(code: BalancerErrorCode, why?: string): void {
    if (this.#begun) this.#cut(why);
    else this.#giveUp(code, {});
  }

  /** Too late for an error: half an answer must not pass for a whole one. */
  #cut(failure?: string): void {
    const { name, logger } = this.#parts.settings;
    if (failure !== undefined)
      logger.warn(`[${name}] ${this.#attempt!.member.settings.url}: cut in mid-answer, ${failure}`);
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
    const { settings, members, now } = this.#parts;
    const { facts } = this.#work.account;
    this.#finish();
    this.#client.fail(
      new BalancerError(code, {
        balancer: settings.name,
        member: facts.member,
        attempts: facts.attempts,
        ...(statusOf(code) === 503 ? { headers: retryAfter(members.view(), now()) } : {}),
        ...details,
      }),
    );
  }
}
