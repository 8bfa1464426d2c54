import type { Socket } from 'node:net';
import { readAnswers } from './answer-reader.ts';
import { createHistogram } from './histogram.ts';
import { openConnection } from './open-connection.ts';

/** What is asked, and how often. */
export type RatePlan = Readonly<{
  port: number;
  perSecond: number;
  durationMs: number;
  /** Asked at the same rate before that, and not counted: the client itself has to get warm. */
  warmUpMs: number;
  connections: number;
  /** How long after the last request was due answers are waited for. */
  patienceMs: number;
  /** The whole request. */
  request: Buffer;
}>;

/** How long answers took from when their requests were due, and how many came. */
export type RateFigures = Readonly<{
  p50Us: number;
  p99Us: number;
  p999Us: number;
  maxUs: number;
  sent: number;
  answered: number;
  failed: number;
  /** Answers that came in a second: less than was asked for where the proxy does not keep up. */
  perSecond: number;
}>;

/** Time as the run sees it, in milliseconds, and who calls again as soon as sockets have been looked at. */
export type Clock = Readonly<{ now(): number; soon(again: () => void): void }>;

/**
 * Turns and polls without a rest: Node's timers are a millisecond coarse, which would send the requests of a millisecond
 * in one go and measure how they wait for each other.
 */
const spinning: Clock = { now: () => performance.now(), soon: setImmediate };

const reconnectMs = 100;

/** Asks at fixed times, whether answers come or not: a request that finds no connection free waits, and its wait counts. */
export async function runAtRate(plan: RatePlan, clock: Clock = spinning): Promise<RateFigures> {
  const run = new RateRun(plan, clock);
  try {
    return await run.run();
  } finally {
    run.close();
  }
}

type Line = { socket: Socket; asked: number };

const nothing = -1;

class RateRun {
  readonly #plan: RatePlan;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #warmUps: number;
  readonly #total: number;
  readonly #histogram = createHistogram();
  readonly #lines = new Set<Line>();
  /** Used in turn, so that none of them is closed for being idle. */
  readonly #free: Line[] = [];
  readonly #done = Promise.withResolvers<undefined>();
  /** Until all connections are open nothing is due. */
  #startMs = Infinity;
  #lastAnswerMs = 0;
  #isClosed = false;
  /** Requests are due in the order of their numbers: those that wait are the ones from here to the last that is due. */
  #next = 0;
  #ended = 0;
  #failed = 0;

  constructor(plan: RatePlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#intervalMs = 1_000 / plan.perSecond;
    this.#warmUps = Math.round(plan.warmUpMs / this.#intervalMs);
    this.#total = this.#warmUps + Math.max(1, Math.round(plan.durationMs / this.#intervalMs));
  }

  async run(): Promise<RateFigures> {
    await Promise.all(Array.from({ length: this.#plan.connections }, () => this.#open()));
    this.#startMs = this.#clock.now();
    this.#turn();
    await this.#done.promise;
    const histogram = this.#histogram;
    const firstDueMs = this.#dueOf(this.#warmUps);
    const answered = this.#total - this.#warmUps - this.#failed;
    return {
      p50Us: histogram.quantile(0.5),
      p99Us: histogram.quantile(0.99),
      p999Us: histogram.quantile(0.999),
      maxUs: histogram.longest(),
      sent: Math.max(0, this.#next - this.#warmUps),
      answered,
      failed: this.#failed,
      perSecond: (answered * 1_000) / Math.max(this.#lastAnswerMs - firstDueMs, this.#intervalMs),
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#lines) line.socket.destroy();
  }

  #dueOf(number: number): number {
    return this.#startMs + number * this.#intervalMs;
  }

  #turn = (): void => {
    if (this.#ended === this.#total) {
      this.#done.resolve(undefined);
      return;
    }
    const nowMs = this.#clock.now();
    if (nowMs > this.#dueOf(this.#total - 1) + this.#plan.patienceMs) this.#giveUp(nowMs);
    else while (this.#free.length > 0 && this.#isDue(nowMs)) this.#ask(this.#free.shift()!);
    this.#clock.soon(this.#turn);
  };

  #isDue(nowMs: number): boolean {
    return this.#next < this.#total && this.#dueOf(this.#next) <= nowMs;
  }

  #ask(line: Line): void {
    line.asked = this.#next;
    this.#next += 1;
    line.socket.write(this.#plan.request);
  }

  #answer(line: Line, status: number): void {
    if (line.asked === nothing) throw new Error('an answer that nobody has asked for');
    this.#end(line.asked, status >= 200 && status < 300);
    line.asked = nothing;
    this.#freeUp(line);
  }

  #freeUp(line: Line): void {
    if (this.#isDue(this.#clock.now())) this.#ask(line);
    else this.#free.push(line);
  }

  #end(number: number, isGood: boolean): void {
    this.#ended += 1;
    if (number < this.#warmUps) return;
    const nowMs = this.#clock.now();
    this.#lastAnswerMs = nowMs;
    if (isGood) this.#histogram.record((nowMs - this.#dueOf(number)) * 1_000);
    else this.#failed += 1;
  }

  /** What was not answered has waited until now at least: left out, it would make the others look fast. */
  #giveUp(nowMs: number): void {
    const waiting = [...this.#lines].map(({ asked }) => asked).filter((asked) => asked !== nothing);
    for (let number = this.#next; number < this.#total; number += 1) waiting.push(number);
    for (const number of waiting.filter((each) => each >= this.#warmUps)) {
      this.#histogram.record((nowMs - this.#dueOf(number)) * 1_000);
      this.#failed += 1;
    }
    this.#ended = this.#total;
  }

  #open(): Promise<undefined> {
    const opened = Promise.withResolvers<undefined>();
    const reader = readAnswers((status) => {
      this.#answer(line, status);
    });
    const socket = openConnection(this.#plan.port, {
      read(bytes) {
        reader.read(bytes);
        return undefined;
      },
      closed: (error) => {
        this.#lose(line);
        opened.reject(error ?? new Error('the proxy closes connections at once'));
      },
    });
    const line: Line = { socket, asked: nothing };
    this.#lines.add(line);
    socket.once('connect', () => {
      this.#freeUp(line);
      opened.resolve(undefined);
    });
    return opened.promise;
  }

  #lose(line: Line): void {
    this.#lines.delete(line);
    const place = this.#free.indexOf(line);
    if (place >= 0) this.#free.splice(place, 1);
    if (this.#isClosed) return;
    if (line.asked !== nothing) this.#end(line.asked, false);
    // Not at once: a proxy that is gone refuses as fast as one can ask.
    setTimeout(() => {
      if (!this.#isClosed) this.#open().catch(() => undefined);
    }, reconnectMs);
  }
}
