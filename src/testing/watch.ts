import type { Balancer } from '../balancer.ts';
import type { BalancerEventName, BalancerEvents } from '../events.ts';
import { complain } from './complain.ts';
import { lookUntil, type Patience } from './until.ts';

/** What a balancer has told of since it is watched. */
export type Watch<Told> = Readonly<{
  /** All of them, in order. */
  events: readonly Told[];
  /** Resolves with the next one that no call has given yet. Rejects with an AssertionError after `within` (4 s) of real time. */
  next(patience?: Patience): Promise<Told>;
  /** Watches no more. */
  stop(): void;
  /** As `stop`: for `using`. */
  [Symbol.dispose](): void;
}>;

/**
 * Writes down what a balancer tells of: `watch(balancer, 'state')`, `'request'`, `'failover'` … A client may have its answer
 * before the balancer tells of the request: `await watched.next()` waits for it.
 */
export function watch<Event extends BalancerEventName, Name extends string>(
  balancer: Balancer<Name>,
  event: Event,
): Watch<BalancerEvents<Name>[Event]> {
  const events: BalancerEvents<Name>[Event][] = [];
  let given = 0;
  const stop = balancer.on(event, (told) => {
    events.push(told);
  });
  const next = async (patience: Patience = {}): Promise<BalancerEvents<Name>[Event]> => {
    const told = await lookUntil(
      () => events[given],
      (seconds) => {
        const message = `the balancer has told of no further '${event}' within ${seconds} s (${events.length} before)`;
        return complain({ message }, next);
      },
      patience,
    );
    given += 1;
    return told;
  };
  return { events, next, stop, [Symbol.dispose]: stop };
}
