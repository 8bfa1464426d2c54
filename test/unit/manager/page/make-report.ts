import type { Change } from '../../../../src/changes/change.ts';
import type {
  BalancerReport,
  Decision,
  MemberReport,
  Report,
} from '../../../../src/manager/survey/report.ts';

/** When the made-up reports were made. */
export const reportedAt = Date.UTC(2026, 10, 21, 12, 3, 45);

/** A member as the survey reports one that does well. */
export function makeMember(name: string, other: Partial<MemberReport> = {}): MemberReport {
  return {
    name,
    url: `http://${name}.site.com:3000/`,
    isHandler: false,
    isFromDns: false,
    route: name,
    redirect: undefined,
    loadfactor: 1,
    lbset: 0,
    status: '',
    states: ['ok'],
    retryInMs: undefined,
    retries: 0,
    elected: 12_345,
    busy: 3,
    max: undefined,
    sent: 1_234_567,
    received: 98_765_432,
    failures: 0,
    lbstatus: -40,
    responseMs: 12.3,
    quantiles: { p50: 11.2, p95: 48.5, p99: 240 },
    rate: 21.4,
    sessions: 48,
    health: undefined,
    parameters: {},
    ...other,
  };
}

/** A balancer as the survey reports it. */
export function makeBalancer(
  id: string,
  members: readonly MemberReport[],
  other: Partial<BalancerReport> = {},
): BalancerReport {
  return {
    id,
    name: id,
    paths: ['/shop'],
    lbmethod: 'byrequests',
    stickysession: 'sessionid',
    routeCookie: undefined,
    nofailover: false,
    forcerecovery: true,
    maxattempts: undefined,
    timeout: 0,
    options: { lbmethod: 'byrequests', stickysession: 'sessionid' },
    waiting: 0,
    queueLength: 1000,
    inFlight: 8,
    requests: 40_120,
    errors: 0,
    rate: 64.2,
    members,
    ...other,
  };
}

/** A request, by default one that was answered at once. */
export function makeDecision(other: Partial<Decision> = {}): Decision {
  return {
    at: reportedAt - 2_000,
    balancer: 'app',
    method: 'GET',
    path: '/shop/items',
    status: 200,
    error: undefined,
    durationMs: 12.4,
    waitedMs: 0,
    route: undefined,
    attempts: [
      {
        member: 'app1',
        reason: 'method',
        outcome: 'answered',
        status: 200,
        code: undefined,
        durationMs: 11.9,
      },
    ],
    ...other,
  };
}

/** A change in force. */
export function makeChange(other: Partial<Change> = {}): Change {
  return {
    id: 'c1',
    at: reportedAt - 480_000,
    by: 'ann',
    deed: { kind: 'drain', balancer: 'app', member: 'app2', deadlineMs: undefined },
    reason: 'deploy',
    until: reportedAt + 720_000,
    state: 'in-force',
    ended: undefined,
    ...other,
  };
}

/** A report of one balancer with three members, one of them in error, one drained. */
export function makeReport(other: Partial<Report> = {}): Report {
  const members = [
    makeMember('app1', { max: 10, redirect: 'app2', health: makeHealth() }),
    makeMember('app2', { status: 'N', states: ['draining'], loadfactor: 2, sessions: 12 }),
    makeMember('app3', {
      status: 'E',
      states: ['in-error'],
      retryInMs: 45_000,
      retries: 2,
      busy: 0,
      rate: 0,
      failures: 17,
      quantiles: undefined,
      sessions: undefined,
    }),
  ];
  return {
    at: reportedAt,
    balancers: [makeBalancer('app', members)],
    decisions: [makeDecision()],
    failovers: [
      makeDecision({
        attempts: [
          {
            member: 'app3',
            reason: 'route',
            outcome: 'connect',
            status: undefined,
            code: 'ECONNREFUSED',
            durationMs: 1.2,
          },
          {
            member: 'app1',
            reason: 'method',
            outcome: 'answered',
            status: 200,
            code: undefined,
            durationMs: 11.9,
          },
        ],
      }),
    ],
    changes: [makeChange()],
    persists: false,
    ...other,
  };
}

/** Health checks that pass. */
export function makeHealth(): NonNullable<MemberReport['health']> {
  return {
    method: 'GET',
    uri: '/health',
    intervalMs: 30_000,
    passes: 2,
    fails: 3,
    passed: 1,
    failed: 0,
    last: { at: reportedAt - 4_000, passed: true, why: '200' },
  };
}
