import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

const outOfService = Status.disabled | Status.stopped | Status.healthCheckFailed;

/** What the question "may this member serve?" depends on besides the member. */
export type Situation = Readonly<{
  now: number;
  /** Errors are forgotten: every member in service is in error. */
  forced: boolean;
  /** Members that this request has tried already. */
  tried: ReadonlySet<MemberView>;
}>;

/** Whether a member is in service at all: neither disabled nor stopped nor failed by its health check. */
export function isInService(member: MemberView): boolean {
  return (member.state.status & outOfService) === 0;
}

/** When a member in error may be tried again; undefined when it is not in error. */
export function retryAt(member: MemberView): number | undefined {
  const { errorAt } = member.state;
  return errorAt === undefined ? undefined : errorAt + member.settings.retryMs;
}

/** httpd's "usable", after its retry: in service, and not in error or due for one request that tries it. */
export function isUsable(member: MemberView, situation: Situation): boolean {
  if (!isInService(member) || situation.tried.has(member)) return false;
  const { errorAt, probing } = member.state;
  if (errorAt === undefined || situation.forced) return true;
  return !probing && situation.now >= errorAt + member.settings.retryMs;
}

/**
 * Whether errors are to be forgotten (httpd `forcerecovery`): nobody can be chosen while they count, and somebody is in
 * error. Unlike in httpd, members that could not be chosen anyway (out of service, drained, spare) do not stand in the way.
 * `candidates`: who can be chosen while errors count, whoever was tried.
 */
export function isForced(members: readonly MemberView[], candidates: readonly MemberView[]): boolean {
  return (
    candidates.length === 0 &&
    members.some((member) => isInService(member) && member.state.errorAt !== undefined)
  );
}

/**
 * httpd's one walk over the members: who may be chosen now for a request that is bound to nobody.
 * The lowest lbset with anybody in it; hot spares as many as ordinary members are missing; hot standbys when nobody else is left.
 */
export function findCandidates(members: readonly MemberView[], situation: Situation): readonly MemberView[] {
  for (const lbset of lbsetsOf(members)) {
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
    if (serving.length > 0) return serving;
    if (standbys.length > 0) return standbys;
  }
  return [];
}

function lbsetsOf(members: readonly MemberView[]): readonly number[] {
  const first = members[0]?.settings.lbset ?? 0;
  if (members.every((member) => member.settings.lbset === first)) return [first];
  return [...new Set(members.map((member) => member.settings.lbset))].sort((a, b) => a - b);
}
