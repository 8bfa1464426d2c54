import { clock, type Timer } from '../clock.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import type { LoopParts } from './check-loop.ts';
import { probe as probeMember, type ProbeSettings } from './probe.ts';
import { warmUp } from './warm-up.ts';

/** Looks for members that listen again, while requests are held for them. */
export type ConnectionWatch = Readonly<{
  /** Does nothing when it watches already. */
  start(): void;
  /** Does nothing when it does not watch. */
  stop(): void;
}>;

/** What a watch needs to know, and whom it tells. */
export type ConnectionWatchParts = Readonly<{
  view: () => readonly MemberView[];
  /** Default: over real connections. */
  probe?: LoopParts['probe'];
}> &
  Omit<LoopParts, 'probe' | 'duty' | 'ended'>;

/** How often a member is asked for a connection. */
const intervalMs = 250;

const connection: ProbeSettings = {
  request: undefined,
  target: '',
  headers: [],
  timeoutMs: 1000,
  readsBody: false,
};

/** Makes a watch that does not run yet. */
export function createConnectionWatch(parts: ConnectionWatchParts): ConnectionWatch {
  let end: (() => void) | undefined;
  return {
    start() {
      end ??= watch(parts);
    },
    stop() {
      end?.();
      end = undefined;
    },
  };
}

/** Watches until the function that it returns is called. */
function watch({ view, report, random, logger, probe = probeMember }: ConnectionWatchParts): () => void {
  const off = new AbortController();
  const timers = new Set<Timer>();
  const asked = new Set<MemberView>();

  function look(): void {
    for (const member of view()) if (isWaitedFor(member) && !asked.has(member)) askLater(member);
  }

  /** At its own time within the interval, so that members are not in step. */
  function askLater(member: MemberView): void {
    asked.add(member);
    const timer = clock
      .setTimer(() => {
        timers.delete(timer);
        ask(member)
          .catch((error: unknown) => {
            logger.error(`connection to ${member.settings.url}: ${String(error)}`);
          })
          .finally(() => asked.delete(member));
      }, intervalMs * random())
      .unref();
    timers.add(timer);
  }

  async function ask(member: MemberView): Promise<void> {
    const { settings, state } = member;
    const result = await probe(settings, connection, off.signal);
    if (result.kind === 'failed') return;
    const { health } = settings;
    if (health && (await warmUp(settings, health, probe, off.signal)) !== undefined) return;
    // It may have failed again meanwhile, after it was connected to.
    const isSo = isWaitedFor(member) && member.state.errorAt === state.errorAt;
    if (isSo && !off.signal.aborted) report(member, 'checks-passed', 'connected');
  }

  const ticker = clock.setRepeating(look, intervalMs).unref();
  look();
  return () => {
    off.abort();
    clock.clear(ticker);
    for (const timer of timers) clock.clear(timer);
  };
}

/** Whether a connection would bring it back. Not where its health checks have failed: they ask for more than that. */
function isWaitedFor({ settings, state: { errorAt, ejectedMs, status } }: MemberView): boolean {
  const isOut = status & (Status.disabled | Status.stopped | Status.healthCheckFailed);
  const isServer = !settings.handler && !settings.resolve;
  return isServer && errorAt !== undefined && ejectedMs === undefined && isOut === 0;
}
