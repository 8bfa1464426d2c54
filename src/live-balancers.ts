import type { Balancer } from './balancer.ts';

/** In order of creation; weakly, so that one that nobody has any more can go. */
const references = new Set<WeakRef<Balancer>>();

const listeners = new Set<() => void>();

const closed = new WeakSet<Balancer>();
const closeListeners = new Set<() => void>();

/** Every balancer of this process that is not closed, in order of creation. */
export function liveBalancers(): readonly Balancer[] {
  return [...references].flatMap((reference) => {
    const balancer = reference.deref();
    if (!balancer) references.delete(reference);
    return balancer ?? [];
  });
}

/** Lists a balancer that was created. Returns how to take it off the list. */
export function listBalancer(balancer: Balancer): () => void {
  const reference = new WeakRef(balancer);
  references.add(reference);
  // Nobody may ever ask for the list.
  collected.register(balancer, reference, reference);
  for (const listener of [...listeners]) listener();
  return () => {
    collected.unregister(reference);
    references.delete(reference);
  };
}

/** Is called when a further balancer is there. Returns how to call it off. */
export function onBalancerListed(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Notes that nothing of a balancer runs any more. It was taken off the list when its end began. */
export function noteClosed(balancer: Balancer): void {
  closed.add(balancer);
  for (const listener of [...closeListeners]) listener();
}

/** Whether a balancer is closed, to the last request that was in flight. */
export function isClosed(balancer: Balancer): boolean {
  return closed.has(balancer);
}

/** Is called when a balancer is closed. Returns how to call it off. */
export function onBalancerClosed(listener: () => void): () => void {
  closeListeners.add(listener);
  return () => {
    closeListeners.delete(listener);
  };
}

const collected = new FinalizationRegistry<WeakRef<Balancer>>((reference) => {
  references.delete(reference);
});
