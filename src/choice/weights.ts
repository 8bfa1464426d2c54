import type { Candidates } from './method.ts';
import { rampOf, weightOf } from '../member/weight.ts';

/** The weights of all candidates, in their order. */
export type Weights = Readonly<{
  each: Float64Array;
  total: number;
  /** No candidate is in its slow start. */
  isSteady: boolean;
  at: number;
}>;

/** How long weights hold while a slow start goes on: a thousandth of one of ten seconds. */
const rampStepMs = 10;

/** By list: `members` makes a new one for each change of settings or of a state, so that few choices have to read them all. */
const memos = new WeakMap<Candidates, Weights>();

/** The weights of all candidates now. A list of candidates is never edited, nor are their settings and states while it is in use. */
export function weigh(candidates: Candidates, now: number): Weights {
  const memo = memos.get(candidates);
  if (memo && (memo.isSteady || (now >= memo.at && now - memo.at < rampStepMs))) return memo;
  const each = new Float64Array(candidates.length);
  let total = 0;
  let isSteady = true;
  let i = 0;
  for (const candidate of candidates) {
    const weight = weightOf(candidate, now);
    each[i++] = weight;
    total += weight;
    isSteady &&= rampOf(candidate, now) === 1;
  }
  const weights = { each, total, isSteady, at: now };
  memos.set(candidates, weights);
  return weights;
}
