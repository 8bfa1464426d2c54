import { bounds } from './bounds.ts';
import { isProcess } from './news.ts';

/** The other processes that share. Times of one clock, in ms. */
export type Others = Readonly<{
  names(): readonly string[];
  heard(process: string, now: number): void;
  /** Redis tells who is alive, asked at a time. Returns who has left. */
  update(alive: readonly string[], askedAt: number): readonly string[];
  /** It has said so itself; whether it was there. */
  remove(process: string): boolean;
}>;

export function createOthers(own: string): Others {
  const heardAt = new Map<string, number>();

  return {
    names: () => [...heardAt.keys()],
    heard(process, now) {
      if (process === own) return;
      if (heardAt.size < bounds.processes || heardAt.has(process)) heardAt.set(process, now);
    },
    update(alive, askedAt) {
      const names = new Set(alive.filter((name) => isProcess(name) && name !== own));
      // Who was heard since may have come since.
      const left = [...heardAt]
        .filter(([name, at]) => !names.has(name) && at < askedAt)
        .map(([name]) => name);
      for (const name of left) heardAt.delete(name);
      for (const name of names) if (!heardAt.has(name)) heardAt.set(name, -Infinity);
      return left;
    },
    remove: (process) => heardAt.delete(process),
  };
}
