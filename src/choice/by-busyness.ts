import type { MemberView } from '../member/member.ts';
import { debtOf, wholeDebtOf } from '../member/statistics.ts';
import { shareUpToLimit } from './credit.ts';
import type { Candidates, Method } from './method.ts';
import { rampOf } from '../member/weight.ts';
import { weigh } from './weights.ts';

/**
 * The fewest requests under way; among equals the greatest credit, then the earlier one, as httpd's
 * mod_lbmethod_bybusyness computes it. Failures count as requests for a while. Requests of other processes count where
 * those tell of them.
 */
export const byBusyness: Method = {
  choose(candidates, { now, random }) {
    return (
      chooseLeastBusy(candidates, now, random) ?? chooseLeastBusy(candidates, now, isIn) ?? candidates[0]
    );
  },
  share: shareUpToLimit,
  tell(member, now) {
    const { busyElsewhere } = member;
    return tellLoad(member, now, busyElsewhere > 0 ? ` here, ${busyElsewhere} elsewhere` : '');
  },
};

/** How busy a member counts as: its requests, and what failures add to them. */
export function tellLoad(member: MemberView, now: number, where = ''): string {
  const debt = wholeDebtOf(member, now);
  return `${member.busy} under way${where}${debt > 0 ? ` and ${debt} for failures or its return` : ''}`;
}

/** The chance with which every member takes part. */
const isIn = (): number => 0;

/**
 * During its slow start a member takes part in a tenth of the choices, then in more, and its requests count for so many:
 * an idle one would be the least busy whatever they count for. Those of other processes too: the member starts slowly for all.
 */
function chooseLeastBusy(candidates: Candidates, now: number, random: () => number): MemberView | undefined {
  const { each, isSteady } = weigh(candidates, now);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let weights: Weights | undefined;
  for (let i = 0; i < candidates.length; i += 1) {
    const candidate = candidates[i]!;
    const ramp = isSteady ? 1 : rampOf(candidate, now);
    if (ramp < 1 && random() >= ramp) continue;
    let load = candidate.busy;
    let debt = 0;
    if (candidate.busyElsewhere > 0 || candidate.debt !== 0) {
      weights ??= weighOthers(candidates);
      // Whole numbers, so that there are equals, among whom credits decide.
      load += Math.round(candidate.busyElsewhere * weights.elsewhere);
      debt = Math.round(debtOf(candidate, now) * weights.debt);
    }
    load = load / ramp + debt;
    if (load > least) continue;
    const credit = candidate.lbstatus + each[i]!;
    if (load === least && credit <= most) continue;
    best = i;
    least = load;
    most = credit;
  }
  return candidates[best];
}

/** What a request of another process, and what a debt counts for, in requests of this process. */
type Weights = Readonly<{ elsewhere: number; debt: number }>;

/**
 * Others' requests weigh no more than this process's own, all in all: they are told late, and the more they weigh, the more
 * all processes do the same until the next word of the others. Debts count beside both.
 */
function weighOthers(candidates: Candidates): Weights {
  let here = candidates.length;
  let elsewhere = 0;
  for (const { busy, busyElsewhere } of candidates) {
    here += busy;
    elsewhere += busyElsewhere;
  }
  return {
    elsewhere: Math.min(1, here / (elsewhere + candidates.length)),
    debt: 1 + Math.min(1, elsewhere / here),
  };
}
