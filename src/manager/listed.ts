import type { Balancer } from '../balancer.ts';
import { insideOf } from '../inside.ts';

/** A balancer in a manager. */
export type Listed = Readonly<{
  /** Its name, or `name~2` for the second of that name. */
  id: string;
  balancer: Balancer;
}>;

/**
 * Lists the balancers of a manager. Each keeps the id that it was given first, so that a link or a change that was stored
 * is never about another one.
 */
export function createLister(balancers: () => readonly Balancer[]): () => readonly Listed[] {
  const ids = new WeakMap<Balancer, string>();
  return () => {
    const all = balancers();
    const taken = new Set(all.map((balancer) => ids.get(balancer)));
    return all.map((balancer) => {
      const id = ids.get(balancer) ?? findFreeId(nameOf(balancer), taken);
      ids.set(balancer, id);
      taken.add(id);
      return { id, balancer };
    });
  };
}

function nameOf(balancer: Balancer): string {
  return insideOf(balancer).now().parts.settings.name;
}

function findFreeId(name: string, taken: ReadonlySet<string | undefined>): string {
  let id = name;
  for (let count = 2; taken.has(id); count += 1) id = `${name}~${count}`;
  return id;
}
