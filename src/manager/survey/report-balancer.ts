import type { Settings } from '../../definition/settings.ts';
import type { BalancerDefinition } from '../../definition/definition.ts';
import type { BalancerTally } from '../../tally/tally.ts';
import { cut } from './cut.ts';
import type { BalancerReport, MemberReport } from './report.ts';
import { countErrors, countRequests } from './report-sharing.ts';
import { showOptions } from './show-options.ts';

const longestPath = 200;

/** What is known of a balancer besides its settings. */
export type BalancerFacts = Readonly<{
  id: string;
  definition: Omit<BalancerDefinition, 'members'>;
  paths: readonly string[];
  waiting: number;
  inFlight: number;
  tally: Pick<BalancerTally, 'codes' | 'errors'>;
  rate: number;
  members: readonly MemberReport[];
}>;

/** A balancer as the manager shows it. */
export function reportBalancer(settings: Settings, facts: BalancerFacts): BalancerReport {
  const { id, definition, paths, waiting, inFlight, tally, rate, members } = facts;
  const { name, lbmethod, sticky, routeCookie, nofailover, forcerecovery, maxattempts } = settings;
  return {
    id,
    name,
    // Where a mount path has parameters, clients write them.
    paths: paths.map((path) => cut(path, longestPath)),
    lbmethod: typeof lbmethod === 'function' ? 'function' : lbmethod,
    stickysession: sticky && tellSticky(sticky),
    routeCookie: routeCookie?.name,
    nofailover,
    forcerecovery,
    maxattempts,
    timeout: settings.waitMs / 1000,
    options: showOptions(definition),
    waiting,
    queueLength: settings.queueLength,
    inFlight,
    requests: countRequests(tally),
    errors: countErrors(tally),
    rate,
    members,
  };
}

function tellSticky({ cookie, parameter }: NonNullable<Settings['sticky']>): string {
  return cookie === parameter ? cookie : `${cookie}|${parameter}`;
}
