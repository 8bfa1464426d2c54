import { retryAt } from '../member/retry-at.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

/**
 * What is overlooked because nobody could be chosen otherwise (httpd `forcerecovery`): errors first; then, which httpd never
 * does, failed health checks too.
 */
export type Forced = 'nothing' | 'errors' | 'health';

/** What the question "may this member serve?" depends on besides the member. */
export type Situation = Readonly<{
  now: number;
  forced: Forced;
  /** Members that this request has tried already. */
  tried: ReadonlySet<MemberView>;
}>;

/** Whether a member is in service: neither disabled nor stopped, nor, unless that is overlooked, failed by its health check. */
export function isInService({ state }: MemberView, forced: Forced = 'nothing'): boolean {
  const out = Status.disabled | Status.stopped | (forced === 'health' ? 0 : Status.healthCheckFailed);
  return (state.status & out) === 0;
}

/** httpd's "usable", after its retry: in service, and not in error or due for one request that tries it. */
export function isUsable(member: MemberView, situation: Situation): boolean {
  if (!isInService(member, situation.forced) || situation.tried.has(member)) return false;
  const { errorAt, probing } = member.state;
  if (errorAt === undefined || situation.forced !== 'nothing') return true;
  return !probing && situation.now >= retryAt(member)!;
}

/** Whether a member serves as many requests as it may (httpd `max`). */
export function isFull({ busy, settings }: MemberView): boolean {
  return busy >= settings.max;
}

/** Whether somebody is in error who could serve without it. */
export function isErrorInTheWay(members: readonly MemberView[]): boolean {
  return members.some((member) => member.state.errorAt !== undefined && isInService(member));
}

/** Whether somebody fails health checks who could serve without them. */
export function isHealthInTheWay(members: readonly MemberView[]): boolean {
  return members.some(
    (member) => (member.state.status & Status.healthCheckFailed) !== 0 && isInService(member, 'health'),
  );
}

/**
 * httpd's one walk over the members: who may be chosen now for a request that is bound to nobody, whether full or not.
 * The lowest lbset with anybody in it; hot spares as many as ordinary members are missing; hot standbys when nobody else is left.
 */
export function findCandidates(members: readonly MemberView[], situation: Situation): readonly MemberView[] {
  for (let lbset = nextLbset(members, -1); lbset !== undefined; lbset = nextLbset(members, lbset)) {
    const found = findInSet(members, lbset, situation);
    if (found.length > 0) return found;
  }
  return [];
}

function findInSet(
  members: readonly MemberView[],
  lbset: number,
  situation: Situation,
): readonly MemberView[] {
  const ordinary: MemberView[] = [];
  const spares: MemberView[] = [];
  const standbys: MemberView[] = [];
  let missing = 0;
  for (const member of members) {
    if (member.settings.lbset !== lbset) continue;
    const { status } = member.state;
    const reserve = status & (Status.hotSpare | Status.hotStandby);
    if (status & Status.drain) {
      if (!reserve) missing += 1;
      continue;
    }
    const usable = isUsable(member, situation);
    if (status & Status.hotSpare) {
      if (usable) spares.push(member);
    } else if (status & Status.hotStandby) {
      if (usable) standbys.push(member);
    } else if (usable) {
      ordinary.push(member);
    } else {
      missing += 1;
    }
  }
  const serving = missing === 0 ? ordinary : ordinary.concat(spares.slice(0, missing));
  return serving.length > 0 ? serving : standbys;
}

/** The lowest set above this one; undefined when there is none. */
function nextLbset(members: readonly MemberView[], above: number): number | undefined {
  let lowest: number | undefined;
  for (const { settings } of members) {
    if (settings.lbset > above && (lowest === undefined || settings.lbset < lowest)) lowest = settings.lbset;
  }
  return lowest;
}
