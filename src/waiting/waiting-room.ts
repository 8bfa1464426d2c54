/** A request that waits. */
export type Waiter = Readonly<{
  /** When one of a kind stays, so would the others; undefined: it is of no kind, and always asked. */
  kind(): string | undefined;
  /** Something has happened. Returns whether it waits no more. */
  retry(): boolean;
  /** It waits for a member that is up, and not for a place. */
  awaitsMember(): boolean;
}>;

/** Where requests wait that no member can serve now: first come, first served. */
export type WaitingRoom = Readonly<{
  /** How many wait. */
  size(): number;
  /** Whether anybody waits for a member that is up. */
  isMemberAwaited(): boolean;
  /** False: the room is full. */
  enter(waiter: Waiter, most: number): boolean;
  leave(waiter: Waiter): void;
  /** Something has happened to a member: asks those who wait, in order, as soon as that is over. */
  wake(): void;
  /** A request comes in: whoever is still to be asked is asked before it. */
  letPass(): void;
}>;

/** Creates the waiting room of one balancer. `changed`: somebody waits, or nobody does any more. */
export function createWaitingRoom(changed: (isEmpty: boolean) => void): WaitingRoom {
  const waiters = new Set<Waiter>();
  let isWaking = false;

  function remove(waiter: Waiter): void {
    if (waiters.delete(waiter) && waiters.size === 0) changed(true);
  }

  function askAll(): void {
    if (!isWaking) return;
    isWaking = false;
    const staying = new Set<string>();
    // A copy: one that is served may fail at once, and come back to the end.
    for (const waiter of [...waiters]) {
      const kind = waiter.kind();
      if (!waiters.has(waiter) || (kind !== undefined && staying.has(kind))) continue;
      if (waiter.retry()) remove(waiter);
      else if (kind !== undefined) staying.add(kind);
    }
  }

  return {
    size: () => waiters.size,
    isMemberAwaited: () => [...waiters].some((waiter) => waiter.awaitsMember()),
    enter(waiter, most) {
      if (waiters.size >= most) return false;
      waiters.add(waiter);
      if (waiters.size === 1) changed(false);
      return true;
    },
    leave: remove,
    wake() {
      if (isWaking || waiters.size === 0) return;
      isWaking = true;
      queueMicrotask(askAll);
    },
    letPass: askAll,
  };
}
