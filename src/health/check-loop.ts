import { clock, type Timer } from '../clock.ts';
import type { CheckDuty } from './check-duty.ts';
import { debug } from '../debug.ts';
import type { Logger } from '../definition/definition.ts';
import type { HealthSettings } from '../definition/settings.ts';
import type { MemberState } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { CheckEnd } from './doubts.ts';
import { countCheck, noChecks, type CheckCounts, type CheckEvent } from './count-checks.ts';
import { jitter } from './jitter.ts';
import { judgeProbe, type Judgement } from './judge-probe.ts';
import type { Probe } from './probe.ts';
import { warmUp } from './warm-up.ts';

/** How soon a loop looks again whether a check is its own, of a member that cannot serve before its first one. */
const awaitingMs = 250;

/** What the loops of all members share. */
export type LoopParts = Readonly<{
  /** Tells what checks have found; `why` is a few words for people. */
  report: (member: MemberView, event: CheckEvent, why: string) => void;
  /** Is told how each check has ended by itself, warming up aside. */
  ended: (member: MemberView, health: HealthSettings, end: CheckEnd) => void;
  /** A number from 0 up to 1, another one each time. */
  random: () => number;
  logger: Logger;
  probe: Probe;
  /** Who checks: of a balancer that shares its state, one of its processes. */
  duty: () => CheckDuty;
}>;

/** What the checks of a member have found; the counts as they count now. */
export type CheckReport = CheckCounts &
  Readonly<{
    /** The last one; undefined before the first. `at`: milliseconds since 1970. */
    last: Readonly<{ at: number; passed: boolean; why: string }> | undefined;
  }>;

/** The checks of one member, one after the other. */
export type CheckLoop = Readonly<{
  /** Takes settings over with the next check, whose time changes if the interval has. */
  update(health: HealthSettings): void;
  report(): CheckReport;
  /** Takes over what another process has found. */
  hear(report: CheckReport): void;
  /** Ends a check that is under way, and reports nothing any more; resolves when it has ended. */
  stop(): Promise<void>;
}>;

/** Starts checking a member. Its first check is somewhere in its first interval, or at once where it cannot serve before. */
export function startCheckLoop(
  member: MemberView,
  initial: HealthSettings,
  { report, ended, random, logger, probe, duty }: LoopParts,
): CheckLoop {
  const off = new AbortController();
  let health = initial;
  let counts = noChecks;
  let last: CheckReport['last'];
  let running = Promise.resolve();
  let timer: Timer | undefined;
  /** What the next check is timed from: the end of the last one. */
  let since = clock.now();
  let hasChecked = false;
  /** Another process checks it, and has not told of it yet. */
  let isAwaited = false;
  /** Whose mistakes the app has been told of. */
  let told: HealthSettings | undefined;

  function isWaitedFor(): boolean {
    return health.warmUp.length > 0 || (member.state.status & Status.healthCheckFailed) !== 0;
  }

  function schedule(): void {
    const first = isWaitedFor() ? 0 : health.intervalMs * random();
    const next = hasChecked ? jitter(health.intervalMs, random()) : first;
    const delayMs = isAwaited ? Math.min(next, awaitingMs) : next;
    clock.clear(timer);
    timer = clock
      .setTimer(
        () => {
          timer = undefined;
          running = run();
        },
        Math.max(0, since + delayMs - clock.now()),
      )
      .unref();
  }

  async function run(): Promise<void> {
    try {
      await check();
    } catch (error) {
      logger.error(`health check of ${member.settings.url}: ${String(error)}`);
    }
    if (off.signal.aborted) return;
    since = clock.now();
    hasChecked = true;
    schedule();
  }

  async function check(): Promise<void> {
    const before = member.state;
    const now = health;
    const begunAt = clock.now();
    isAwaited = false;
    if (before.status & Status.stopped) {
      counts = noChecks;
      return;
    }
    if (!duty().isMine(member, now.intervalMs)) {
      // Nobody knows yet whether it may serve: it is not left so for an interval when its check becomes this process's.
      isAwaited = last === undefined && (before.status & Status.healthCheckFailed) !== 0;
      return;
    }
    const { settings } = member;
    const result = await probe(settings, now, off.signal);
    let judgement = judgeProbe(result, now);
    if (isOutdated(judgement, before)) return;
    const isAnswer = result.kind === 'answered' && !judgement.isMistake;
    ended(member, now, { passed: judgement.passed, status: isAnswer ? result.answer.status : undefined });
    let next = countCheck(counts, judgement.passed, member.state, now);
    if (next.event === 'checks-passed') {
      const cold = await warmUp(settings, now, probe, off.signal);
      if (cold !== undefined) judgement = { passed: false, why: cold };
      if (isOutdated(judgement, before)) return;
      next = countCheck(counts, judgement.passed, member.state, now);
    }
    debug.health('%s: %s, %s', settings.url, judgement.passed ? 'passed' : 'failed', judgement.why);
    tellMistake(judgement, now);
    ({ counts } = next);
    last = { at: clock.date(), passed: judgement.passed, why: judgement.why };
    if (next.event) report(member, next.event, judgement.why);
    const tookMs = clock.now() - begunAt;
    duty().checked(member, { report: { ...counts, last }, event: next.event, tookMs });
  }

  /** Whether what a check has found says nothing of the member as it is by now. */
  function isOutdated({ passed }: Judgement, before: MemberState): boolean {
    const { errorAt, status } = member.state;
    const hasFailedSince = errorAt !== undefined && errorAt !== before.errorAt;
    return off.signal.aborted || (status & Status.stopped) !== 0 || (passed && hasFailedSince);
  }

  function tellMistake({ isMistake, why }: Judgement, now: HealthSettings): void {
    if (!isMistake || told === now) return;
    told = now;
    logger.warn(`health checks of ${member.settings.url} fail: ${why}`);
  }

  schedule();
  return {
    update(next) {
      const isOther = next.intervalMs !== health.intervalMs;
      health = next;
      if (isOther && timer) schedule();
    },
    report: () => ({ ...counts, last }),
    hear(heard) {
      ({ last } = heard);
      // By what it has failed elsewhere is not told.
      if (last) ended(member, health, { passed: last.passed, status: undefined });
      counts = { passed: heard.passed, failed: heard.failed };
    },
    stop() {
      clock.clear(timer);
      off.abort();
      return running;
    },
  };
}
