import type { Balancer } from '../balancer.ts';
import type { Listed } from '../manager/listed.ts';

/** Listens whether members come and go. Holds no balancer that nobody else has. */
export type Watch = Readonly<{
  /** Returns those that were not there before. */
  follow(listed: readonly Listed[]): readonly Listed[];
  close(): void;
}>;

export function createWatch(news: () => void): Watch {
  const watched = new Map<string, WeakRef<Balancer>>();

  function leave(id: string): void {
    watched.get(id)?.deref()?.off('members', news);
    watched.delete(id);
  }

  return {
    follow(listed) {
      const there = new Set(listed.map(({ id }) => id));
      for (const id of [...watched.keys()]) if (!there.has(id)) leave(id);
      const added = listed.filter(({ id, balancer }) => watched.get(id)?.deref() !== balancer);
      for (const { id, balancer } of added) {
        leave(id);
        watched.set(id, new WeakRef(balancer));
        balancer.on('members', news);
      }
      return added;
    },
    close() {
      for (const id of [...watched.keys()]) leave(id);
    },
  };
}
