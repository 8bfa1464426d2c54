import type { MemberView } from '../member/member.ts';
import { debtOf, responseMsOf } from '../member/statistics.ts';
import { tellLoad } from './by-busyness.ts';
import { limitShares, mostRounds } from './credit.ts';
import type { Candidates, Method } from './method.ts';
import { weigh } from './weights.ts';

/** What the shares of all candidates add up to, for each of them: as much as byrequests gives a member without a load factor. */
const meanShare = 100;

/** How long what members are expected to take holds for a choice: means move within seconds. */
const expectationMs = 5;

/** How long the rates of a choice hold for the election that follows it. */
const electionMs = 1;

/** What is kept by list of candidates between choices, so that not all of it has to be computed for each. */
type Rates = {
  /** Square of the weight / milliseconds, of each. */
  readonly speeds: Float64Array;
  spedAt: number;
  /** Weight / cost, of each, and their sum. */
  readonly each: Float64Array;
  total: number;
  at: number;
  /** Somebody may be so far ahead that it is to be given nothing. */
  isApart: boolean;
};

const memos = new WeakMap<Candidates, Rates>();

/**
 * The quicker a member answers, the more requests it gets (Helicon Ape), in proportion: shares of weight / cost, handed
 * out as byrequests hands out its weights. The smallest cost alone would give a member that is four times as slow a
 * sixteenth, or nothing at all when requests come one after the other.
 */
export const byResponseTime: Method = {
  choose(candidates, { now }) {
    const rates = rate(candidates, now);
    const { each } = rates;
    const sum = meanShare * candidates.length;
    const scale = sum / rates.total;
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < candidates.length; i += 1) {
      const credit = candidates[i]!.lbstatus + each[i]! * scale;
      if (credit > most) {
        most = credit;
        best = i;
      }
    }
    rates.isApart = most >= mostRounds * sum;
    return candidates[best]!;
  },
  share(candidates, now, shares) {
    const memo = memos.get(candidates);
    const isRecent = memo && now >= memo.at && now - memo.at < electionMs;
    const { each, total, isApart } = isRecent ? memo : rate(candidates, now);
    const sum = meanShare * candidates.length;
    const scale = sum / total;
    for (let i = 0; i < candidates.length; i += 1) shares[i] = each[i]! * scale;
    return isApart ? limitShares(candidates, shares, sum) : sum;
  },
  tell(member, now) {
    const ms = responseMsOf(member, now);
    return `${ms === undefined ? 'no answer yet' : `${Math.round(ms)} ms`}, ${tellLoad(member, now)}`;
  },
};

/**
 * The cost is the mean time, times the requests that will be under way for the member's part of all weight, divided by the
 * weight. Under load, members then get in proportion to weight / time; counted without the weight, requests under way would
 * take away half of what it gives.
 */
function rate(candidates: Candidates, now: number): Rates {
  let rates = memos.get(candidates);
  if (!rates) {
    const { length } = candidates;
    rates = {
      speeds: new Float64Array(length),
      spedAt: Number.NaN,
      each: new Float64Array(length),
      total: 0,
      at: Number.NaN,
      isApart: true,
    };
    memos.set(candidates, rates);
  }
  // Not a number at first, which is no time ago.
  if (!(now >= rates.spedAt && now - rates.spedAt < expectationMs)) {
    computeSpeeds(candidates, now, rates.speeds);
    rates.spedAt = now;
  }
  const { speeds, each } = rates;
  const weights = weigh(candidates, now);
  const meanWeight = weights.total / candidates.length;
  let total = 0;
  for (let i = 0; i < candidates.length; i += 1) {
    const { busy, debt } = candidates[i]!;
    const load = debt === 0 ? busy : busy + debtOf(candidates[i]!, now);
    const share = speeds[i]! / (weights.each[i]! + meanWeight * load);
    each[i] = share;
    total += share;
  }
  rates.total = total;
  rates.at = now;
  rates.isApart = true;
  return rates;
}

/**
 * A member without samples is taken for the quickest. One that has had none for long comes down to that, and no further:
 * else whoever was away would seem to be the quickest by far.
 */
function computeSpeeds(candidates: Candidates, now: number, speeds: Float64Array): void {
  const quickest = findQuickest(candidates);
  const { each } = weigh(candidates, now);
  for (let i = 0; i < candidates.length; i += 1) {
    const ms = Math.max(responseMsOf(candidates[i]!, now) ?? 0, quickest);
    // A millisecond more, so that members on the same host are not told apart by noise.
    speeds[i] = each[i]! ** 2 / (ms + 1);
  }
}

function findQuickest(candidates: readonly MemberView[]): number {
  let quickest = Number.POSITIVE_INFINITY;
  for (const { responseMs } of candidates) {
    if (responseMs !== undefined && responseMs < quickest) quickest = responseMs;
  }
  return quickest === Number.POSITIVE_INFINITY ? 0 : quickest;
}
