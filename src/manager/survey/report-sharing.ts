import type { SharingReport } from '../../sharing/membership.ts';
import type { OtherBalancer } from '../../sharing/shared-totals.ts';
import type { BalancerTally } from '../../tally/tally.ts';
import { cleanText } from '../clean-text.ts';
import { cut } from './cut.ts';
import type { BalancerReport, MemberReport, OwnCounts, ProcessReport, SharingSeen } from './report.ts';

/** What the counts of other processes are added with. */
export type SharingFacts = Readonly<{
  sharing: SharingReport;
  others: readonly OtherBalancer[];
  /** What makes each of its members one, in their order. */
  identities: readonly string[];
  /** Answers of its members here. */
  answers: number;
}>;

const longestText = 200;
const mostListed = 64;
const ownCounts = ['busy', 'elected', 'sent', 'received', 'failures'] as const;

/** The same balancer with how it stands to other processes, and with what they have counted. */
export function addProcesses(
  report: BalancerReport,
  { sharing, others, identities, answers }: SharingFacts,
): BalancerReport {
  const own = countOwn(report, sharing.process, answers);
  const all = [own, ...others.map(countOther)];
  const add = (name: 'requests' | 'errors' | 'waiting' | 'inFlight'): number =>
    sumOf(all, (each) => each[name]);
  return {
    ...report,
    requests: add('requests'),
    errors: add('errors'),
    waiting: add('waiting'),
    inFlight: add('inFlight'),
    members: report.members.map((member, i) => addMember(member, identities[i]!, others)),
    sharing: seeSharing(sharing, all.length),
    processes: all.slice(0, mostListed),
  };
}

function addMember(member: MemberReport, identity: string, others: readonly OtherBalancer[]): MemberReport {
  const own = pickCounts(member);
  const told = others.flatMap(({ members }) => members.get(identity) ?? []);
  return { ...member, ...mapCounts((name) => sumOf([member, ...told], (each) => each[name])), own };
}

function pickCounts(member: MemberReport): OwnCounts {
  return mapCounts((name) => member[name]);
}

function mapCounts(count: (name: (typeof ownCounts)[number]) => number): OwnCounts {
  return Object.fromEntries(ownCounts.map((name) => [name, count(name)])) as OwnCounts;
}

function seeSharing({ process, status }: SharingReport, counted: number): SharingSeen {
  return {
    process: show(process),
    state: status.kind,
    since: status.since,
    processes: status.kind === 'shared' ? status.processes : 0,
    counted,
    ...('why' in status && { why: show(status.why) }),
  };
}

function countOwn(report: BalancerReport, process: string, answers: number): ProcessReport {
  const { requests, errors, waiting, inFlight, members } = report;
  return {
    process: show(process),
    isThis: true,
    requests,
    errors,
    waiting,
    inFlight,
    answers,
    ...mapCounts((name) => sumOf(members, (member) => member[name])),
  };
}

function countOther({ process, waiting, inFlight, tally, members }: OtherBalancer): ProcessReport {
  const all = [...members.values()];
  return {
    process: show(process),
    isThis: false,
    requests: countRequests(tally),
    errors: countErrors(tally),
    waiting,
    inFlight,
    answers: sumOf(all, (member) => countAnswers(member.tally)),
    ...mapCounts((name) => sumOf(all, (member) => member[name])),
  };
}

/** How many requests have ended. */
export function countRequests({ codes }: Pick<BalancerTally, 'codes'>): number {
  return sumOf(codes, (count) => count);
}

/** How many of them in an error of the balancer's. */
export function countErrors({ errors }: Pick<BalancerTally, 'errors'>): number {
  return sumOf(errors.values(), (count) => count);
}

/** How many answers have come. */
export function countAnswers({ answers }: Readonly<{ answers: readonly number[] }>): number {
  return sumOf(answers, (count) => count);
}

/** What another process calls itself, and why something is so, in somebody else's words. */
function show(text: string): string {
  return cut(cleanText(text), longestText);
}

function sumOf<Each>(all: Iterable<Each>, count: (each: Each) => number): number {
  let sum = 0;
  for (const each of all) sum += count(each);
  return sum;
}
