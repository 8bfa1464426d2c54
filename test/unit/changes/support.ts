import { afterEach } from '@jest/globals';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import type { Clock } from '../../../src/changes/alarm.ts';
import type { Change, ChangeRequest, Deed } from '../../../src/changes/change.ts';

import type { ChangeLog } from '../../../src/changes/change-log.ts';
import { createChangeLog, type ChangeLogOptions } from '../../../src/changes/create-change-log.ts';
import { createLister } from '../../../src/manager/listed.ts';

export const minute = 60_000;

/** A clock that goes when it is told to. */
export type FakeClock = Clock &
  Readonly<{ advance(ms: number): void; set(at: number): void; timers(): number }>;

export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start;
  const timers = new Map<object, Readonly<{ at: number; callback: () => void }>>();

  function ringUpTo(end: number): void {
    for (;;) {
      const due = [...timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, one], [, other]) => one.at - other.at);
      const [first] = due;
      if (!first) break;
      const [key, { at, callback }] = first;
      timers.delete(key);
      time = Math.max(time, at);
      callback();
    }
    time = end;
  }

  return {
    now: () => time,
    setTimer(callback, ms) {
      const key = {};
      timers.set(key, { at: time + ms, callback });
      return () => {
        timers.delete(key);
      };
    },
    advance(ms) {
      ringUpTo(time + ms);
    },
    // The wall clock is set; timers know nothing of it.
    set(at) {
      for (const [key, timer] of timers) timers.set(key, { ...timer, at: timer.at + at - time });
      time = at;
    },
    timers: () => timers.size,
  };
}

/** What was logged, as text. */
export function createNotes() {
  const notes: string[] = [];
  const note =
    (level: string) =>
    (...words: unknown[]): void => {
      notes.push(`${level}: ${words.map(String).join(' ')}`);
    };
  return { notes, logger: { info: note('info'), warn: note('warn'), error: note('error') } };
}

const balancers: Balancer[] = [];
const logs: ChangeLog[] = [];

afterEach(async () => {
  for (const log of logs.splice(0)) log.close();
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
});

/** A balancer of members that nobody asks for anything. */
export function startBalancer(definition: Partial<BalancerDefinition> = {}): Balancer {
  const balancer: Balancer = createBalancer({
    name: 'app',
    members: ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.invalid`, route })),
    logger: false,
    ...definition,
  });
  balancers.push(balancer);
  return balancer;
}

/** A log of changes of balancers, under a fake clock. */
export function startLog(
  options: Partial<Omit<ChangeLogOptions, 'balancers'>> &
    Readonly<{ balancers?: readonly Balancer[] | (() => readonly Balancer[]) }> = {},
) {
  const { balancers: given = [startBalancer()], ...others } = options;
  const list = typeof given === 'function' ? given : () => given;
  const clock = createFakeClock();
  const { notes, logger } = createNotes();
  const told: string[] = [];
  const log = createChangeLog({
    balancers: createLister(list),
    mayAppear: false,
    allowMembers: undefined,
    onChange: (change, inForce) =>
      told.push(`${change.deed.kind} ${change.state}, ${inForce.length} in force`),
    initialChanges: undefined,
    logger,
    clock,
    ...others,
  });
  logs.push(log);
  return {
    log,
    clock: (others.clock as FakeClock | undefined) ?? clock,
    notes,
    told,
    balancer: list()[0]!,
    make: (deed: Deed, terms: Partial<Omit<ChangeRequest, 'deed'>> = {}): Change =>
      log.make({ deed, reason: undefined, forMs: undefined, ...terms }, 'ann'),
    undo: (change: Change): Change => log.undo(change.id, 'bob'),
    member: (name: string) =>
      list()[0]!
        .view()
        .find((member) => member.name === name),
    states: () => log.list().map(({ state }) => state),
  };
}

/** Deeds upon the balancer of these tests. */
export const deeds = {
  change: (member: string, set: (Deed & { kind: 'change' })['set']): Deed => ({
    kind: 'change',
    balancer: 'app',
    member,
    set,
  }),
  drain: (member: string, deadlineMs?: number): Deed => ({
    kind: 'drain',
    balancer: 'app',
    member,
    deadlineMs,
  }),
  add: (member: (Deed & { kind: 'add' })['member']): Deed => ({
    kind: 'add',
    balancer: 'app',
    member,
    name: undefined,
  }),
  remove: (member: string): Deed => ({ kind: 'remove', balancer: 'app', member }),
  configure: (set: (Deed & { kind: 'configure' })['set']): Deed => ({
    kind: 'configure',
    balancer: 'app',
    set,
  }),
};

/** A change as it comes back from a store. */
export function store(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
