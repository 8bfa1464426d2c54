import type { Duplex } from 'node:stream';
import { clock, type Timer } from './clock.ts';
import type { Chosen } from './choice/choose-member.ts';
import { codeOf, type BalancerErrorCode, type BalancerErrorDetails } from './errors.ts';
import type { AttemptOutcome } from './facts.ts';
import { isBadStatus, isRepeatable, judgeAnswer, judgeFailure, type Grounds } from './forward/judge.ts';
import { badAnswer, type Answer, type Failure } from './forward/outcome.ts';
import { isRefusedHead, type Client } from './forward/respond.ts';
import { runHandler } from './forward/run-handler.ts';
import type { Flow, Outbound, Receiver } from './forward/sender.ts';
import type { MemberView } from './member/member.ts';
import type { Attempt } from './member/attempt.ts';
import type { Parts, Work } from './parts.ts';
import { isReplayable } from './request/body.ts';
import type { RawHeaders } from './rewrite/headers.ts';
import type { Reply } from './rewrite/rewrite-answer.ts';
import { addServerTiming } from './server-timing.ts';

/** Who has given a member its turn, and is told what it comes to. */
export type Host = Readonly<{
  /** The client has left, or the app has answered it. */
  isLost(): boolean;
  leave(): void;
  /** The same member once more, on a fresh connection; false: it may not be. */
  tryAgain(failure: Failure): boolean;
  /** Another member; false: there is none, or it may not be. Without a failure there is an answer to fall back to. */
  tryAnother(failure?: Failure): boolean;
  /** Later, while no member is up; false: it may not be. */
  hold(failure: Failure): boolean;
  giveUp(code: BalancerErrorCode, details: BalancerErrorDetails): void;
  /** Half an answer has been sent: too late for an error. */
  cut(why: string): void;
  /** The client has its answer. */
  finish(): void;
  /** The connection was switched to another protocol, which has no deadline. */
  switched(): void;
  /** What the handler has not answered is for the app's later middleware. */
  passOn(error: unknown): void;
}>;

/** How long a client may still be sending its request before its trial of a member goes to another request, in milliseconds. */
const trialMs = 1_000;

/** One member's turn at a request, from its election to its end: it is charged, relayed and judged. */
export class Turn implements Receiver {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #client: Client;
  readonly #host: Host;
  readonly #attempt: Attempt;
  #flow: Flow | undefined;
  readonly #startedAt: number;
  #headBytes = 0;
  /** Since when the member is the one who is waited for. */
  #since: number;
  #trial: Timer | undefined;
  #interims = 0;
  /** An interim answer has gone to the client: it is bound to this member now, but can still be told of an error. */
  #hinted = false;
  #hasBegun = false;
  /** It has had to wait for the client, and hears of it when that takes more. */
  #hasWaited = false;
  #isOver = false;

  constructor(parts: Parts, work: Work, client: Client, choice: Chosen, host: Host) {
    this.#parts = parts;
    this.#work = work;
    this.#client = client;
    this.#host = host;
    this.#attempt = parts.members.elect(choice);
    this.#startedAt = parts.now();
    this.#since = this.#startedAt;
    work.account.begin(choice);
  }

  get member(): MemberView {
    return this.#attempt.member;
  }

  get isProbe(): boolean {
    return this.#attempt.isProbe();
  }

  /** The head of the answer has gone to the client, or a local handler has the response. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** A function of the app answers. */
  get isLocal(): boolean {
    return this.member.settings.handler !== undefined;
  }

  /** `fresh`: on a connection that was never used before. */
  begin(fresh: boolean): void {
    const { sender, rewriter } = this.#parts;
    const { origin, inbound, body } = this.#work;
    const { settings } = this.member;
    if (settings.handler) {
      // From here on the response is the handler's; that of an upgrade has no `close` behind its end.
      this.#hasBegun = true;
      // First, so that the app's own listeners, such as its log, know of it.
      origin.res.prependOnceListener('finish', () => {
        if (!this.#isOver) this.#endHere(origin.res.statusCode);
      });
      runHandler(settings.handler, origin, (error) => {
        if (!this.#isOver) this.#host.passOn(error);
      });
      return;
    }
    const outbound = { ...rewriter.rewriteRequest(inbound, settings, body), origin };
    this.#countRequest(outbound);
    this.#flow = sender.send(outbound, settings, this, fresh);
    if (this.isProbe && body.kind === 'stream') {
      // A client that takes its time must not keep a member out that is well again.
      this.#trial = clock.setLimit(() => {
        if (!origin.req.complete) this.#attempt.release();
      }, trialMs);
    }
  }

  interim(answer: Answer): void {
    if (this.#leaveIfLost()) return;
    this.#interims += 1;
    // httpd ends an exchange at the tenth: a member could go on for ever.
    if (this.#interims > 10) {
      this.#flow?.abort();
      this.failed(badAnswer(new Error('more than ten interim answers')));
      return;
    }
    const reply = this.#parts.rewriter.rewriteInterim(answer, this.#work.inbound, this.member.settings);
    this.#hinted = this.#client.interim(reply) || this.#hinted;
  }

  answered(answer: Answer): void {
    if (this.#leaveIfLost()) return;
    const { settings, rewriter } = this.#parts;
    const verdict = judgeAnswer(answer, this.#grounds());
    this.#noteHead(answer, verdict.marks);
    if (verdict.next === 'another' && this.#host.tryAnother()) return;
    const reply = this.#reply(answer);
    if (settings.errorOverride(answer.status)) {
      this.note('answered');
      const headers = rewriter.keepForErrorPage(reply);
      const { status } = answer;
      this.#host.giveUp('ERR_BALANCER_MEMBER_STATUS', { status, detail: String(status), headers });
      return;
    }
    try {
      this.#client.head(reply);
    } catch (error) {
      this.#flow?.abort();
      // What the app does to heads it does to any member's.
      const isMembers = isRefusedHead(error);
      this.#hinted ||= !isMembers;
      this.#judge(badAnswer(error), isMembers);
      return;
    }
    this.note('answered');
    this.#hasBegun = true;
  }

  data(chunk: Buffer): void {
    this.#attempt.received(chunk.length);
    const room = this.#client.data(chunk);
    if (room !== 'room') this.#hold(room === 'sending');
  }

  ended(trailers: RawHeaders): void {
    this.#flow = undefined;
    const thrown = this.#client.end(trailers);
    if (thrown) this.#host.cut(thrown.message);
    else this.#host.finish();
  }

  upgraded(answer: Answer, socket: Duplex): void {
    this.#noteHead(answer, false);
    try {
      this.#client.upgraded(this.#reply(answer), socket, () => {
        this.#host.finish();
      });
    } catch (error) {
      socket.destroy();
      this.failed(badAnswer(error));
      return;
    }
    this.note('upgraded');
    this.#flow = undefined;
    this.#hasBegun = true;
    this.#attempt.settle();
    this.#host.switched();
  }

  failed(failure: Failure): void {
    this.#judge(failure, failure.kind !== 'bad-request');
  }

  note(outcome: AttemptOutcome, cause?: Error): void {
    this.#work.account.note(outcome, cause);
  }

  /** Ends what is left of it, and takes the charge off. */
  end(): void {
    this.#isOver = true;
    clock.clear(this.#trial);
    this.#flow?.abort();
    this.#flow = undefined;
    this.#attempt.end();
  }

  /** The attempt has ended without a whole answer. `isMembers`: it is the member's doing. */
  #judge(failure: Failure, isMembers: boolean): void {
    this.#flow = undefined;
    if (this.#leaveIfLost()) return;
    const { kind, cause, sent } = failure;
    if (this.#hasBegun) {
      // Like httpd, no reason to put the member in error: it has answered.
      if (isMembers) this.#attempt.rate(true, undefined);
      this.note(kind, cause);
      this.#host.cut(cause.message);
      return;
    }
    const verdict = judgeFailure(failure, this.#grounds());
    if (verdict.next === 'again' && this.#host.tryAgain(failure)) return;
    if (!sent) this.#attempt.sent(-this.#headBytes);
    if (verdict.marks || (this.isProbe && isMembers)) this.#attempt.report('failed');
    if (isMembers) this.#attempt.rate(true, this.#parts.now() - this.#since);
    const mayMove = verdict.next !== 'give-up';
    if (mayMove && (this.#host.tryAnother(failure) || this.#host.hold(failure))) return;
    this.note(kind, cause);
    this.#host.giveUp(codeOf(kind), { detail: cause.message, cause });
  }

  /** The handler has answered. */
  #endHere(status: number): void {
    this.#work.account.noteStatus(status);
    this.#attempt.report('succeeded');
    this.note('answered');
    this.#host.finish();
  }

  #noteHead({ status, reason }: Answer, marks: boolean): void {
    const isBad = isBadStatus(status);
    // Who was put in error for bad answers is not back with one more.
    const isNoBetter = isBad && this.#attempt.isTrial() && this.member.state.ejectedMs !== undefined;
    this.#work.account.noteStatus(status);
    this.#attempt.received('HTTP/1.1 200 \r\n'.length + reason.length);
    this.#attempt.report(marks || isNoBetter ? 'failed' : 'succeeded');
    this.#attempt.rate(isBad, this.#parts.now() - this.#since);
  }

  #countRequest({ method, path, headers }: Outbound): void {
    const { body } = this.#work;
    let bytes = method.length + path.length + '  HTTP/1.1\r\n\r\n'.length + 2 * headers.length;
    for (let i = 0; i < headers.length; i += 1) bytes += headers[i]!.length;
    this.#headBytes = bytes;
    this.#attempt.sent(bytes);
    if (body.kind === 'bytes') this.#attempt.sent(body.bytes.length);
    if (body.kind !== 'stream') return;
    body.watch((bytes) => {
      this.#attempt.sent(bytes);
      // Until now the client was waited for.
      this.#since = this.#parts.now();
    });
  }

  /** Until the client takes more. */
  #hold(isSending: boolean): void {
    this.#flow?.pause(isSending);
    if (this.#hasWaited) return;
    this.#hasWaited = true;
    this.#client.onDrain(() => {
      this.#flow?.resume();
    });
  }

  #grounds(): Grounds {
    const { failover, failonstatus, failontimeout } = this.#parts.settings;
    const { inbound, body, account } = this.#work;
    const repeatable = isRepeatable(inbound, failover);
    const movable = !this.#hasBegun && !this.#hinted && isReplayable(body);
    const { status: failoverStatus } = failover;
    return { repeatable, movable, again: account.isAgain, failonstatus, failontimeout, failoverStatus };
  }

  #reply(answer: Answer): Reply {
    const { rewriter, settings, warnings } = this.#parts;
    const { inbound, session, account } = this.#work;
    const reply = rewriter.rewriteAnswer(answer, inbound, this.member.settings, session.cookieRoute);
    warnings.noteAnswer(reply, this.#work, this.member.settings);
    if (!settings.serverTiming) return reply;
    return addServerTiming(reply, account.facts, this.#parts.now() - this.#startedAt);
  }

  #leaveIfLost(): boolean {
    const isLost = this.#host.isLost();
    if (isLost) this.#host.leave();
    return isLost;
  }
}
