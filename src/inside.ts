import type { Balancer } from './balancer.ts';
import type { Works } from './works.ts';

const insides = new WeakMap<object, Works>();

/** Lets the manager and the metrics look into a balancer. */
export function showInside(balancer: object, works: Works): void {
  insides.set(balancer, works);
}

/**
 * What runs in a balancer.
 *
 * @throws {TypeError} for anything that `createBalancer` has not made.
 */
export function insideOf(balancer: Balancer): Works {
  const works = insides.get(balancer);
  if (!works) throw new TypeError('this is no balancer: write what createBalancer has returned');
  return works;
}
