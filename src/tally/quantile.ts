import { bounds } from './histogram.ts';

/**
 * The time that the share `q` (0 to 1) of those was not longer than that were recorded between two readings of a
 * histogram's counts; without an earlier one, since it was created. Linear within a bucket; what is longer than the last
 * bound counts as that. Undefined: nothing was recorded in between.
 */
export function quantile(
  now: Readonly<Float64Array>,
  before: Readonly<Float64Array> | undefined,
  q: number,
): number | undefined {
  let total = 0;
  for (let i = 0; i < now.length; i += 1) total += now[i]! - (before?.[i] ?? 0);
  if (total <= 0) return undefined;
  const rank = Math.min(Math.max(q, 0), 1) * total;
  let below = 0;
  let longest = 0;
  for (let i = 0; i < now.length; i += 1) {
    const here = now[i]! - (before?.[i] ?? 0);
    if (here === 0) continue;
    const from = bounds[i - 1] ?? 0;
    longest = bounds[i] ?? from;
    if (below + here >= rank) return from + (longest - from) * ((rank - below) / here);
    below += here;
  }
  return longest;
}
