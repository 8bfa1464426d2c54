import { bounds, type HistogramView } from '../tally/histogram.ts';

/** The labels of a series. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a metric, and what it is of. */
export type Sample = Readonly<{
  labels: Labels;
  value: number;
  /** What the name of a series of a histogram ends in. */
  suffix?: '_bucket' | '_sum' | '_count';
}>;

/** Bounds of the buckets in seconds: what Prometheus' clients take where nobody says otherwise. */
export const bucketBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** How many of the finer buckets lie below each of them. */
const places = bucketBounds.map((bound) => bounds.indexOf(bound * 1_000) + 1);

/** A histogram in seconds: each bucket holds all that was not longer than its bound. */
export function sampleHistogram({ counts, sum, count }: HistogramView): readonly Sample[] {
  const samples: Sample[] = [];
  let below = 0;
  let from = 0;
  for (const [i, to] of places.entries()) {
    for (; from < to; from += 1) below += counts[from]!;
    samples.push({ suffix: '_bucket', labels: { le: String(bucketBounds[i]!) }, value: below });
  }
  samples.push(
    { suffix: '_bucket', labels: { le: '+Inf' }, value: count },
    { suffix: '_sum', labels: {}, value: sum / 1_000 },
    { suffix: '_count', labels: {}, value: count },
  );
  return samples;
}

/** A sample for each count, under a label with its key. */
export function sampleCounts<Key extends string>(
  label: string,
  counts: Iterable<readonly [key: Key, count: number]>,
  word: (key: Key) => string = foldWord,
): readonly Sample[] {
  return Array.from(counts, ([key, value]) => ({ labels: { [label]: word(key) }, value }));
}

/** Prometheus writes words with underscores. */
export function foldWord(word: string): string {
  return word.replaceAll('-', '_');
}

/** Adds up what has the same labels. */
export function sumSamples(samples: Iterable<Sample>): readonly Sample[] {
  const sums = new Map<string, Sample>();
  for (const sample of samples) {
    const key = JSON.stringify([sample.suffix, Object.entries(sample.labels)]);
    const before = sums.get(key);
    sums.set(key, before ? { ...before, value: before.value + sample.value } : sample);
  }
  return [...sums.values()];
}
