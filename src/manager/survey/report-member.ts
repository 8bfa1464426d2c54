import type { MemberView } from '../../member/member.ts';
import { viewMember } from '../../member/snapshot.ts';
import { cut } from './cut.ts';
import type { HealthReport, MemberReport, Quantiles } from './report.ts';
import { roundMs } from './round.ts';
import { showMember } from './show-options.ts';
import { listStates } from './states.ts';

const longestWhy = 200;

/** What is known of a member besides what it says itself. */
export type MemberFacts = Readonly<{
  /** By the clock of its balancer. */
  now: number;
  /** The same moment, in milliseconds since 1970. */
  at: number;
  isFromDns: boolean;
  quantiles: Quantiles | undefined;
  rate: number;
  sessions: number | undefined;
  /** What its checks have found; undefined before the first. */
  check: CheckFacts | undefined;
}>;

/** What the checks of a member have found. */
export type CheckFacts = Pick<HealthReport, 'passed' | 'failed' | 'last'>;

/** A member as the manager shows it. */
export function reportMember(member: MemberView, facts: MemberFacts): MemberReport {
  const { settings, state } = member;
  const { now, at, isFromDns, quantiles, rate, sessions, check } = facts;
  const { retryInMs, responseMs, ...seen } = viewMember(member, now);
  const { parameters, fixed } = showMember(settings.definition);
  // An initial E has no time.
  const isTimed = state.errorAt !== undefined && Number.isFinite(state.errorAt);
  return {
    name: seen.name,
    url: seen.url,
    isHandler: settings.handler !== undefined,
    isFromDns,
    route: seen.route,
    redirect: seen.redirect,
    loadfactor: seen.loadfactor,
    lbset: seen.lbset,
    status: seen.status,
    states: listStates(member, now),
    retryInMs: retryInMs === undefined ? undefined : Math.round(retryInMs),
    ...(isTimed && { errorAt: Math.round(at - (now - state.errorAt)) }),
    retries: seen.retries,
    elected: seen.elected,
    busy: seen.busy,
    max: seen.max,
    sent: seen.sent,
    received: seen.received,
    failures: seen.failures,
    lbstatus: Math.round(seen.lbstatus),
    responseMs: responseMs === undefined ? undefined : roundMs(responseMs),
    quantiles,
    rate,
    sessions,
    health: reportHealth(member, check),
    parameters,
    ...(fixed && { fixed }),
  };
}

function reportHealth({ settings }: MemberView, check: CheckFacts | undefined): HealthReport | undefined {
  const { health, definition } = settings;
  if (!health || definition.handler !== undefined) return undefined;
  return {
    method: definition.hcmethod ?? 'NONE',
    uri: definition.hcuri,
    intervalMs: health.intervalMs,
    passes: health.passes,
    fails: health.fails,
    passed: check?.passed ?? 0,
    failed: check?.failed ?? 0,
    last: check?.last && { ...check.last, why: cut(check.last.why, longestWhy) },
  };
}
