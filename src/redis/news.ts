import type { Entry } from '../sharing/hub.ts';
import { isStamp } from '../sharing/stamp.ts';
import { bounds, sizeOf } from './bounds.ts';
import { format } from './format.ts';
import type { Batch } from './outbox.ts';

/** What has come over the channel. */
export type News = Readonly<
  | {
      kind: 'words';
      /** The number of the merge; of one that has changed nothing in Redis, none. */
      version: number | undefined;
      process: string;
      entries: readonly Entry[];
      tidings: readonly (readonly [topic: string, text: string])[];
      /** How many words and tidings of it were none. */
      faults: number;
    }
  /** Somebody is alive, and tells the version that Redis is at. */
  | { kind: 'beat'; version: number; process: string }
  | { kind: 'bye'; process: string }
  /** Of processes with another format. */
  | { kind: 'foreign' }
  | { kind: 'fault'; fault: 'is too long' | 'is none of ours' }
>;

/** What a beat or a goodbye tells. */
export function writeSign(process: string): string {
  return JSON.stringify({ f: format, p: process });
}

/** A batch as it is told. The time until which a word is needed is 0 where there is no end. */
export function writeNews(process: string, { words, tidings }: Batch): string {
  return JSON.stringify({
    f: format,
    p: process,
    w: words.map(({ key, stamp, until, value }) => [
      key.toWellFormed(),
      stamp,
      writeUntil(until),
      value.toWellFormed(),
    ]),
    t: tidings.map(([topic, text]) => [topic.toWellFormed(), text.toWellFormed()]),
  });
}

/** Reads a message: `w 17`, a line feed, and JSON. Whatever is no news is told as such. */
export function readNews(text: string, now: number): News {
  if (text.length > bounds.message) return { kind: 'fault', fault: 'is too long' };
  const none: News = { kind: 'fault', fault: 'is none of ours' };
  const [head, letter, digits] = /^([wtbx]) (\d{1,16})\n/.exec(text) ?? [];
  if (head === undefined) return none;
  const body = parse(text.slice(head.length));
  if (typeof body !== 'object' || body === null) return none;
  const { f, p: process, w, t } = body as Readonly<Record<string, unknown>>;
  if (typeof f === 'number' && f !== format) return { kind: 'foreign' };
  const version = Number(digits);
  if (f !== format || !isProcess(process) || !Number.isSafeInteger(version)) return none;
  if (letter === 'b') return { kind: 'beat', version, process };
  if (letter === 'x') return { kind: 'bye', process };
  if (!Array.isArray(w) || !Array.isArray(t)) return none;
  if (w.length > bounds.wordsOfBatch || t.length > bounds.topics) return none;
  const entries = w.flatMap((word) => readWord(word, now) ?? []);
  const tidings = t.flatMap((tiding): (readonly [string, string])[] => (isTiding(tiding) ? [tiding] : []));
  const faults = w.length - entries.length + t.length - tidings.length;
  return { kind: 'words', version: letter === 'w' ? version : undefined, process, entries, tidings, faults };
}

/** Whether this is what a process is called: `hostname:pid:1f2a3b4c`. */
export function isProcess(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.-]{1,255}:\d{1,10}:[\da-f]{8}$/.test(name);
}

/** A word as it is kept: `stamp|until|json`. */
export function readKept(key: string, text: string, now: number): Entry | undefined {
  const [head, stamp, until] = /^([^|]{1,40})\|(\d{1,16})\|/.exec(text) ?? [];
  if (head === undefined) return undefined;
  return readWord([key, stamp, Number(until), text.slice(head.length)], now);
}

function readWord(word: unknown, now: number): Entry | undefined {
  if (!Array.isArray(word) || word.length !== 4) return undefined;
  const [key, stamp, until, value] = word as readonly unknown[];
  if (typeof key !== 'string' || key === '' || key.length > bounds.keyLength) return undefined;
  if (typeof stamp !== 'string' || !isStamp(stamp, now)) return undefined;
  if (!Number.isSafeInteger(until) || (until as number) < 0) return undefined;
  if (typeof value !== 'string' || sizeOf(value) > bounds.value) return undefined;
  return { key, stamp, until: until === 0 ? Infinity : (until as number), value };
}

function isTiding(tiding: unknown): tiding is readonly [string, string] {
  if (!Array.isArray(tiding) || tiding.length !== 2) return false;
  const [topic, text] = tiding as readonly unknown[];
  if (typeof topic !== 'string' || typeof text !== 'string') return false;
  return topic.length <= bounds.keyLength && sizeOf(text) <= bounds.tiding;
}

function writeUntil(until: number): number {
  return Number.isFinite(until) ? Math.max(1, Math.trunc(until)) : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
