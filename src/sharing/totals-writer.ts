import type { MemberView } from '../member/member.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { mostSent } from '../tally/most-sent.ts';
import type { MemberTally } from '../tally/tally.ts';
import type { Works } from '../works.ts';
import { writeBalancerTotals, writeMemberTotals } from './totals-text.ts';

/** A field and its JSON. */
export type TotalsField = readonly [field: string, value: string];

/** What was written of a member last, and the counts that it was written from. */
type Written = { counts: number; busy: number; field: TotalsField };

/** How long a field may be: a hub bounds keys. */
const longestField = 1_000;

/** The field of a balancer. */
export function fieldOf(balancer: string): string {
  return encodeURIComponent(balancer.toWellFormed());
}

/**
 * Writes what a balancer has counted here; asked every two seconds, so what is as it was costs next to nothing. A hub keeps
 * 5,000 fields: of no more members are the counts told, those of all balancers of a process together.
 */
export function createTotalsWriter(name: string, works: Works): () => Iterable<TotalsField> {
  const written = new WeakMap<MemberView, Written>();
  const balancerField = fieldOf(name);

  function writeMember(member: MemberView, tally: MemberTally): TotalsField {
    const counts = sumUp(member, tally);
    const before = written.get(member);
    if (before?.counts === counts && before.busy === member.busy) return before.field;
    // Its settings may be others by now, but what makes it this member does not change.
    const name = before?.field[0] ?? `${balancerField}/${fieldOf(identifyMember(member.settings))}`;
    const { busy, elected, received, failures } = member;
    const text = writeMemberTotals({ busy, elected, sent: mostSent(member), received, failures, tally });
    const field = [name, text] as const;
    written.set(member, { counts, busy, field });
    return field;
  }

  return function* () {
    const { members, tally, room } = works.now().parts;
    const waiting = room.size();
    let inFlight = waiting;
    for (const member of members.view()) inFlight += member.busy;
    // First: without it, nobody reads what is told of its members.
    yield [balancerField, writeBalancerTotals({ waiting, inFlight, tally: tally.balancer })];
    for (const member of members.view()) {
      if (member.elected === 0) continue;
      const field = writeMember(member, tally.of(member));
      if (field[0].length <= longestField) yield field;
    }
  };
}

/** Everything only grows: a sum that is the same is one of the same counts. */
function sumUp(member: MemberView, tally: MemberTally): number {
  let sum = member.elected + mostSent(member) + member.received + member.failures;
  sum += tally.broken + tally.responseTimes.count;
  for (const count of tally.attempts.values()) sum += count;
  for (const count of tally.failovers.values()) sum += count;
  for (const count of tally.answers) sum += count;
  return sum;
}
