import { bounds } from './bounds.ts';

/** Which leases this process wants, and which it has. Times of one clock, in ms. */
export type Leases = Readonly<{
  want(lease: string): void;
  release(lease: string): void;
  wanted(): readonly string[];
  /** Those that Redis is still to be told of. */
  givenBack(): readonly string[];
  /** A beat was answered. `until`: when Redis may give them to another process, if it is not asked again. */
  confirm(wanted: readonly string[], held: readonly boolean[], back: readonly string[], until: number): void;
  has(lease: string, now: number): boolean;
  /** Whether another process has one of those that are wanted. */
  isWaiting(): boolean;
  /** Nothing is shared any more. */
  drop(): void;
}>;

export function createLeases(): Leases {
  const all = new Set<string>();
  const back = new Set<string>();
  const held = new Map<string, number>();

  return {
    want(lease) {
      back.delete(lease);
      if (all.size < bounds.leases) all.add(lease);
    },
    release(lease) {
      if (!all.delete(lease)) return;
      held.delete(lease);
      back.add(lease);
    },
    wanted: () => [...all],
    givenBack: () => [...back],
    confirm(wanted, isHeld, returned, until) {
      for (const lease of returned) back.delete(lease);
      wanted.forEach((lease, i) => {
        // It may have been given back meanwhile.
        if (isHeld[i] && all.has(lease)) held.set(lease, until);
        else held.delete(lease);
      });
    },
    has: (lease, now) => (held.get(lease) ?? -Infinity) > now,
    isWaiting: () => held.size < all.size,
    drop() {
      held.clear();
    },
  };
}
