/** Keeps the sending-again of requests within a share of the recent traffic, so that an outage is not multiplied. */
export type RetryBudget = Readonly<{
  /** Counts a request that came in. */
  deposit(): void;
  /** Whether one more may be sent again now; counts it if so. */
  withdraw(): boolean;
}>;

const windowMs = 10_000;
const slotMs = 1_000;
const share = 0.2;
const burst = 10;

/**
 * A budget of 20 % of the requests of the last ten seconds, and of ten at least. `now` is a monotonic clock in milliseconds.
 * Kept in slots of a second, so that it costs no timer and no memory that grows.
 */
export function createRetryBudget(now: () => number): RetryBudget {
  const slots = Array.from({ length: windowMs / slotMs }, () => ({ second: -1, requests: 0, retries: 0 }));

  function slotOf(second: number): { second: number; requests: number; retries: number } {
    const slot = slots[second % slots.length]!;
    if (slot.second !== second) {
      slot.second = second;
      slot.requests = 0;
      slot.retries = 0;
    }
    return slot;
  }

  return {
    deposit() {
      slotOf(Math.floor(now() / slotMs)).requests += 1;
    },
    withdraw() {
      const second = Math.floor(now() / slotMs);
      let requests = 0;
      let retries = 0;
      for (const slot of slots) {
        if (slot.second <= second - slots.length) continue;
        requests += slot.requests;
        retries += slot.retries;
      }
      if (retries >= Math.max(burst, Math.floor(requests * share))) return false;
      slotOf(second).retries += 1;
      return true;
    },
  };
}
