import type { MemberView } from '../member/member.ts';
import { wholeDebtOf } from '../member/statistics.ts';
import { shareUpToLimit } from './credit.ts';
import type { Candidates, Method } from './method.ts';
import { rampOf } from '../member/weight.ts';
import { weigh } from './weights.ts';

/**
 * The fewest requests under way; among equals the greatest credit, then the earlier one, as httpd's
 * mod_lbmethod_bybusyness computes it. Failures count as requests for a while.
 */
export const byBusyness: Method = {
  choose(candidates, { now, random }) {
    return (
      chooseLeastBusy(candidates, now, random) ?? chooseLeastBusy(candidates, now, isIn) ?? candidates[0]
    );
  },
  share: shareUpToLimit,
  tell: tellLoad,
};

/** How busy a member counts as: its requests, and what failures add to them. */
export function tellLoad(member: MemberView, now: number): string {
  const debt = wholeDebtOf(member, now);
  return `${member.busy} under way${debt > 0 ? ` and ${debt} for failures or its return` : ''}`;
}

/** The chance with which every member takes part. */
const isIn = (): number => 0;

/**
 * During its slow start a member takes part in a tenth of the choices, then in more, and its requests count for so many:
 * an idle one would be the least busy whatever they count for.
 */
function chooseLeastBusy(candidates: Candidates, now: number, random: () => number): MemberView | undefined {
  const { each, isSteady } = weigh(candidates, now);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < candidates.length; i += 1) {
    const candidate = candidates[i]!;
    const ramp = isSteady ? 1 : rampOf(candidate, now);
    if (ramp < 1 && random() >= ramp) continue;
    const load = candidate.busy / ramp + wholeDebtOf(candidate, now);
    if (load > least) continue;
    const credit = candidate.lbstatus + each[i]!;
    if (load === least && credit <= most) continue;
    best = i;
    least = load;
    most = credit;
  }
  return candidates[best];
}
