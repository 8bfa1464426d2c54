import { clock } from '../clock.ts';

/** Timers of Node do not go by the clock: it may be set, and they stand still while the machine sleeps. */
const longestWaitMs = 60_000;

/** Time, and how to be called when it has come. */
export type Clock = Readonly<{
  /** Milliseconds since 1970. */
  now(): number;
  /** Returns how to call it off. */
  setTimer(callback: () => void, ms: number): () => void;
}>;

/** The machine's; its timers keep no process alive. */
export const wallClock: Clock = {
  now: clock.date,
  setTimer(callback, ms) {
    const timer = clock.setTimer(callback, ms);
    timer.unref();
    return () => {
      clock.clear(timer);
    };
  },
};

/** Rings at one moment. */
export type Alarm = Readonly<{
  /** Instead of what it was set for before; undefined: never. */
  set(at: number | undefined): void;
}>;

export function createAlarm({ now, setTimer }: Clock, ring: () => void): Alarm {
  let cancel: (() => void) | undefined;

  function set(at: number | undefined): void {
    cancel?.();
    cancel = undefined;
    if (at === undefined) return;
    // Whoever is woken too early sets it again.
    const ms = Math.min(Math.max(at - now(), 0), longestWaitMs);
    cancel = setTimer(() => {
      cancel = undefined;
      if (now() < at) set(at);
      else ring();
    }, Math.ceil(ms));
  }

  return { set };
}
