import type { MemberView } from '../member/member.ts';

/**
 * Weighted round robin as httpd's mod_lbmethod_byrequests computes it: every candidate's credit grows by its factor,
 * the greatest credit is chosen (the earlier one of two equals) and pays for all. The paying is done by `members.elect`.
 */
export function byRequests(candidates: readonly [MemberView, ...MemberView[]]): MemberView {
  let best = candidates[0];
  let most = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const credit = candidate.lbstatus + candidate.settings.lbfactor;
    if (credit > most) {
      most = credit;
      best = candidate;
    }
  }
  return best;
}
