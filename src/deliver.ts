import { AsyncResource } from 'node:async_hooks';
import { clock, type Timer } from './clock.ts';
import {
  chooseMember,
  chooseOutOfTurn,
  nobodyTried,
  type Choice,
  type Chosen,
  type Nobody,
} from './choice/choose-member.ts';
import {
  BalancerError,
  codeOf,
  statusOf,
  type BalancerErrorCode,
  type BalancerErrorDetails,
} from './errors.ts';
import type { AttemptOutcome } from './facts.ts';
import type { Failure } from './forward/outcome.ts';
import type { Client } from './forward/respond.ts';
import type { Served } from './in-flight.ts';
import type { MemberView } from './member/member.ts';
import type { Parts, Work } from './parts.ts';
import { Patience } from './waiting/patience.ts';
import { dropBody } from './request/body.ts';
import { retryAfter } from './waiting/retry-after.ts';
import type { Tunnel } from './tunnel/tunnel.ts';
import { Turn, type Host } from './turn.ts';

const codesOfNobody = {
  unusable: 'ERR_BALANCER_NO_MEMBER',
  nofailover: 'ERR_BALANCER_NO_FAILOVER',
  full: 'ERR_BALANCER_OVERLOAD',
  'method-failed': 'ERR_BALANCER_LBMETHOD',
} as const satisfies Readonly<Record<Nobody['reason'], BalancerErrorCode>>;

/** Serves one request: choose, send, judge, until a member answers the client or nobody is left. */
export class Delivery implements Host, Served {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #client: Client;
  #tried = nobodyTried;
  /** How many members were tried, since the request came in or was held last. */
  #attempts = 0;
  #turn: Turn | undefined;
  /** How it ends when nobody takes over. */
  #failure: Failure | undefined;
  #patience: Patience | undefined;
  #deadline: Timer | undefined;
  #over = false;
  /** Among those in flight. */
  place = -1;

  constructor(parts: Parts, work: Work, client: Client) {
    this.#parts = parts;
    this.#work = work;
    this.#client = client;
  }

  /** Begins; the client is answered, or failed, exactly once. */
  start(): void {
    const { settings, budget, inFlight, room } = this.#parts;
    budget.deposit();
    inFlight.add(this);
    if (settings.deadlineMs !== undefined) {
      this.#deadline = clock.setLimit(() => {
        this.#turn?.note('deadline');
        this.#abandon('ERR_BALANCER_DEADLINE', 'deadline is over');
      }, settings.deadlineMs);
    }
    room.letPass();
    this.#serve(this.#choose());
  }

  /** The client has left, or has been answered by somebody else: what it did is nobody's failure. */
  leave(): void {
    if (this.#over) return;
    this.#turn?.note('client-gone');
    this.finish();
  }

  get tunnel(): Tunnel | undefined {
    return this.#client.tunnel;
  }

  get member(): MemberView | undefined {
    return this.#turn?.member;
  }

  /** The balancer closes: what has not been answered is refused, what is being answered is cut. */
  stop(): void {
    if (this.tunnel) this.tunnel.stop();
    else this.#abandon('ERR_BALANCER_CLOSED');
  }

  beLast(): void {
    // RFC 9112 9.6: told by `Connection: close`; whatever is asked for on the connection next would be refused.
    this.#work.origin.res.shouldKeepAlive = false;
  }

  /** The client has left, which fails the attempt first where it breaks off its request; or the app has answered it. */
  isLost(): boolean {
    return this.#client.isGone() || (!this.#turn?.hasBegun && this.#client.isAnswered());
  }

  /** An idle connection that was just being closed is no reason to move a session. */
  tryAgain({ sent, kind, cause }: Failure): boolean {
    const turn = this.#turn!;
    if (sent && !this.#parts.budget.withdraw()) return false;
    turn.note(kind, cause);
    const { member, isProbe: probe } = turn;
    this.#send({ kind: 'member', member, reason: 'again', candidates: [], probe, forced: false });
    // Only now, so that nobody else takes over the trial in between.
    turn.end();
    return true;
  }

  /** If attempts, budget and members are left. */
  tryAnother(failure?: Failure): boolean {
    const { settings, budget } = this.#parts;
    // Without a limit each is tried once, whoever has come and gone since this request began.
    if (this.#attempts > (settings.maxattempts ?? Infinity)) return false;
    this.#tried = new Set([...this.#tried, this.#turn!.member]);
    // An answer that is there is better than who is in error.
    let choice = this.#choose(failure !== undefined);
    if (choice.kind === 'nobody' && choice.reason === 'unusable' && settings.maxattempts !== undefined) {
      // Whoever asks for more attempts than there are members gets them.
      this.#tried = nobodyTried;
      choice = this.#choose();
    }
    // An answer that is there is better than one that has to be waited for, or than an error of the method's.
    const isWorth =
      choice.kind === 'nobody' && (choice.reason === 'full' || choice.reason === 'method-failed');
    const isLeft = choice.kind === 'member' || (isWorth && failure !== undefined);
    if (!isLeft || (failure?.sent !== false && !budget.withdraw())) return false;
    this.#failure = failure;
    this.#endTurn(failure?.kind ?? 'discarded', failure?.cause);
    this.#serve(choice);
    return true;
  }

  hold(failure: Failure): boolean {
    const notBefore = this.#patient().hold();
    if (notBefore === undefined || (failure.sent && !this.#parts.budget.withdraw())) return false;
    this.#failure = failure;
    this.#endTurn(failure.kind, failure.cause);
    this.#tried = nobodyTried;
    this.#attempts = 0;
    // Its pause may be over before its timer is set, and nothing else would bring it.
    this.#wait({ kind: 'nobody', reason: 'unusable', retryAt: notBefore, full: [] }, notBefore);
    return true;
  }

  /** Nothing more will happen: the attempt is paid for, nothing is left running. */
  finish(): void {
    this.#over = true;
    this.#parts.inFlight.remove(this);
    clock.clear(this.#deadline);
    this.#patience?.leave();
    this.#turn?.end();
    // A local handler, or who comes after it, reads the body itself.
    if (!this.#turn?.isLocal) dropBody(this.#work.body);
  }

  giveUp(code: BalancerErrorCode, details: BalancerErrorDetails): void {
    const { settings, members, checkReport, now } = this.#parts;
    const { facts } = this.#work.account;
    this.finish();
    this.#client.fail(
      new BalancerError(code, {
        balancer: settings.name,
        member: facts.member,
        attempts: facts.attempts,
        ...(statusOf(code) === 503 ? { headers: retryAfter(members.view(), now(), code, checkReport) } : {}),
        ...details,
      }),
    );
  }

  switched(): void {
    clock.clear(this.#deadline);
    this.#work.ending.switched();
    this.#parts.partings.joined(this);
  }

  cut(why?: string): void {
    const { name, logger } = this.#parts.settings;
    if (why !== undefined)
      logger.warn(`[${name}] ${this.#turn!.member.settings.url}: cut in mid-answer, ${why}`);
    this.finish();
    this.#work.ending.noteCut();
    this.#client.cut();
  }

  passOn(error: unknown): void {
    this.#turn?.note('passed-on');
    this.finish();
    this.#work.next(error);
  }

  #abandon(code: BalancerErrorCode, why?: string): void {
    if (this.#turn?.hasBegun) this.cut(why);
    else this.giveUp(code, {});
  }

  #choose(isLastChance = false): Choice {
    const { members, rules, now, random } = this.#parts;
    const { origin, session, body } = this.#work;
    const context = { now: now(), random, req: origin.req };
    const list = members.view();
    // What has been read of a body is kept for servers; a function of the app would find it gone.
    const isRead = body.kind === 'stream' && body.hasPoured;
    const handlers = isRead ? list.filter(({ settings }) => settings.handler) : [];
    const tried = handlers.length > 0 ? new Set([...this.#tried, ...handlers]) : this.#tried;
    const choice = chooseMember(list, session.route, rules, context, tried);
    const isLost = choice.kind === 'nobody' && choice.reason === 'unusable';
    return isLost && isLastChance ? chooseOutOfTurn(list, session.route, rules, context, tried) : choice;
  }

  #serve(choice: Choice): void {
    if (choice.kind === 'member') this.#send(choice);
    else this.#wait(choice);
  }

  #send(choice: Chosen): void {
    const isAgain = choice.reason === 'again';
    if (!isAgain) this.#attempts += 1;
    this.#turn = new Turn(this.#parts, this.#work, this.#client, choice, this);
    this.#turn.begin(isAgain);
  }

  #endTurn(outcome: AttemptOutcome, cause?: Error): void {
    this.#turn?.note(outcome, cause);
    this.#turn?.end();
  }

  #patient(): Patience {
    return (this.#patience ??= new Patience(this.#parts, this.#work.account, this.#work.account.arrivedAt));
  }

  /** For a place, or for a member; until the one or the other comes, or its time is up. */
  #wait(choice: Nobody, notBefore?: number): void {
    const { route } = this.#work.session;
    const isKnown = route !== undefined && this.#parts.members.hasRoute(route);
    // Who makes room for it is another request, with another AsyncLocalStorage.
    const context = new AsyncResource('BALANCER_WAIT', { requireManualDestroy: true });
    const request = {
      choose: () => this.#choose(),
      // What no member has, clients make up.
      kind: () => (this.#tried === nobodyTried ? (isKnown ? route : '') : undefined),
      serve: (chosen: Chosen) => {
        context.runInAsyncScope(() => {
          this.#send(chosen);
        });
      },
      expire: (nobody: Nobody) => {
        context.runInAsyncScope(() => {
          this.#expire(nobody);
        });
      },
      refuse: (detail: string) => {
        this.giveUp('ERR_BALANCER_OVERLOAD', { detail });
      },
    };
    this.#patient().wait(choice, this.#turn === undefined, request, notBefore);
  }

  /** Nobody can serve it, and it waits no more. */
  #expire(nobody: Nobody): void {
    const choice = this.#leaveBound(nobody);
    if (choice.kind === 'member') {
      this.#send(choice);
      return;
    }
    const { reason, error } = nobody;
    const failure = this.#failure;
    if (failure && reason !== 'method-failed') {
      this.giveUp(codeOf(failure.kind), { detail: failure.cause.message, cause: failure.cause });
    } else {
      const detail = error instanceof Error ? { detail: error.message, cause: error } : {};
      this.giveUp(codesOfNobody[reason], detail);
    }
  }

  /** Its session's member has no place for it: whoever has one now takes it. */
  #leaveBound(nobody: Nobody): Choice {
    let choice: Choice = nobody;
    // Several may share a route, and redirect further.
    while (choice.kind === 'nobody' && choice.bound) {
      this.#tried = new Set([...this.#tried, choice.bound]);
      choice = this.#choose();
    }
    return choice;
  }
}
