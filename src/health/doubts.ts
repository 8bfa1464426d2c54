import type { MemberParameters } from '../definition/member-definition.ts';
import type { HealthSettings, MemberSettings } from '../definition/settings.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';

/** What every member answers to its checks, where they are what is wrong rather than all members. */
export type CommonFailure = Readonly<{
  /** One of them. */
  member: MemberSettings;
  health: HealthSettings;
  status: number;
}>;

/** How a check has ended. `status`: of the answer that it failed by, where there was one. */
export type CheckEnd = Readonly<{ passed: boolean; status: number | undefined }>;

/** Doubts checks that no member has ever passed. */
export type Doubts = Readonly<{
  /** Returns what all fail by, once it is so. */
  note(member: MemberView, health: HealthSettings, end: CheckEnd): CommonFailure | undefined;
  forget(member: MemberView): void;
}>;

/** What is known of one member. `times`: how often in a row the same status has come. */
type Known = Readonly<{ question: readonly unknown[]; hasPassed: boolean; status: number; times: number }>;

/** An app that is starting may say 404 once. */
const enough = 2;

/** Makes the doubts of one balancer. `checked`: whom it checks. */
export function createDoubts(checked: () => Iterable<MemberView>): Doubts {
  const records = new Map<MemberView, Known>();

  function findCommon(status: number): boolean {
    for (const member of checked()) {
      // It is not asked.
      if (member.state.status & Status.stopped) continue;
      const record = records.get(member);
      if (!record || record.hasPassed || record.status !== status || record.times < enough) return false;
    }
    return true;
  }

  return {
    note(member, health, { passed, status = 0 }) {
      const question = readQuestion(member.settings, health);
      const known = records.get(member);
      const before = known && isSame(known.question, question) ? known : undefined;
      records.set(member, {
        question,
        hasPassed: passed || before?.hasPassed === true,
        status,
        times: status === before?.status ? before.times + 1 : 1,
      });
      if (passed || !isOfCheck(status) || !findCommon(status)) return undefined;
      return { member: member.settings, health, status };
    },
    forget(member) {
      records.delete(member);
    },
  };
}

/** A change of anything else leaves what is known of a check. */
function readQuestion(
  { definition }: MemberSettings,
  { request, target }: HealthSettings,
): readonly unknown[] {
  const { hcheaders, hcexpect }: MemberParameters = definition;
  return [request?.method, request?.version, target, hcheaders, hcexpect];
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((each, i) => each === b[i]);
}

/** Answers of somebody who is too busy, or not well. */
const ofMembers: ReadonlySet<number> = new Set([408, 425, 429]);

/** Whether a status says that another question should have been asked, or another answer been expected. */
function isOfCheck(status: number): boolean {
  if (status === 501 || status === 505) return true;
  return status >= 200 && status < 500 && !ofMembers.has(status);
}
