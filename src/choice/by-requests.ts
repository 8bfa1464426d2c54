import type { Method } from './method.ts';
import { ledgerOf } from '../member/ledger.ts';
import { shareByWeight } from './credit.ts';
import { weigh } from './weights.ts';

/**
 * Weighted round robin as httpd's mod_lbmethod_byrequests computes it: every candidate's credit grows by its factor,
 * the greatest credit is chosen (the earlier one of two equals) and pays for all. The paying is done by `members.elect`.
 */
export const byRequests: Method = {
  choose(candidates, { now }) {
    const ledger = ledgerOf(candidates);
    if (ledger) return ledger.best();
    const { each } = weigh(candidates, now);
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < candidates.length; i += 1) {
      const credit = candidates[i]!.lbstatus + each[i]!;
      if (credit > most) {
        most = credit;
        best = i;
      }
    }
    return candidates[best]!;
  },
  share: shareByWeight,
  tell: ({ lbstatus }) => `credit ${Math.round(lbstatus) / 100}`,
};
