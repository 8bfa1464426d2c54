import type { Member, MemberView } from './member.ts';
import { rescaledHandicap, returnCredit, returnDebt, returnHandicap } from './statistics.ts';
import { Status } from './status.ts';
import type { MemberSettings } from '../definition/settings.ts';

// Who comes, comes back or is changed gets its share from now on, and not all that it has missed.

const reserves = Status.hotSpare | Status.hotStandby;

/** Levels a member that has come, or has come back, with these. `members` may hold the member itself. */
export function levelReturn(member: Member, members: readonly MemberView[], now: number): void {
  member.handicap = returnHandicap(member, members);
  member.debt = returnDebt(member, members, now);
  member.debtAt = now;
  member.lbstatus = returnCredit(member, members, now);
}

/** Levels the hot spares and standbys that may take a member's place: they have only stood by. */
export function levelReserves({ settings: { lbset } }: MemberView, members: readonly Member[]): void {
  for (const reserve of members) {
    if (reserve.settings.lbset !== lbset || (reserve.state.status & reserves) === 0) continue;
    reserve.handicap = returnHandicap(reserve, members);
  }
}

/** Gives a member other settings; what it has served is measured by its new load factor. */
export function levelSettings(member: Member, settings: MemberSettings): void {
  member.handicap = rescaledHandicap(member, member.settings.lbfactor, settings.lbfactor);
  member.settings = settings;
}
