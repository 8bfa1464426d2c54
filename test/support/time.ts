import { jest } from '@jest/globals';
import { clock, clockwork } from '../../src/clock.ts';

/** Time as the balancer sees it. */
export type StoppedTime = Readonly<{
  /** In milliseconds; goes on from where it was. */
  now(): number;
  /**
   * Lets so many milliseconds go by, and everything run out that does within them. At once: what is under way stays so,
   * unlike with the `pass` of `stopClock`.
   */
  pass(ms: number): void;
}>;

/**
 * Stops the clock and the timers that balancers go by, until `tidyUp`; everything else goes on.
 * So a pause of the machine lets nothing run out that a test does not want to.
 */
export function stopTime(): StoppedTime {
  clockwork.stop();
  return {
    now: clock.now,
    pass(ms) {
      const target = clock.now() + ms;
      for (let timer = clockwork.next(target); timer !== undefined; timer = clockwork.next(target)) {
        clockwork.setTo(timer.dueAt);
        timer.fire();
      }
      clockwork.setTo(target);
    },
  };
}

/** Stops the timers of this whole process, sockets' own aside: for what is no balancer. Until `tidyUp`. */
export function stopProcessTime(): StoppedTime {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
  });
  return {
    now: () => performance.now(),
    pass(ms) {
      jest.advanceTimersByTime(ms);
    },
  };
}

const drawZero = (): number => 0;

/** Has chance be always 0, until `tidyUp`: what is spread over a time comes as early as it can. */
export function drawZeros(): void {
  clockwork.drawFrom(drawZero);
}

/** Lets time and chance be as they are, where they were not. */
export function resumeTime(): void {
  clockwork.stopDrawingFrom(drawZero);
  clockwork.resume();
}
