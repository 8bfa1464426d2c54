import { clockwork, clock } from '../clock.ts';
import type { Duration } from '../definition/definition.ts';
import { readDuration } from './read-options.ts';
import { settle } from './real-time.ts';

/** The clock of all balancers, at a standstill. */
export type StoppedClock = Readonly<{
  /** How much time was let go by since it was stopped, in milliseconds. */
  now(): number;
  /**
   * Lets so much time go by: seconds, or `'500ms'`, `'60s'`, `'2m'`. What has been set for a moment within it happens in its order,
   * and what that sends over sockets of this process has arrived before the next. Resolves when all is quiet.
   */
  pass(time: Duration): Promise<void>;
  /** Lets time go on from where it stands. Does nothing the second time. */
  resume(): void;
  /** As `resume`: for `using`. */
  [Symbol.dispose](): void;
}>;

let held: StoppedClock | undefined;

/** Lets time go on, if somebody has stopped it. */
export function resumeClock(): void {
  held?.resume();
}

/**
 * Stops the time that balancers go by: `retry`, `timeout`, `hcinterval`, `deadline`, slow starts, drains, the expiry of changes. It
 * goes on only by `pass`. Everything else has its own time: the app, the test runner, the HTTP client, sockets.
 *
 * It knows what happens in this process, not elsewhere. A member in another process, a database that the app asks or a timer
 * of the app takes real time: let some time pass, wait for what it causes (`until`, `member.nextRequest()`, the answer), then let
 * more pass. Nor does it stop what Node's sockets and servers count by themselves: `upgradeTimeout`, `server.requestTimeout`.
 *
 * Timers that run already are counted from the moment at which it is stopped. Throws if it is stopped already.
 */
export function stopClock(): StoppedClock {
  if (held)
    throw new Error(
      'stopClock: the clock is stopped already; call its resume() first, or tidyUp() after each test',
    );
  clockwork.stop();
  const stoppedAt = clock.now();
  let isPassing = false;
  let isOver = false;

  async function pass(time: Duration): Promise<void> {
    const ms = readDuration(time, 'clock.pass');
    if (isOver) throw new Error('clock.pass: the clock goes on already, since resume()');
    if (isPassing) throw new Error('clock.pass: time is passing already; await the call from before first');
    isPassing = true;
    try {
      await passTo(clock.now() + ms);
    } finally {
      isPassing = false;
    }
  }

  async function passTo(target: number): Promise<void> {
    // What is on its way now has been sent before.
    await settle();
    for (let timer = clockwork.next(target); timer && !isOver; timer = clockwork.next(target)) {
      if (timer.isLimit) {
        await settle(true);
        if (clockwork.next(target) !== timer) continue;
      }
      clockwork.setTo(timer.dueAt);
      timer.fire();
      await settle();
    }
    clockwork.setTo(target);
    await settle(true);
  }

  function resume(): void {
    if (isOver) return;
    isOver = true;
    held = undefined;
    clockwork.resume();
  }

  held = { now: () => clock.now() - stoppedAt, pass, resume, [Symbol.dispose]: resume };
  return held;
}
