import { chance, clock } from './clock.ts';
import type { Place } from './definition/build-settings.ts';
import type { BalancerDefinition, Logger } from './definition/definition.ts';
import type { Settings } from './definition/settings.ts';
import { buildMethod } from './choice/methods.ts';
import type { ChoiceRules } from './choice/choose-member.ts';
import { createDiscovery } from './discovery/discovery.ts';
import type { MemberNews } from './roster/drain.ts';
import { createEvents, type BalancerEvents, type Events } from './events.ts';
import { createChangingSender } from './forward/changing-sender.ts';
import { compilePathFilter } from './forward/hpm/path-filter.ts';
import { ownDuty } from './health/check-duty.ts';
import { createConnectionWatch } from './health/connection-watch.ts';
import { createHealthChecks, type HealthChecks } from './health/health-checks.ts';
import { createInFlight } from './in-flight.ts';
import type { MemberEvent } from './member/member-state.ts';
import type { MemberView } from './member/member.ts';
import { retryAt } from './member/retry-at.ts';
import { createMembers } from './member/members.ts';
import { printStatus } from './member/status.ts';
import { createMountPaths } from './mount-paths.ts';
import { createPatternWatch } from './patterns/pattern-watch.ts';
import { createRequestReader } from './request/read-inbound.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createRewriter } from './rewrite/rewriter.ts';
import { createRoster, type Roster } from './roster/roster.ts';
import type { Membership } from './sharing/membership.ts';
import { createService, type Service, type Serving } from './service.ts';
import { createTally } from './tally/create-tally.ts';
import { createPartings } from './tunnel/partings.ts';
import { createWaitingRoom } from './waiting/waiting-room.ts';
import { tellFailingChecks } from './warnings/failing-checks.ts';
import { tell } from './warnings/teller.ts';
import { Warnings } from './warnings/warnings.ts';

/** Everything of a balancer that runs. */
export type Works = Readonly<{
  /** As the definition is now: a request that begins keeps it to its end. */
  now(): Serving;
  handle: Service['handle'];
  explain: Service['explain'];
  roster: Roster;
  events: Events;
  watch: MemberNews;
  /** What the health checks of a member have found; undefined: its health is not checked. */
  checkReport: HealthChecks['report'];
  /** Another process has checked a member. */
  hearCheck: HealthChecks['hear'];
  /** Shares its state with other processes from now on; called once, before any request. */
  join(membership: Membership): void;
  /** Undefined: it shares nothing. */
  membership(): Membership | undefined;
  /** The mount paths that requests have come by, `'/'` for the root; the first eight different ones. */
  mountPaths(): readonly string[];
  /** Whether its end has begun: new requests are refused. */
  isClosed(): boolean;
  /**
   * Tells WebSockets to go, one after the other, and cuts those that are left after `graceMs`; `member`: only its own. Returns
   * how to call it off.
   */
  part(graceMs: number, member?: MemberView): () => void;
  /** Ends everything; what is in flight after `graceMs`. */
  close(graceMs: number): Promise<void>;
}>;

/** Builds the parts of a balancer, and starts what runs beside the requests. */
export function startWorks(definition: BalancerDefinition, first: Settings, place: Place): Works {
  const now = clock.now;
  const random = chance.draw;
  const watchers = new Set<Parameters<MemberNews>[0]>();
  let isClosed = false;
  let isOver = false;
  let membership: Membership | undefined;
  let settings = first;
  let serving: Serving;

  const callWatchers = (): void => {
    if (watchers.size === 0) return;
    for (const callback of [...watchers]) callback();
  };
  const logger: Logger = {
    info: (...words: unknown[]) => {
      settings.logger.info(...words);
    },
    warn: (...words: unknown[]) => {
      settings.logger.warn(...words);
    },
    error: (...words: unknown[]) => {
      settings.logger.error(...words);
    },
  };
  const events = createEvents(() => settings);
  const members = createMembers(
    first.members.filter(({ resolve }) => resolve === undefined),
    now,
    { share: buildMethod(first).share, ejection: first.ejection },
    {
      changed(member, before, event) {
        membership?.changed(member, before, event);
        tellState(events, member, before.status, event);
        room.wake();
        callWatchers();
      },
      charged(member) {
        membership?.charged(member);
      },
      freed(member) {
        membership?.charged(member);
        room.wake();
        callWatchers();
      },
    },
  );
  const health = createHealthChecks({
    view: members.view,
    report: members.apply,
    random,
    logger,
    duty: () => membership?.duty ?? ownDuty,
    doubted(failure) {
      warnings.say('WARN_BALANCER_CHECKS_FAIL', tellFailingChecks(failure, settings));
    },
  });
  const connections = createConnectionWatch({
    // Who waits for a place needs nobody back that was put in error for what it answered.
    view: () => (room.isMemberAwaited() ? members.view() : []),
    report: members.apply,
    random,
    logger,
  });
  const room = createWaitingRoom((isEmpty) => {
    if (isEmpty) connections.stop();
    else if (settings.holdMs > 0) connections.start();
  });
  const patterns = createPatternWatch((words) => {
    tell(settings, 'WARN_BALANCER_SLOW_PATTERN', words);
  });
  const warnings = new Warnings({
    hasRoute: members.hasRoute,
    isDiscovering: () => discovery.isPending(),
    now: clock.date,
  });
  const sender = createChangingSender(first.httpProxyMiddleware);
  const inFlight = createInFlight();
  const shared = {
    members,
    sender,
    budget: createRetryBudget(now),
    tally: createTally(),
    warnings,
    inFlight,
    partings: createPartings({ inFlight, now, random }),
    mountPaths: createMountPaths(),
    room,
    events,
    isDiscovering: () => discovery.isPending(),
    checkReport: health.report,
    now,
    random,
  };

  function publish(next: Settings): void {
    settings = next;
    patterns.follow(next);
    const rules = buildRules(next);
    members.follow({ share: rules.method.share, ejection: next.ejection });
    serving = {
      parts: { ...shared, settings, rules, rewriter: createRewriter(next, place.hostname) },
      reader: createRequestReader(next, compilePathFilter(next.httpProxyMiddleware?.pathFilter)),
    };
    warnings.follow(next, serving.reader.findSession);
    health.sync();
    discovery.sync(next.members.filter(({ resolve }) => resolve !== undefined));
    // Whoever waits for DNS does so no longer than until it has failed.
    if (discovery.isPending()) void discovery.whenSettled().then(room.wake);
    if (next.holdMs > 0 && room.size() > 0) connections.start();
    room.wake();
  }

  const roster = createRoster(definition, first, {
    place,
    members,
    sender,
    events,
    publish,
    whenIdle: (member) => whenIdle(member, watchers),
  });
  const discovery = createDiscovery({
    name: first.name,
    resolver: () => settings.resolver,
    found: roster.found,
    random,
    logger,
  });
  publish(first);

  return {
    now: () => serving,
    ...createService(
      () => serving,
      () => isClosed,
    ),
    roster,
    events,
    watch(callback) {
      if (isOver)
        queueMicrotask(() => {
          callback('closed');
        });
      watchers.add(callback);
      return () => watchers.delete(callback);
    },
    checkReport: health.report,
    hearCheck: health.hear,
    join(joined) {
      membership = joined;
    },
    membership: () => membership,
    mountPaths: shared.mountPaths.list,
    isClosed: () => isClosed,
    part: shared.partings.begin,
    async close(graceMs) {
      isClosed = true;
      for (const work of inFlight.list()) work.beLast();
      const stopParting = graceMs > 0 ? shared.partings.begin(graceMs) : () => undefined;
      // Checks are a business of the processes that stay.
      const checked = membership && health.close();
      await inFlight.settle(graceMs);
      stopParting();
      // Not before: requests may wait for members that only these find.
      discovery.close();
      connections.stop();
      await Promise.all([checked ?? health.close(), sender.destroy()]);
      isOver = true;
      for (const callback of [...watchers]) callback('closed');
    },
  };
}

function buildRules(settings: Settings): ChoiceRules {
  const { nofailover, forcerecovery, holdMs } = settings;
  // Requests that are held wait for a member rather than try those in error: connections are tried for them.
  return { nofailover, forcerecovery: forcerecovery && holdMs === 0, method: buildMethod(settings) };
}

function whenIdle(member: MemberView, watchers: Set<Parameters<MemberNews>[0]>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = (): void => {
    if (member.busy > 0) return;
    watchers.delete(look);
    resolve(undefined);
  };
  watchers.add(look);
  look();
  return promise;
}

const causes: Readonly<Record<string, BalancerEvents['state']['cause']>> = {
  failed: 'failed',
  'probe-failed': 'failed',
  'probe-succeeded': 'recovered',
  forced: 'forced-recovery',
  'checks-failed': 'checks-failed',
  'checks-passed': 'checks-passed',
  ejected: 'ejected',
  heard: 'elsewhere',
};

function tellState(events: Events, member: MemberView, before: number, event: MemberEvent): void {
  const { name, url } = member.settings;
  const { status, errorAt, ejectedMs } = member.state;
  if (status !== before) {
    const cause = causes[typeof event === 'string' ? event : event.kind] ?? 'changed';
    events.emit('state', { member: name, url, from: printStatus(before), to: printStatus(status), cause });
  }
  const isEjected = typeof event === 'object' && event.kind === 'ejected';
  const isStillEjected = event === 'probe-failed' && ejectedMs !== undefined;
  if (isEjected || isStillEjected) {
    events.emit('ejection', { member: name, url, timeMs: Math.round(retryAt(member)! - errorAt!) });
  }
}
