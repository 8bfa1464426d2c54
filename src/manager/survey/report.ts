import type { Change } from '../../changes/change.ts';
import type { HubStatus } from '../../sharing/hub.ts';

/** How quick a member is: quantiles of the time to the head of its answers in the last minute, in milliseconds. */
export type Quantiles = Readonly<{ p50: number; p95: number; p99: number }>;

/** What a member's health checks have found. */
export type HealthReport = Readonly<{
  method: string;
  uri: string | undefined;
  intervalMs: number;
  passes: number;
  fails: number;
  /** Checks in a row, as they count now. */
  passed: number;
  failed: number;
  /** The last one; undefined before the first. `at`: milliseconds since 1970. */
  last: Readonly<{ at: number; passed: boolean; why: string }> | undefined;
}>;

/** A word for how a member is, worst first. */
export type StateWord =
  | 'stopped'
  | 'disabled'
  | 'health-check-failed'
  | 'in-error'
  | 'ejected'
  | 'draining'
  | 'full'
  | 'hot-standby'
  | 'hot-spare'
  | 'ignore-errors'
  | 'slow-start'
  | 'ok';

/** One member as the manager shows it. Plain JSON; undefined is left out. */
export type MemberReport = Readonly<{
  name: string;
  url: string;
  /** It is a function of the app. */
  isHandler: boolean;
  /** DNS has told of it: it cannot be removed. */
  isFromDns: boolean;
  route: string | undefined;
  redirect: string | undefined;
  loadfactor: number;
  lbset: number;
  /** httpd's letters. */
  status: string;
  /** The same and more in words; `['ok']` where there is nothing to say. */
  states: readonly StateWord[];
  retryInMs: number | undefined;
  /** When it was put in error; milliseconds since 1970. Left out where that is not known. */
  errorAt?: number;
  retries: number;
  elected: number;
  busy: number;
  max: number | undefined;
  /** Bytes. */
  sent: number;
  received: number;
  failures: number;
  lbstatus: number;
  /** Weighted mean, in milliseconds. */
  responseMs: number | undefined;
  /** Undefined: no answer in the last minute. */
  quantiles: Quantiles | undefined;
  /** Attempts a second, of the last ten seconds. */
  rate: number;
  /** Different sessions bound to it that were seen in the last half hour; undefined: not known. */
  sessions: number | undefined;
  health: HealthReport | undefined;
  /** What a change can set besides, as it is written: `retry`, `timeout`, `slowStart`, `hcinterval` … */
  parameters: Readonly<Record<string, unknown>>;
  /** What no change can set, as it is written: `ttl`, `connectiontimeout`, `disablereuse`, `keepalive`. Left out where it is none. */
  fixed?: Readonly<Record<string, unknown>>;
  /** What this process has of the counts of the same name, which are sums. Left out where nothing is shared. */
  own?: OwnCounts;
}>;

/** The counts of a member that are sums over all processes that share its balancer. */
export type OwnCounts = Readonly<Record<'busy' | 'elected' | 'sent' | 'received' | 'failures', number>>;

/** How a balancer stands to other processes. */
export type SharingSeen = Readonly<{
  /** What this process is called. */
  process: string;
  state: HubStatus['kind'];
  /** Milliseconds since 1970. */
  since: number;
  /** How many share, this one among them; 0: this one is alone. */
  processes: number;
  /** How many of them the sums are of. */
  counted: number;
  /** Of one that is alone or was refused. */
  why?: string;
}>;

/** What one process has counted of a balancer, all its members together. */
export type ProcessReport = OwnCounts &
  Readonly<{
    process: string;
    isThis: boolean;
    requests: number;
    errors: number;
    waiting: number;
    inFlight: number;
    answers: number;
  }>;

/** One balancer as the manager shows it. */
export type BalancerReport = Readonly<{
  /** Its name, or `name~2` for the second of that name. */
  id: string;
  name: string;
  /** Where it is mounted, as far as requests have shown; at most eight. */
  paths: readonly string[];
  lbmethod: string;
  /** `'cookie|parameter'`, or `'cookie'`. */
  stickysession: string | undefined;
  routeCookie: string | undefined;
  nofailover: boolean;
  forcerecovery: boolean;
  /** Undefined: each of the others once. */
  maxattempts: number | undefined;
  /** Seconds. */
  timeout: number;
  /** What `configure` can set through the manager, as it is written now; what is left out is at its default. */
  options: Readonly<Record<string, unknown>>;
  /** Requests that wait, and how many may. */
  waiting: number;
  queueLength: number;
  /** Requests under way, those that wait included. */
  inFlight: number;
  /** Requests that have ended, and those of them that ended in an error of the balancer's. */
  requests: number;
  errors: number;
  /** Requests a second, of the last ten seconds. */
  rate: number;
  members: readonly MemberReport[];
  /** Left out where it shares nothing. */
  sharing?: SharingSeen;
  /**
   * The processes that share it, this one first, at most 64: `requests`, `errors`, `waiting` and `inFlight` above are sums over
   * all, as are the counts of members. Rates, quantiles, sessions and decisions are this process's. Left out where it
   * shares nothing.
   */
  processes?: readonly ProcessReport[];
}>;

/** What became of one request. */
export type Decision = Readonly<{
  /** When it has ended; milliseconds since 1970. */
  at: number;
  /** Its id. */
  balancer: string;
  method: string;
  /** Its first 200 letters, without parameters and query. */
  path: string;
  /** Undefined: the client left first. */
  status: number | undefined;
  /** Code of the error it ended in. */
  error: string | undefined;
  durationMs: number;
  waitedMs: number;
  /** The route it was bound to; of one that no member has, which may be a session, only the beginning. */
  route: string | undefined;
  /** One a try, in order; more than one: it has failed over. `reason`: why this member. */
  attempts: readonly Readonly<{
    member: string;
    reason: string;
    outcome: string;
    status: number | undefined;
    code: string | undefined;
    durationMs: number;
  }>[];
}>;

/** Everything the page shows, at one moment. */
export type Report = Readonly<{
  /** Milliseconds since 1970. */
  at: number;
  /** In their order. */
  balancers: readonly BalancerReport[];
  /** Newest first, at most 50 each. */
  decisions: readonly Decision[];
  failovers: readonly Decision[];
  /** Newest first, all that are in force and at most 200 others. */
  changes: readonly Change[];
  /** Whether the app is handed changes to keep them over a restart. */
  persists: boolean;
}>;

/** How things have been: one point every `stepMs`, the oldest first. */
export type History = Readonly<{
  stepMs: number;
  /** Milliseconds since 1970. */
  at: readonly number[];
  /** By id of the balancer, then by name of the member. null: no answer in that time, or no such member. */
  balancers: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          Readonly<{
            rate: readonly (number | null)[];
            p50: readonly (number | null)[];
            p95: readonly (number | null)[];
          }>
        >
      >
    >
  >;
}>;
