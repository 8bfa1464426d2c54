import type { Candidates } from './method.ts';
import { weigh } from './weights.ts';

/** How many rounds a credit may be ahead. */
export const mostRounds = 2;

/** The shares of byrequests: to each its weight, as in httpd. */
export function shareByWeight(candidates: Candidates, now: number, shares: Float64Array): number {
  const { each, total } = weigh(candidates, now);
  shares.set(each);
  return total;
}

/**
 * For methods that do not always take the greatest credit: who is two rounds ahead is given nothing more. In httpd such
 * credits grow without bound, and flood a member once it is chosen by them.
 */
export function shareUpToLimit(candidates: Candidates, now: number, shares: Float64Array): number {
  return limitShares(candidates, shares, shareByWeight(candidates, now, shares));
}

/**
 * Takes the shares of those who are that far ahead, and gives them to the others: whoever is chosen pays a whole round,
 * or it would be chosen again and again.
 */
export function limitShares(candidates: Candidates, shares: Float64Array, total: number): number {
  const limit = mostRounds * total;
  let left = 0;
  for (let i = 0; i < candidates.length; i += 1) if (candidates[i]!.lbstatus < limit) left += shares[i]!;
  // Nobody is left only where others have paid for their credits, who are no candidates now.
  if (left === 0) return total;
  const scale = total / left;
  if (scale === 1) return total;
  for (let i = 0; i < candidates.length; i += 1) {
    shares[i] = candidates[i]!.lbstatus < limit ? shares[i]! * scale : 0;
  }
  return total;
}
