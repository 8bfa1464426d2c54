/** What can be told to end. */
export type Stoppable = Readonly<{ stop(): void }>;

/** The requests and upgraded connections that are being served now. */
export type InFlight = Readonly<{
  add(work: Stoppable): void;
  remove(work: Stoppable): void;
  /** Resolves when nothing is being served; what is still there after `graceMs` is stopped. */
  settle(graceMs: number): Promise<void>;
}>;

/** Node takes anything longer for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Keeps an account of what is being served. */
export function createInFlight(): InFlight {
  const works = new Set<Stoppable>();
  let onSettled: (() => void)[] = [];
  return {
    add: (work) => works.add(work),
    remove(work) {
      works.delete(work);
      if (works.size > 0) return;
      const callbacks = onSettled;
      onSettled = [];
      for (const callback of callbacks) callback();
    },
    async settle(graceMs) {
      if (works.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      onSettled.push(() => {
        resolve(undefined);
      });
      const timer = setTimeout(
        () => {
          for (const work of [...works]) work.stop();
        },
        Math.min(graceMs, LONGEST_TIMER_MS),
      );
      await promise;
      clearTimeout(timer);
    },
  };
}
