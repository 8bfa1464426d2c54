import type { Entry } from '../sharing/hub.ts';
import { bounds, sizeOf } from './bounds.ts';

/** What goes out in one message. */
export type Batch = Readonly<{
  words: readonly Entry[];
  tidings: readonly (readonly [topic: string, text: string])[];
}>;

/** What waits to be sent: of several words on one thing the last, of several tidings on one topic the last. */
export type Outbox = Readonly<{
  isEmpty(): boolean;
  put(entry: Entry): void;
  tell(topic: string, text: string): void;
  /** The next batch, which waits no more. */
  take(): Batch;
  /** Whether words were left out since this was asked last: there were too many. */
  hasOverflowed(): boolean;
  clear(): void;
}>;

export function createOutbox(): Outbox {
  const words = new Map<string, Entry>();
  const tidings = new Map<string, string>();
  let size = 0;
  let isOver = false;

  function remove(entry: Entry): void {
    words.delete(entry.key);
    size -= weigh(entry);
  }

  return {
    isEmpty: () => words.size === 0 && tidings.size === 0,
    put(entry) {
      const before = words.get(entry.key);
      if (before && before.stamp >= entry.stamp) return;
      if (!isSendable(entry)) return;
      if (before) remove(before);
      words.set(entry.key, entry);
      size += weigh(entry);
      for (const [, oldest] of words) {
        if (words.size <= bounds.words && size <= bounds.pending) break;
        remove(oldest);
        isOver = true;
      }
    },
    tell(topic, text) {
      if (topic.length > bounds.keyLength || sizeOf(text) > bounds.tiding) return;
      if (tidings.size < bounds.topics || tidings.has(topic)) tidings.set(topic, text);
    },
    take() {
      const batch: { words: Entry[]; tidings: [string, string][] } = { words: [], tidings: [] };
      let room: number = bounds.batch;
      for (const [topic, text] of tidings) {
        room -= sizeOf(topic) + sizeOf(text);
        if (room < 0 && batch.tidings.length > 0) break;
        batch.tidings.push([topic, text]);
        tidings.delete(topic);
      }
      for (const [, entry] of words) {
        room -= weigh(entry);
        if (batch.words.length >= bounds.wordsOfBatch) break;
        if (room < 0 && batch.words.length + batch.tidings.length > 0) break;
        batch.words.push(entry);
        remove(entry);
      }
      return batch;
    },
    hasOverflowed() {
      const was = isOver;
      isOver = false;
      return was;
    },
    clear() {
      words.clear();
      tidings.clear();
      size = 0;
      isOver = false;
    },
  };
}

/** What nobody would take is not sent. */
function isSendable({ key, value }: Entry): boolean {
  return key.length <= bounds.keyLength && sizeOf(value) <= bounds.value;
}

// With the punctuation around it, and the stamp.
function weigh({ key, value }: Entry): number {
  return sizeOf(key) + sizeOf(value) + 60;
}
