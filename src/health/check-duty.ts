import type { MemberView } from '../member/member.ts';
import type { CheckReport } from './check-loop.ts';
import type { CheckEvent } from './count-checks.ts';

/** What a check has found, as it is told to others. */
export type CheckNews = Readonly<{
  /** The counts after it, and itself. */
  report: CheckReport;
  event: CheckEvent | undefined;
  /** From its beginning to its end, warming up included. */
  tookMs: number;
}>;

/** Who checks a member, where several processes could. */
export type CheckDuty = Readonly<{
  /** Whether this process is to check it now; else another one does, and tells. */
  isMine(member: MemberView, intervalMs: number): boolean;
  /** Tells the others what a check here has found. */
  checked(member: MemberView, news: CheckNews): void;
}>;

/** Of a balancer that shares nothing. */
export const ownDuty: CheckDuty = { isMine: () => true, checked: () => undefined };
