import type { MemberView } from '../../member/member.ts';
import { quantile } from '../../tally/quantile.ts';
import type { MemberTally } from '../../tally/tally.ts';
import type { Quantiles } from './report.ts';
import { roundMs, roundRate } from './round.ts';
import { MinuteWindow, RateWindow, stepMs } from './windows.ts';

/** How many points the history has: five minutes of them. */
export const points = 150;

/** How long a count of sessions is good for: counting them is work. */
const sessionsMs = 10_000;

/** How many counts may yet be made anew. */
export type Budget = { left: number };

/** What is known of a member in one line of the history; NaN for nothing. */
type Line = Readonly<Record<'rate' | 'p50' | 'p95', Float32Array>>;

/** Remembers how one member was. */
export class Track {
  readonly line: Line = { rate: emptyLine(), p50: emptyLine(), p95: emptyLine() };
  /** Steps since it was there last; its points are gone when there are as many. */
  absent = 0;
  #member: MemberView;
  #tally: MemberTally;
  #rates = new RateWindow();
  #minute = new MinuteWindow();
  readonly #counts: Float64Array;
  #attempts = 0;
  #lookedAt = 0;
  #sessions: Readonly<{ at: number; count: number | undefined }> | undefined;

  constructor(member: MemberView, tally: MemberTally, now: number) {
    this.#member = member;
    this.#tally = tally;
    this.#counts = new Float64Array(tally.responseTimes.counts.length);
    this.#look(now);
  }

  /** Somebody else may come under the name of one that has gone: the counts begin anew, the line goes on. */
  follow(member: MemberView, tally: MemberTally, now: number): void {
    this.absent = 0;
    if (member === this.#member) return;
    this.#member = member;
    this.#tally = tally;
    this.#rates = new RateWindow();
    this.#minute = new MinuteWindow();
    this.#sessions = undefined;
    this.#look(now);
  }

  /** Writes a point. `isThere`: the member is still one. */
  step(point: number, now: number, isThere: boolean): void {
    const { rate, p50, p95 } = this.line;
    rate[point] = p50[point] = p95[point] = NaN;
    if (!isThere) {
      this.absent += 1;
      return;
    }
    const { counts } = this.#tally.responseTimes;
    // A look between two steps is of a member that has only just come.
    const ms = Math.max(now - this.#lookedAt, stepMs / 2);
    rate[point] = ((countAttempts(this.#tally) - this.#attempts) / ms) * 1000;
    p50[point] = quantile(counts, this.#counts, 0.5) ?? NaN;
    p95[point] = quantile(counts, this.#counts, 0.95) ?? NaN;
    this.#look(now);
  }

  rate(now: number): number {
    return this.#rates.rate(countAttempts(this.#tally), now);
  }

  quantiles(): Quantiles | undefined {
    return this.#minute.quantiles(this.#tally.responseTimes.counts);
  }

  /** `memberNow`: by the clock of its balancer. */
  sessions(now: number, memberNow: number, budget: Budget): number | undefined {
    const known = this.#sessions;
    const isOld = known !== undefined && now - known.at >= sessionsMs;
    if (known && !(isOld && budget.left > 0)) return known.count;
    if (isOld) budget.left -= 1;
    const count = this.#tally.sessions(memberNow);
    this.#sessions = { at: now, count };
    return count;
  }

  #look(now: number): void {
    const { counts } = this.#tally.responseTimes;
    this.#attempts = countAttempts(this.#tally);
    this.#counts.set(counts);
    this.#lookedAt = now;
    this.#rates.mark(this.#attempts, now);
    this.#minute.look(counts);
  }
}

/** A line as it is told, the oldest point first. `next`: where the next point will stand; `count`: how many there are. */
export function readLine(line: Line, next: number, count: number): Record<keyof Line, (number | null)[]> {
  const read = (numbers: Float32Array, round: (number: number) => number): (number | null)[] =>
    Array.from({ length: count }, (_, i) => {
      const number = numbers[(next - count + i + points) % points]!;
      return Number.isNaN(number) ? null : round(number);
    });
  return { rate: read(line.rate, roundRate), p50: read(line.p50, roundMs), p95: read(line.p95, roundMs) };
}

function emptyLine(): Float32Array {
  return new Float32Array(points).fill(NaN);
}

function countAttempts({ attempts }: MemberTally): number {
  let count = 0;
  for (const number of attempts.values()) count += number;
  return count;
}
