import type { EjectionSettings } from '../definition/settings.ts';
import type { MemberView } from './member.ts';

/** How well one member has answered lately. Kept in slots, so that it costs no timer and no memory that grows. */
export type AnswerRecord = {
  /** Bad answers since the last good one. */
  consecutive: number;
  /** The share of bad answers among the last fifty or so. */
  recent: number;
  readonly slots: { index: number; good: number; bad: number }[];
};

const slotCount = 10;
const recentWeight = 0.02;

/** A record of a member that has not answered yet. */
export function createRecord(): AnswerRecord {
  return {
    consecutive: 0,
    recent: 0,
    slots: Array.from({ length: slotCount }, () => ({ index: -1, good: 0, bad: 0 })),
  };
}

/** Enters one answer, and tells whether the member stands out by now. */
export function enterAnswer(
  record: AnswerRecord,
  isBad: boolean,
  { consecutive, rate, windowMs, minRequests }: EjectionSettings,
  now: number,
): boolean {
  record.consecutive = isBad ? record.consecutive + 1 : 0;
  record.recent += ((isBad ? 1 : 0) - record.recent) * recentWeight;
  const index = Math.floor((now * slotCount) / windowMs);
  const slot = record.slots[index % slotCount]!;
  if (slot.index !== index) Object.assign(slot, { index, good: 0, bad: 0 });
  if (isBad) slot.bad += 1;
  else slot.good += 1;
  if (!isBad) return false;
  if (record.consecutive >= consecutive) return true;
  if (rate === Infinity) return false;
  let good = 0;
  let bad = 0;
  for (const each of record.slots) {
    if (each.index <= index - slotCount) continue;
    good += each.good;
    bad += each.bad;
  }
  return good + bad >= minRequests && bad / (good + bad) >= rate;
}

/** What stays of a record when its member is back: whether that does better than others is still to be seen. */
export function renewRecord({ recent }: AnswerRecord): AnswerRecord {
  return { ...createRecord(), recent };
}

/**
 * Whether another member does clearly better: a third of the bad answers, if any, and the last one was good. When all are as
 * bad, as under overload or when what they all depend on is gone, ejecting one takes its places away and helps nobody.
 */
export function isBetter(other: AnswerRecord | undefined, { recent }: AnswerRecord): boolean {
  return other === undefined || (other.consecutive === 0 && other.recent <= recent / 3);
}

/** Whether one more member may be ejected: never more than the set share of all. */
export function mayEject(
  members: readonly MemberView[],
  { maxEjected }: Pick<EjectionSettings, 'maxEjected'>,
): boolean {
  const ejected = members.filter(({ state }) => state.ejectedMs !== undefined).length;
  return ejected + 1 <= Math.floor(members.length * maxEjected + 1e-9);
}
