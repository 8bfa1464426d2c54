import { rampOf, weightOf } from './weight.ts';
import { halve } from './decay.ts';
import type { MemberView } from './member.ts';
import { Status } from './status.ts';

const debtHalfLifeMs = 10_000;
/** Ten seconds in the reference's definition: too long for a change to be noticed within seconds. */
const responseHalfLifeMs = 2_000;
/** Under load, many answers come in the same millisecond: each has to count. */
const leastSampleWeight = 0.02;
/** What a failure costs, in answers of the others. */
const failureFactor = 4;
/** A timeout of a minute must not shut a member out for minutes. */
const mostFailureMs = 10_000;
/** Nor may members that all fail drive each other's means up without end. */
const utmostFailureMs = 120_000;
/** The first failure, when nobody has answered yet. */
const unknownFailureMs = 1_000;
/** What an answer is taken for before any is complete, in bytes. */
const unknownAnswer = 16_384;

/** Members that do not take part in what traffic there is: their figures stand still. */
const aside =
  Status.disabled |
  Status.stopped |
  Status.inError |
  Status.healthCheckFailed |
  Status.drain |
  Status.hotSpare |
  Status.hotStandby;

/** Requests that a member counts as more busy than it is: halved every ten seconds. */
export function debtOf(member: MemberView, now: number): number {
  return member.debt === 0 ? 0 : member.debt * halve((now - member.debtAt) / debtHalfLifeMs);
}

/** The debt in whole requests: what is left of it comes to an end, and counts of requests stay counts. */
export function wholeDebtOf(member: MemberView, now: number): number {
  return member.debt === 0 ? 0 : Math.round(debtOf(member, now));
}

/** A member's mean time to the head of an answer, in milliseconds; halved every six seconds without a sample. */
export function responseMsOf(member: MemberView, now: number): number | undefined {
  const { responseMs } = member;
  if (responseMs === undefined) return undefined;
  return responseMs * halve((now - member.sampledAt) / (3 * responseHalfLifeMs));
}

/**
 * The mean with one more sample in it. The mean itself does not halve between samples, else many samples of one length
 * would give less than that length.
 */
export function sampleResponse(member: MemberView, ms: number, now: number): number {
  const { responseMs } = member;
  if (responseMs === undefined) return ms;
  const weight = Math.max(leastSampleWeight, 1 - halve((now - member.sampledAt) / responseHalfLifeMs));
  return responseMs + weight * (ms - responseMs);
}

/**
 * The sample that a failure counts as, after `ms`: four times the mean of the member or of the quickest other, whichever
 * is longer, so that failing fast does not pay. `others` may hold the member itself, here and below.
 */
export function failureMs(member: MemberView, others: readonly MemberView[], ms: number): number {
  const own = member.responseMs ?? 0;
  let quickest: number | undefined;
  for (const other of others) {
    if (other === member || other.responseMs === undefined) continue;
    if (quickest === undefined || other.responseMs < quickest) quickest = other.responseMs;
  }
  if (quickest === undefined && member.responseMs === undefined) {
    return Math.min(Math.max(ms, unknownFailureMs), mostFailureMs);
  }
  const long = failureFactor * Math.max(own, quickest ?? 0);
  const most = Math.min(Math.max(mostFailureMs, failureFactor * (quickest ?? 0)), utmostFailureMs);
  return Math.max(own, Math.min(Math.max(ms, long), most));
}

/** The mean number of bytes that a request has cost these members. */
export function meanAnswer(members: readonly MemberView[], except?: MemberView): number {
  let bytes = 0;
  let requests = 0;
  for (const member of members) {
    if (member === except) continue;
    bytes += member.sent + member.received;
    requests += member.elected - member.busy;
  }
  return requests > 0 && bytes > 0 ? bytes / requests : unknownAnswer;
}

/** What bytraffic compares: bytes for each hundredth of the load factor; sent and received are divided apart, as in httpd. */
export function trafficOf(member: MemberView): number {
  return trafficBy(member, member.settings.lbfactor);
}

function trafficBy({ sent, received, handicap }: MemberView, lbfactor: number): number {
  const traffic = Math.floor(sent / lbfactor) + Math.floor(received / lbfactor);
  return handicap === 0 ? traffic : traffic + handicap / lbfactor;
}

/** Bytes that bytraffic charges for a failure: it has cost next to none, and must not look like idleness. */
export function failureHandicap(member: MemberView, others: readonly MemberView[]): number {
  return failureFactor * meanAnswer(others, member);
}

/** Bytes that bytraffic charges for a transfer of so many besides: during a slow start each counts for several. */
export function rampHandicap(member: MemberView, bytes: number, now: number): number {
  return bytes * (1 / rampOf(member, now) - 1);
}

/** The handicap of a member that comes back or is added: it starts level with the lowest of the others, and makes up for nothing. */
export function returnHandicap(member: MemberView, others: readonly MemberView[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const rival of rivalsOf(member, others)) lowest = Math.min(lowest, trafficOf(rival));
  if (lowest === Number.POSITIVE_INFINITY) return member.handicap;
  return Math.max(member.handicap, handicapFor(member, lowest, member.settings.lbfactor));
}

/**
 * The debt of a member that comes back or is added: it counts as busy as the least busy of the others is when a request
 * of its ends, and the next is due.
 */
export function returnDebt(member: MemberView, others: readonly MemberView[], now: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const rival of rivalsOf(member, others)) lowest = Math.min(lowest, rival.busy + debtOf(rival, now));
  const debt = debtOf(member, now);
  return lowest === Number.POSITIVE_INFINITY ? debt : Math.max(debt, lowest - 1 - member.busy);
}

/**
 * The credit of a member that comes back or is added: its own, as in httpd, but at most a round from those of the others.
 * Sessions can drive credits apart without bound, and a member that was away must not get all that at once, nor nothing.
 */
export function returnCredit(member: MemberView, others: readonly MemberView[], now: number): number {
  let round = weightOf(member, now);
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const rival of rivalsOf(member, others)) {
    round += weightOf(rival, now);
    lowest = Math.min(lowest, rival.lbstatus);
    highest = Math.max(highest, rival.lbstatus);
  }
  if (lowest > highest) return member.lbstatus;
  return Math.min(Math.max(member.lbstatus, lowest - round), highest + round);
}

/** The handicap with which a new load factor leaves bytraffic's figure where it was. */
export function rescaledHandicap(member: MemberView, oldFactor: number, newFactor: number): number {
  return handicapFor(member, trafficBy(member, oldFactor), newFactor);
}

function handicapFor({ sent, received }: MemberView, traffic: number, lbfactor: number): number {
  return (traffic - Math.floor(sent / lbfactor) - Math.floor(received / lbfactor)) * lbfactor;
}

function rivalsOf(member: MemberView, others: readonly MemberView[]): readonly MemberView[] {
  const { lbset } = member.settings;
  return others.filter(
    (other) => other !== member && other.settings.lbset === lbset && (other.state.status & aside) === 0,
  );
}
