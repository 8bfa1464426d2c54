import type { MemberView } from '../member/member.ts';

/** What one process has told of a member, and how busy it was here when that was heard. */
type Word = Readonly<{ told: number; here: number }>;

type Process = {
  heardAt: number;
  /** Whether it goes on choosing: its last word was another one than that before it, and is fresh. */
  isMoving: boolean;
  words: Map<MemberView, Word>;
};

type Sum = {
  told: number;
  /** Of those that move. */
  here: number;
};

/** How many requests members have in other processes: what those have told, and what they may have done since. */
export type BusyElsewhere = Readonly<{
  /** A process has told how busy its members are. */
  hear(process: string, countOf: (member: MemberView) => number, at: number): void;
  forget(process: string): void;
  forgetAll(): void;
  /** Those that were not heard of since then have gone. */
  forgetBefore(at: number): void;
  /** Those that were not heard of since then do nothing: they would have told. */
  settleBefore(at: number): void;
  /** The member has another number of requests here. */
  moved(member: MemberView): void;
  /** Whether anybody was heard of. */
  isEmpty(): boolean;
  isMoving(): boolean;
}>;

/** A list that is longer was made up by somebody. */
const mostProcesses = 1_000;

/**
 * Between two words of theirs, the others are taken to do what this process does: they have seen the same, and go by the same
 * rule. Without that all of them would send what comes to the member that was the least busy in their last words, until the
 * next ones; so, each sends its part of what that member has too little. `note` is told what a member has elsewhere.
 */
export function createBusyElsewhere(
  members: () => readonly MemberView[],
  note: (member: MemberView, busy: number) => void,
): BusyElsewhere {
  const processes = new Map<string, Process>();
  const sums = new Map<MemberView, Sum>();
  let list: readonly MemberView[] = [];
  let moving = 0;

  function estimate(member: MemberView): void {
    const sum = sums.get(member);
    note(member, sum ? Math.max(0, sum.told + moving * member.busy - sum.here) : 0);
  }

  function estimateAll(): void {
    for (const member of sums.keys()) estimate(member);
  }

  /** Who is no member any more is forgotten; a new one begins with nothing. */
  function followList(): void {
    const now = members();
    if (now === list) return;
    list = now;
    const there = new Set(list);
    for (const member of sums.keys()) if (!there.has(member)) sums.delete(member);
    for (const member of there) if (!sums.has(member)) sums.set(member, { told: 0, here: 0 });
  }

  function add(process: Process, sign: 1 | -1): void {
    if (process.isMoving) moving += sign;
    for (const [member, { told, here }] of process.words) {
      const sum = sums.get(member);
      if (!sum) continue;
      sum.told += sign * told;
      if (process.isMoving) sum.here += sign * here;
    }
  }

  function settle(process: Process): void {
    add(process, -1);
    process.isMoving = false;
    add(process, 1);
  }

  function forget(name: string): void {
    const process = processes.get(name);
    if (!process) return;
    processes.delete(name);
    add(process, -1);
    estimateAll();
  }

  function listBefore(at: number): [string, Process][] {
    return [...processes].filter(([, { heardAt }]) => heardAt < at);
  }

  return {
    hear(name, countOf, at) {
      const before = processes.get(name);
      if (!before && processes.size >= mostProcesses) return;
      followList();
      const words = new Map(list.map((member) => [member, { told: countOf(member), here: member.busy }]));
      const isNew = list.some((member) => words.get(member)?.told !== (before?.words.get(member)?.told ?? 0));
      if (before) add(before, -1);
      const process = { heardAt: at, isMoving: isNew, words };
      processes.set(name, process);
      add(process, 1);
      estimateAll();
    },
    forget,
    forgetAll() {
      for (const name of [...processes.keys()]) forget(name);
    },
    forgetBefore(at) {
      for (const [name] of listBefore(at)) forget(name);
    },
    settleBefore(at) {
      const settled = listBefore(at).filter(([, process]) => process.isMoving);
      for (const [, process] of settled) settle(process);
      if (settled.length > 0) estimateAll();
    },
    moved(member) {
      if (moving > 0) estimate(member);
    },
    isEmpty: () => processes.size === 0,
    isMoving: () => moving > 0,
  };
}
