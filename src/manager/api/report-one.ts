import type { Asked, ManagerParts } from '../route.ts';
import { findBalancer, findMember } from '../survey/find-listed.ts';
import type { BalancerReport, MemberReport } from '../survey/report.ts';

/** The balancer that the path names. Throws `ManagerError` when there is none. */
export function reportBalancer(
  { params }: Pick<Asked, 'params'>,
  { survey }: Pick<ManagerParts, 'survey'>,
): BalancerReport {
  return findBalancer(survey.report().balancers, params['balancer']!);
}

/** The member that the path names. Throws `ManagerError` when there is none. */
export function reportMember(
  asked: Pick<Asked, 'params'>,
  parts: Pick<ManagerParts, 'survey'>,
): MemberReport {
  return findMember(reportBalancer(asked, parts), asked.params['member']!);
}
