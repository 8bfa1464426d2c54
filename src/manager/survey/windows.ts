import { bounds } from '../../tally/histogram.ts';
import { quantile } from '../../tally/quantile.ts';
import type { Quantiles } from './report.ts';
import { roundMs, roundRate } from './round.ts';

/** How often everybody is looked at. */
export const stepMs = 2_000;

/** With marks every two seconds, the oldest of five is eight to ten seconds old. */
const rateMarks = 5;

/** How often something that is counted has happened a second, of the last ten seconds. */
export class RateWindow {
  readonly #at = new Float64Array(rateMarks);
  readonly #counts = new Float64Array(rateMarks);
  #next = 0;
  #marks = 0;

  /** Every two seconds. `now`: monotonic, in milliseconds; the same below. */
  mark(count: number, now: number): void {
    this.#at[this.#next] = now;
    this.#counts[this.#next] = count;
    this.#next = (this.#next + 1) % rateMarks;
    this.#marks = Math.min(this.#marks + 1, rateMarks);
  }

  rate(count: number, now: number): number {
    const oldest = (this.#next - this.#marks + rateMarks) % rateMarks;
    // The first moments say nothing: one request in a millisecond is not a thousand a second.
    const ms = Math.max(now - this.#at[oldest]!, stepMs);
    return roundRate(((count - this.#counts[oldest]!) / ms) * 1000);
  }
}

/** With marks every ten seconds, the oldest of six is fifty to sixty seconds old. */
const minuteMarks = 6;
/** How many looks there are to a mark. */
const looksPerMark = 5;
const buckets = bounds.length + 1;

/** How long something has taken within the last minute: counts of a histogram as they were then. */
export class MinuteWindow {
  readonly #marked = new Float64Array(minuteMarks * buckets);
  #next = 0;
  #marks = 0;
  #looks = 0;

  /** Every two seconds. */
  look(counts: Readonly<Float64Array>): void {
    if (this.#looks === 0) {
      this.#marked.set(counts, this.#next * buckets);
      this.#next = (this.#next + 1) % minuteMarks;
      this.#marks = Math.min(this.#marks + 1, minuteMarks);
    }
    this.#looks = (this.#looks + 1) % looksPerMark;
  }

  quantiles(counts: Readonly<Float64Array>): Quantiles | undefined {
    const oldest = ((this.#next - this.#marks + minuteMarks) % minuteMarks) * buckets;
    const before = this.#marked.subarray(oldest, oldest + buckets);
    const p50 = quantile(counts, before, 0.5);
    if (p50 === undefined) return undefined;
    const [p95, p99] = [quantile(counts, before, 0.95)!, quantile(counts, before, 0.99)!];
    return { p50: roundMs(p50), p95: roundMs(p95), p99: roundMs(p99) };
  }
}
