import { jest } from '@jest/globals';
import type { Balancer } from '../../../src/balancer.ts';
import type { HealthSettings } from '../../../src/definition/settings.ts';
import { createHealthChecks } from '../../../src/health/health-checks.ts';
import type { CheckReport } from '../../../src/health/check-loop.ts';
import type { ProbeResult } from '../../../src/health/probe.ts';
import { showInside } from '../../../src/inside.ts';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { createMembers } from '../../../src/member/members.ts';
import { printStatus } from '../../../src/member/status.ts';
import { identifyMember } from '../../../src/roster/diff-members.ts';
import type { HubStatus } from '../../../src/sharing/hub.ts';
import { createReplica, writeKey } from '../../../src/sharing/replica.ts';
import { shareChecks, type SharedChecks } from '../../../src/sharing/share-checks.ts';
import type { Works } from '../../../src/works.ts';
import { buildMember } from '../../support/build-members.ts';
import type { MemoryNet, TestHub } from '../../support/memory-net.ts';
import { buildHealth, makeLogger } from '../health/support.ts';

/** What a member answers to a check: a status; nothing until its time is up; or nothing for ever. */
export type Answering = (name: string, target: string) => number | 'refused' | Readonly<{ afterMs: number }>;

/** One process that checks and listens: real loops and states, made-up answers. */
export type CheckingProcess = Readonly<{
  hub: TestHub;
  checks: SharedChecks;
  /** Who was asked, in order. */
  asked: string[];
  /** When, in milliseconds since 1970. */
  askedAt: number[];
  /** What became of members here, as `a checks-failed`. */
  events: string[];
  /** What it was handed to tell, by time. */
  tells: Readonly<{ at: number; text: string }>[];
  lines: string[];
  letters(name: string): string;
  report(name: string): CheckReport | undefined;
  happen(name: string, event: MemberEvent): void;
  /** Says a word on a member, whatever it is. */
  say(name: string, value: unknown): void;
  add(name: string, health?: Partial<HealthSettings>): void;
  remove(name: string): void;
  /** Ends without a word. */
  kill(): Promise<void>;
  close(): Promise<void>;
}>;

export type CheckingOptions = Readonly<{
  /** By name; undefined: not checked. */
  members: Readonly<Record<string, Partial<HealthSettings> | undefined>>;
  answer?: Answering;
  random?: () => number;
  /** How much its clock is ahead of the others'. */
  aheadMs?: number;
  /** Stands for the hub's own until it is undefined. */
  status?: () => HubStatus | undefined;
  /** Whether it is still to get a lease that is its own. */
  lacksLease?: () => boolean;
}>;

const name = 'app';

export function startChecking(
  net: MemoryNet,
  {
    members: wanted,
    answer = () => 200,
    random = () => 0.5,
    aheadMs = 0,
    status,
    lacksLease,
  }: CheckingOptions,
): CheckingProcess {
  const bare = net.hub();
  const wallNow = (): number => Date.now() + aheadMs;
  const now = (): number => performance.now();
  const tells: { at: number; text: string }[] = [];
  const hub: TestHub = {
    ...bare,
    status: () => status?.() ?? bare.status(),
    has: (lease) => !lacksLease?.() && (status?.() ?? bare.status()).kind === 'shared' && bare.has(lease),
    tell(topic, text) {
      tells.push({ at: Date.now(), text });
      bare.tell(topic, text);
    },
  };
  const { lines, logger } = makeLogger();
  const replica = createReplica({ hub, logger, now: wallNow });
  const events: string[] = [];
  const asked: string[] = [];
  const askedAt: number[] = [];
  const settle = (key: string, health: Partial<HealthSettings> | undefined) =>
    buildMember({ name: key, health: health && buildHealth({ intervalMs: 10_000, ...health }) });
  const members = createMembers(
    Object.entries(wanted).map(([key, health]) => settle(key, health)),
    now,
    { share: undefined, ejection: undefined },
    {
      changed(member, _before, event) {
        events.push(`${member.settings.name} ${typeof event === 'string' ? event : event.kind}`);
      },
      freed: () => undefined,
    },
  );
  const health = createHealthChecks({
    view: members.view,
    report: members.apply,
    random,
    logger,
    async probe({ name: member }, { target }, signal): Promise<ProbeResult> {
      asked.push(member);
      askedAt.push(Date.now());
      const said = answer(member, target);
      if (typeof said === 'object') await waitUnlessCalledOff(said.afterMs, signal);
      return typeof said === 'number'
        ? { kind: 'answered', answer: { status: said, headers: {}, body: '' } }
        : { kind: 'failed', cause: new Error('no answer') };
    },
    duty: () => checks.duty,
  });
  const listeners = new Set<() => void>();
  const parts = { members, settings: { name, logger }, now };
  // Only what checks are shared by: no request comes here.
  const works = {
    now: () => ({ parts }),
    checkReport: health.report,
    hearCheck: health.hear,
  } as unknown as Works;
  const balancer = {
    on(_event: string, listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Balancer;
  showInside(balancer, works);
  const checks = shareChecks({ balancer, replica, hub, now: wallNow });
  bare.start({
    entries: replica.hear,
    known: replica.known,
    told(topic, text, process) {
      if (topic === `checks/${name}`) checks.told(text, process);
    },
    left: (process) => {
      checks.left(process);
    },
    totals: () => [],
    changed: () => undefined,
  });
  health.sync();

  const find = (key: string): MemberView => members.view().find(({ settings }) => settings.name === key)!;
  function follow(): void {
    health.sync();
    for (const listener of listeners) listener();
  }
  return {
    hub,
    checks,
    asked,
    askedAt,
    events,
    tells,
    lines,
    letters: (key) => printStatus(find(key).state.status),
    report: (key) => health.report(find(key)),
    happen(key, event) {
      members.apply(find(key), event);
    },
    say(key, value) {
      replica.say(writeKey('check', name, identifyMember(find(key).settings)), value);
    },
    add(key, own = {}) {
      members.revise({ added: [settle(key, own)] });
      follow();
    },
    remove(key) {
      members.revise({ removed: [find(key)] });
      follow();
    },
    async kill() {
      bare.kill();
      await health.close();
      checks.leave();
    },
    async close() {
      checks.leave();
      await health.close();
    },
  };
}

/** Lets time pass in small steps, with everything that is said on its way within each. */
export async function pass(net: MemoryNet, ms: number, stepMs = 20): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await jest.advanceTimersByTimeAsync(Math.min(stepMs, left));
    net.settle();
  }
}

function waitUnlessCalledOff(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => {
    clearTimeout(timer);
    resolve(undefined);
  };
  const timer = setTimeout(end, ms);
  signal?.addEventListener('abort', end);
  return promise;
}
