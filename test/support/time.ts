import { jest } from '@jest/globals';

/** Time as the balancer sees it. */
export type StoppedTime = Readonly<{
  /** Lets so many milliseconds go by, and everything run out that does within them. */
  pass(ms: number): void;
}>;

/**
 * Stops the clock and the timers that the balancer goes by, until `tidyUp`; sockets, and Node's own timers of them, go on.
 * So a pause of the machine lets nothing run out that a test does not want to.
 */
export function stopTime(): StoppedTime {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
  });
  return {
    pass: (ms) => {
      jest.advanceTimersByTime(ms);
    },
  };
}
