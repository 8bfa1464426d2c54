import type { Chosen } from '../choice/choose-member.ts';
import { shareByWeight } from '../choice/credit.ts';
import type { Candidates, Method } from '../choice/method.ts';
import { weigh } from '../choice/weights.ts';
import { ledgerOf, openLedger } from './ledger.ts';
import type { KeptMember } from './member.ts';

/** Credits change hands at elections. */
export type Charging = Readonly<{
  /** The chosen member pays what all candidates are given; one chosen from outside (drained, standby, another set) pays nothing. */
  charge(choice: Chosen, now: number): void;
  /** By other shares from now on. */
  follow(share: Method['share']): void;
}>;

/** Charges by the shares of a method; undefined: it keeps no credits. */
export function createCharging(initial: Method['share']): Charging {
  let share = initial;
  let shares = new Float64Array(0);
  /** Among whom the last election was. */
  let last: Candidates | undefined;

  /** For candidates who stay the same for a while: one is opened at the second election among them. */
  function keepLedger(candidates: Candidates, now: number): void {
    const isNew = candidates !== last;
    last = candidates;
    if (isNew) return;
    const { each, total, isSteady } = weigh(candidates, now);
    if (isSteady) openLedger(candidates as unknown as readonly KeptMember[], each, total);
  }

  return {
    charge({ candidates: all, member, reason }, now) {
      if (!share) return;
      const ledger = ledgerOf(all);
      // A view is the member itself, seen without the right to write; the same below.
      const chosen = member as KeptMember;
      if (ledger) {
        const place = chosen.placeIn(ledger);
        if (place !== undefined) ledger.elect(place);
        return;
      }
      if (reason !== 'method' && !all.includes(chosen)) return;
      const candidates = all as Candidates; // The chosen one is among them.
      if (shares.length < candidates.length) shares = new Float64Array(candidates.length);
      const total = share(candidates, now, shares);
      if (total === 0) return;
      for (let i = 0; i < candidates.length; i += 1) (candidates[i] as KeptMember).lbstatus += shares[i]!;
      chosen.lbstatus -= total;
      if (share === shareByWeight) keepLedger(candidates, now);
    },
    follow(other) {
      share = other;
      last = undefined;
    },
  };
}
