import { meanAnswer, trafficOf } from '../member/statistics.ts';
import type { MemberView } from '../member/member.ts';
import type { Candidates, Method } from './method.ts';
import { weightOf } from '../member/weight.ts';

/**
 * The fewest bytes for its load factor, the earlier one of two equals, as httpd's mod_lbmethod_bytraffic computes it.
 * What is under way counts as an answer of the member's mean size: httpd sees it when it flows, and sends everybody to
 * one member until then.
 */
export const byTraffic: Method = {
  choose(candidates, { now }) {
    let best = candidates[0];
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
      const { sent, received, handicap, settings, busy } = candidate;
      // Rounding down takes less than 1 from each of two quotients: most are told apart without it.
      if (sent + received + handicap > (least + 2) * settings.lbfactor) continue;
      let traffic = trafficOf(candidate);
      if (busy > 0) traffic += expectTraffic(candidate, candidates, now);
      if (traffic < least) {
        least = traffic;
        best = candidate;
      }
    }
    return best;
  },
  tell: (member) => `${Math.round(trafficOf(member) * 100)} bytes for its load factor`,
};

function expectTraffic(member: MemberView, candidates: Candidates, now: number): number {
  const finished = member.elected - member.busy;
  const answer = finished > 0 ? (member.sent + member.received) / finished : meanAnswer(candidates);
  return (member.busy * answer) / weightOf(member, now);
}
