/** How often a time fell between two bounds. Counts only grow. */
export type HistogramView = Readonly<{
  /** One more than there are bounds: `counts[i]` is of times up to `bounds[i]`, the last one of all that are longer. */
  counts: Readonly<Float64Array>;
  /** Of all times, in milliseconds. */
  sum: number;
  /** How many times. */
  count: number;
}>;

/** Takes times in. */
export type Histogram = HistogramView & Readonly<{ record(ms: number): void }>;

const steps = [100, 125, 150, 200, 250, 300, 400, 500, 600, 750];

/** In milliseconds: ten to each power of ten, from 0.1 ms to 100 s. Those that Prometheus' clients like are among them. */
export const bounds: readonly number[] = [
  // Divided, because 0.1 × 1.25 is not 0.125 in binary.
  ...[1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => steps.map((step) => (step * power) / 1_000)),
  100_000,
];

/** Creates a histogram of times. */
export function createHistogram(): Histogram {
  return new TimeHistogram();
}

class TimeHistogram implements Histogram {
  readonly counts = new Float64Array(bounds.length + 1);
  sum = 0;
  count = 0;

  record(ms: number): void {
    this.counts[findBucket(ms)]! += 1;
    this.sum += ms;
    this.count += 1;
  }
}

/** The first bucket whose bound is not less. */
function findBucket(ms: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
