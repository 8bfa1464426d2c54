import type { Entry } from '../sharing/hub.ts';
import type { Stamp } from '../sharing/stamp.ts';
import { bounds } from './bounds.ts';
import { readTexts } from './lane.ts';
import { readKept } from './news.ts';

/** Everything that is kept, read page by page. */
export type Reading = Readonly<{
  /** Where the next page begins; undefined after the last. */
  cursor(): string | undefined;
  /** A page has come. `faults`: how many of its words were none. */
  take(values: readonly unknown[], now: number): Readonly<{ entries: readonly Entry[]; faults: number }>;
  /** What Redis was at when the first page was read. */
  version(): number;
  /** What Redis has not, or has an older word of. */
  missing(known: Iterable<Entry>): readonly Entry[];
}>;

/** Of the longest words 1.6 MB: neither Redis nor this process stands still for long. */
export const wordsOfPage = 100;

/** A page has at least one word, nearly always; Redis cannot make it go on for ever. */
const mostPages = bounds.words;

export function createReading(): Reading {
  const stamps = new Map<string, Stamp>();
  let cursor: string | undefined = '0';
  let version = 0;
  let pages = 0;

  return {
    cursor: () => cursor,
    take([at, next, dropped, words], now) {
      if (pages === 0) version = Number(at);
      pages += 1;
      const texts = readTexts(words);
      const entries: Entry[] = [];
      let faults = Number(dropped);
      for (let i = 0; i + 1 < texts.length; i += 2) {
        const entry = readKept(texts[i]!, texts[i + 1]!, now);
        if (entry === undefined) faults += 1;
        else if (stamps.size < bounds.words || stamps.has(entry.key)) {
          stamps.set(entry.key, entry.stamp);
          entries.push(entry);
        }
      }
      const isOver = next === '0' || typeof next !== 'string' || pages >= mostPages;
      cursor = isOver ? undefined : next;
      return { entries, faults };
    },
    version: () => version,
    missing: (known) =>
      [...known].filter(({ key, stamp }) => {
        const there = stamps.get(key);
        return there === undefined || there < stamp;
      }),
  };
}
