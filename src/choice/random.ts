import type { MemberView } from '../member/member.ts';
import { debtOf } from '../member/statistics.ts';
import { tellLoad } from './by-busyness.ts';
import type { Method } from './method.ts';
import { rampOf } from '../member/weight.ts';
import { weigh } from './weights.ts';

/** Two draws by weight, of different members; the one that is less busy for its weight. */
export const random: Method = {
  choose(candidates, { now, random }) {
    if (candidates.length === 1) return candidates[0];
    const { each, total } = weigh(candidates, now);
    const first = draw(each, random() * total, -1);
    const second = draw(each, random() * (total - each[first]!), first);
    const [one, other] = [candidates[first]!, candidates[second]!];
    return costOf(other, now) < costOf(one, now) ? other : one;
  },
  tell: tellLoad,
};

/** The place of the member at that point of all weights laid end to end, without that of `except`. */
function draw(weights: Float64Array, point: number, except: number): number {
  let left = point;
  let last = 0;
  for (let i = 0; i < weights.length; i += 1) {
    if (i === except) continue;
    last = i;
    left -= weights[i]!;
    if (left < 0) break;
  }
  return last;
}

/** How busy a member is for its load factor. In a slow start its requests count for more, but not the one to come: it is drawn less often already. */
function costOf(member: MemberView, now: number): number {
  return (member.busy / rampOf(member, now) + debtOf(member, now) + 1) / member.settings.lbfactor;
}
