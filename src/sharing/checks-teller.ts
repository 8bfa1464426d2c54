import { clock, type Timer } from '../clock.ts';
import type { HeardCheck } from './checks-heard.ts';
import { roomOfText, writeChecks, type ToldCheck } from './checks-text.ts';

/** How often texts go at most. */
const spacingMs = 250;
/** A text may take the place of one that was not sent yet: so long is told again what was told. */
const repeatingMs = 1000;

/** What a check here has found, by the clock that is handed in. */
export type OwnCheck = Omit<HeardCheck, 'beganAgoMs' | 'endedAgoMs'> &
  Readonly<{ beganAt: number; endedAt: number }>;

/** Tells the others of checks, many at a time. */
export type ChecksTeller = Readonly<{
  /** Keeps the last check of each member, and tells of it: now, or when somebody asks. */
  keep(member: string, check: OwnCheck, tells: boolean): void;
  /** Asks the others for what they know. */
  ask(): void;
  /** Tells once more of those that may be of use still. */
  repeat(isFresh: (member: string, check: OwnCheck) => boolean): void;
  /** Forgets members. */
  forget(isGone: (member: string) => boolean): void;
  close(): void;
}>;

/** What it tells by. */
export type TellerParts = Readonly<{
  tell: (text: string) => void;
  isHolder: () => boolean;
  /** A clock in milliseconds that never goes back. */
  now: () => number;
}>;

type Kept = { check: OwnCheck; number: number; toldAt: number | undefined };

export function createChecksTeller({ tell, isHolder, now }: TellerParts): ChecksTeller {
  const kept = new Map<string, Kept>();
  const untold = new Set<string>();
  let number = 0;
  let askedAt = -Infinity;
  let toldAt = -Infinity;
  let timer: Timer | undefined;

  function schedule(): void {
    timer ??= clock.setTimer(send, Math.max(0, toldAt + spacingMs - now())).unref();
  }

  function send(): void {
    timer = undefined;
    toldAt = now();
    const checks: ToldCheck[] = [];
    const put = (member: string, { check, number: own }: Kept): void => {
      const { beganAt, endedAt, ...found } = check;
      const told = { ...found, beganAgoMs: toldAt - beganAt, endedAgoMs: toldAt - endedAt };
      checks.push({ member, number: own, check: told });
    };
    const again = [...kept].filter(
      ([member, each]) =>
        !untold.has(member) && each.toldAt !== undefined && toldAt - each.toldAt < repeatingMs,
    );
    for (const member of untold) {
      if (checks.length === roomOfText) break;
      untold.delete(member);
      const each = kept.get(member)!;
      each.toldAt = toldAt;
      put(member, each);
    }
    for (const [member, each] of again.slice(0, roomOfText - checks.length)) put(member, each);
    tell(writeChecks({ isHolder: isHolder(), asks: toldAt - askedAt < repeatingMs, checks }));
    if (untold.size > 0) schedule();
  }

  return {
    keep(member, check, tells) {
      number += 1;
      kept.set(member, { check, number, toldAt: undefined });
      if (!tells) return;
      untold.add(member);
      schedule();
    },
    ask() {
      askedAt = now();
      schedule();
    },
    repeat(isFresh) {
      for (const [member, { check }] of kept) if (isFresh(member, check)) untold.add(member);
      if (untold.size > 0) schedule();
    },
    forget(isGone) {
      for (const member of [...kept.keys()].filter(isGone)) {
        kept.delete(member);
        untold.delete(member);
      }
    },
    close() {
      clock.clear(timer);
    },
  };
}
