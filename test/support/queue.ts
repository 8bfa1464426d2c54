import type { BalancerEvents } from '../../src/events.ts';
import type { Front } from './front.ts';
import { until } from './idle.ts';

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
