import { longestMs } from './definition/duration.ts';

/** What can be told to end. */
export type Stoppable = Readonly<{ stop(): void }>;

/** The requests and upgraded connections that are being served now. */
export type InFlight = Readonly<{
  add(work: Stoppable): void;
  remove(work: Stoppable): void;
  /** Resolves when nothing is being served; what is still there after `graceMs` is stopped. */
  settle(graceMs: number): Promise<void>;
}>;

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
          // Each by itself: what the app does about one must not keep the others.
          for (const work of works)
            queueMicrotask(() => {
              work.stop();
            });
        },
        Math.min(graceMs, longestMs),
      );
      await promise;
      clearTimeout(timer);
    },
  };
}
