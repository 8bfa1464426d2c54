import type { BalancerEvents } from '../../events.ts';
import type { MemberView } from '../../member/member.ts';
import type { Works } from '../../works.ts';
import { insideOf } from '../../inside.ts';
import { identifyMember } from '../../roster/diff-members.ts';
import type { Listed } from '../listed.ts';
import { reportBalancer } from './report-balancer.ts';
import { reportMember } from './report-member.ts';
import type { BalancerReport, MemberReport } from './report.ts';
import { addProcesses, countAnswers, countRequests } from './report-sharing.ts';
import { points, Track, type Budget } from './track.ts';
import { RateWindow } from './windows.ts';

/** Members that have gone and whose points are still shown; where many come and go, those that went first are let go. */
const mostAbsent = 500;

/** Members whose sessions are counted anew for one report: with a thousand, all of them at once would be felt. */
const mostRecounts = 100;

/** One balancer that is looked at. */
export class FollowedBalancer {
  /** As it is called now; it may get the plain name when another one of that name has gone. */
  id: string;
  readonly tracks = new Map<string, Track>();
  hasLeft = false;
  readonly #works: Works;
  readonly #rates = new RateWindow();
  readonly #off: () => void;

  /** `now`: monotonic, in milliseconds; the same below. `ended`: is told of each request. */
  constructor(listed: Listed, now: number, ended: (event: BalancerEvents['request']) => void) {
    this.id = listed.id;
    this.#works = insideOf(listed.balancer);
    this.#off = listed.balancer.on('request', ended);
    this.#rates.mark(countRequests(this.#parts.tally.balancer), now);
    this.#meet(now);
  }

  get #parts(): ReturnType<Works['now']>['parts'] {
    return this.#works.now().parts;
  }

  /** Writes a point for everybody. */
  step(point: number, now: number): void {
    const { members, tally } = this.#parts;
    this.#rates.mark(countRequests(tally.balancer), now);
    const serving = new Map(members.view().map((member) => [member.settings.name, member]));
    for (const [name, track] of this.tracks) {
      const member = serving.get(name);
      if (member) track.follow(member, tally.of(member), now);
      track.step(point, now, member !== undefined);
    }
    // After the others: of one that has only just come, this point tells nothing.
    this.#meet(now);
    this.#forget();
  }

  /** Writes a point without anything; it is listed no more. Returns whether any of its points are left. */
  stepAbsent(point: number, now: number): boolean {
    for (const track of this.tracks.values()) track.step(point, now, false);
    this.#forget();
    return this.tracks.size > 0;
  }

  /** `at`: now, in milliseconds since 1970. */
  report(now: number, at: number): BalancerReport {
    this.#meet(now);
    const { members, tally, settings, room } = this.#parts;
    const waiting = room.size();
    const budget = { left: mostRecounts };
    const busy = members.view().reduce((sum, member) => sum + member.busy, 0);
    const report = reportBalancer(settings, {
      id: this.id,
      definition: this.#works.roster.definition(),
      paths: this.#works.mountPaths(),
      waiting,
      inFlight: busy + waiting,
      tally: tally.balancer,
      rate: this.#rates.rate(countRequests(tally.balancer), now),
      members: members.view().map((member) => this.#reportMember(member, now, at, budget)),
    });
    const membership = this.#works.membership();
    if (!membership) return report;
    return addProcesses(report, {
      sharing: membership.report(),
      others: membership.totals.others(),
      identities: members.view().map((member) => identifyMember(member.settings)),
      answers: members.view().reduce((sum, member) => sum + countAnswers(tally.of(member)), 0),
    });
  }

  /** Reads what other processes have counted, where its state is shared. */
  async refresh(): Promise<void> {
    await this.#works.membership()?.totals.refresh();
  }

  hasRoute(route: string): boolean {
    return this.#parts.members.hasRoute(route);
  }

  /** Hears of its requests no more. */
  leave(): void {
    this.hasLeft = true;
    this.#off();
  }

  #reportMember(member: MemberView, now: number, at: number, budget: Budget): MemberReport {
    const { name } = member.settings;
    const track = this.tracks.get(name)!;
    // The clock of the balancer is its own.
    const memberNow = this.#parts.now();
    return reportMember(member, {
      now: memberNow,
      at,
      isFromDns: this.#works.roster.isFromDns(name),
      quantiles: track.quantiles(),
      rate: track.rate(now),
      sessions: track.sessions(now, memberNow, budget),
      check: this.#works.checkReport(member),
    });
  }

  /** Begins to look at those who have come. */
  #meet(now: number): void {
    const { members, tally } = this.#parts;
    for (const member of members.view()) {
      const { name } = member.settings;
      const track = this.tracks.get(name);
      if (track) track.follow(member, tally.of(member), now);
      else this.tracks.set(name, new Track(member, tally.of(member), now));
    }
  }

  #forget(): void {
    const absent = [...this.tracks].filter(([, track]) => track.absent > 0);
    const longest = absent.sort(([, a], [, b]) => b.absent - a.absent);
    for (const [i, [name, track]] of longest.entries()) {
      if (track.absent >= points || i < longest.length - mostAbsent) this.tracks.delete(name);
    }
  }
}
