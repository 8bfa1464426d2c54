import type { BalancerEvents } from '../../src/events.ts';
import type { Front } from './front.ts';
import { until } from './idle.ts';
import type { StoppedTime } from './time.ts';

/** What a balancer has told of its queue. */
export type QueueLog = Readonly<{
  events: BalancerEvents['queue'][];
  /** `what reason` of each event, in order. */
  lines(): readonly string[];
  /** How many waited at the last event. */
  waiting(): number;
  /** Resolves when so many wait. */
  untilWaiting(count: number): Promise<void>;
}>;

/** Listens to a front's queue from now on. */
export function watchQueue({ balancer }: Front): QueueLog {
  const events: BalancerEvents['queue'][] = [];
  const waiting = (): number => events.at(-1)?.waiting ?? 0;
  balancer.on('queue', (event) => events.push(event));
  return {
    events,
    lines: () => events.map(({ what, reason }) => `${what} ${reason}`),
    waiting,
    untilWaiting: (count) => until(() => waiting() === count),
  };
}

/** Lets a stopped time go by in small steps while everybody waits, until all are answered; tells how much it took. */
export async function passWhileWaiting(
  time: StoppedTime,
  queue: QueueLog,
  asked: readonly Promise<unknown>[],
): Promise<number> {
  let open = asked.length;
  for (const each of asked) void each.finally(() => (open -= 1));
  for (let passedMs = 0; ; passedMs += 10) {
    await until(() => open === 0 || queue.waiting() === open);
    if (open === 0) return passedMs;
    time.pass(10);
  }
}
