import type { MemberView } from './member.ts';

/** What a member begins with, of its weight, when it comes back or is added. */
const least = 0.1;

/** How much of its weight a member has now: from a tenth to 1, in a line over its slow start. */
export function rampOf(member: MemberView, now: number): number {
  const { slowStartMs } = member.settings;
  if (slowStartMs === 0) return 1;
  const { upSince } = member.state;
  if (upSince === undefined) return 1;
  const passed = (now - upSince) / slowStartMs;
  return passed < 1 ? least + (1 - least) * Math.max(0, passed) : 1;
}

/** A member's weight now, in hundredths: its load factor, or less of it during its slow start. A whole number, so that credits stay exact. */
export function weightOf(member: MemberView, now: number): number {
  const { lbfactor, slowStartMs } = member.settings;
  return slowStartMs === 0 ? lbfactor : Math.round(lbfactor * rampOf(member, now));
}
