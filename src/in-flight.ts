import { clock } from './clock.ts';
import { longestMs } from './definition/duration.ts';
import type { MemberView } from './member/member.ts';
import type { Tunnel } from './tunnel/tunnel.ts';

/** A request, or a connection that was upgraded, while it is served. */
export type Served = {
  /** Ends it now. */
  readonly stop: () => void;
  /** The balancer ends: this is the last request that its client's connection is for. */
  readonly beLast: () => void;
  /** What its connection has become when it was switched. */
  readonly tunnel: Tunnel | undefined;
  /** Who serves it, or was tried last. */
  readonly member: MemberView | undefined;
  /** Where the account keeps it; nobody else's business. */
  place: number;
};

/** The requests and upgraded connections that are being served now. */
export type InFlight = Readonly<{
  add(work: Served): void;
  remove(work: Served): void;
  /** As it is now: it changes. */
  list(): readonly Served[];
  /** Resolves when nothing is being served; what is still there after `graceMs` is stopped. */
  settle(graceMs: number): Promise<void>;
}>;

/** Keeps an account of what is being served. */
export function createInFlight(): InFlight {
  // Not a Set: V8 links each table that it outgrows to the next one, and with the old ones all that they held lived on for
  // minutes; it was a fifth of a request's CPU.
  const works: Served[] = [];
  let onSettled: (() => void)[] = [];
  return {
    add(work) {
      if (works[work.place] === work) return;
      work.place = works.push(work) - 1;
    },
    remove(work) {
      if (works[work.place] !== work) return;
      const last = works.pop()!;
      if (last !== work) {
        works[work.place] = last;
        last.place = work.place;
      }
      if (works.length > 0) return;
      const callbacks = onSettled;
      onSettled = [];
      for (const callback of callbacks) callback();
    },
    list: () => works,
    async settle(graceMs) {
      if (works.length === 0) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      onSettled.push(() => {
        resolve(undefined);
      });
      const timer = clock.setLimit(
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
      clock.clear(timer);
    },
  };
}
